"""A hook or status line that writes down its input and environment, and answers with what a file holds.

Run as `python -I -S recorder.py FOLDER [REPLY_FILE]`; each call leaves one JSON file in FOLDER.
"""

import json
import os
import sys
import time

folder, *reply_file = sys.argv[1:]
payload = json.loads(sys.stdin.buffer.read())
try:
    transcript_bytes = os.path.getsize(payload.get("transcript_path", ""))
except OSError:
    transcript_bytes = 0
record = {
    "at": time.time(),
    "payload": payload,
    "environment": dict(os.environ),
    "transcript_bytes": transcript_bytes,
}
path = os.path.join(folder, f"{time.time_ns()}-{os.getpid()}.json")
with open(path + ".part", "w", encoding="utf-8") as file:
    json.dump(record, file)
# The client ends status lines that are overtaken, so a record appears whole or not at all.
os.replace(path + ".part", path)
if reply_file:
    with open(reply_file[0], encoding="utf-8") as file:
        sys.stdout.buffer.write(file.read().encode())
