"""Which variables a booking keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.automation.captured import captured, is_secret

SECRETS = {
    "ANTHROPIC_API_KEY": "sk-ant-api03-abcdefghijklmnop",
    "ANTHROPIC_AUTH_TOKEN": "abcdef",
    "CLAUDE_CODE_OAUTH_TOKEN": "made-up",
    "AWS_SECRET_ACCESS_KEY": "/wJalrXUtnFEMI/K7MDENG/bPxRfiCY",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "GITHUB_TOKEN": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "NPM_AUTH": "dXNlcjpwYXNz",
    "DB_PASSWORD": "hunter2",
    "DB_PWD": "hunter2",
    "DB_PASS": "hunter2",
    "SSHPASS": "hunter2",
    "DATABASE_URL": "postgres://ada:hunter22@db/app",
    "HTTPS_PROXY": "http://ada:hunter22@proxy:3128",
    "SENTRY_DSN": "https://abc@sentry.io/1",
    "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer abcdefghijklmnop",
    "GOOGLE_CREDENTIALS": '{"private_key": "x"}',
    "SOMETHING": "xoxb-123456789012-abcdefghijkl",
    "CRYPTIC": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "RANDOM": "a8Kd92LmQ0xZ7vB3nT5yU1wE6rP4",
    "SESSION_COOKIE": "abcdef",
    "SIGNING_KEY": "abcdef",
    "SLACK_WEBHOOK_SECRET": "abcdef",
}
KEPT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
    "HOME": "/home/ada",
    "LANG": "de_DE.UTF-8",
    "LC_TIME": "C",
    "EDITOR": "vi -u NONE",
    "DISPLAY": ":0",
    "WAYLAND_DISPLAY": "wayland-0",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus",
    "XDG_RUNTIME_DIR": "/run/user/1000",
    "SSH_AUTH_SOCK": "/tmp/ssh-Xa81kDl/agent.1234",
    "XAUTHORITY": "/home/ada/.Xauthority",
    "TMUX": "/tmp/tmux-1000/default,3021,0",
    "CLAUDE_CONFIG_DIR": "/home/ada/.claude-work",
    "CLAUDE_CODE_USE_BEDROCK": "1",
    "AWS_PROFILE": "work",
    "AWS_REGION": "eu-central-1",
    "ANTHROPIC_MODEL": "claude-sonnet-5-5",
    "ANTHROPIC_BASE_URL": "https://gateway.example.org",
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "32000",
    "HTTPS_PROXY": "http://proxy:3128",
    "NODE_EXTRA_CA_CERTS": "/etc/ssl/ca.pem",
    "GOOGLE_APPLICATION_CREDENTIALS": "/home/ada/key.json",
    "XKB_DEFAULT_LAYOUT": "de",
    "KEYBOARD": "de",
    "DISABLE_TELEMETRY": "1",
    "VIRTUAL_ENV": "/home/ada/.virtualenvs/a-rather-long-name-of-an-environment",
    "COMPANY": "Ada's Analytical Engines and Sons",
}
OF_THE_MOMENT = {
    "CLAUDECODE": "1",
    "CLAUDE_CODE_SESSION_ID": "95847ad0",
    "CLAUDE_CODE_SESSION_ATTENDED": "1",
    "CLAUDE_CODE_ENTRYPOINT": "cli",
    "CLAUDE_CODE_CHILD_SESSION": "1",
    "CLAUDE_CODE_MESSAGING_TOKEN": "abc",
    "CLAUDE_PROJECT_DIR": "/home/ada/app",
    "CLAUDE_PID": "77",
    "WATCHKEEPER_HANDOFF": "handoff-1",
    "COLUMNS": "80",
    "PWD": "/home/ada",
    "SHLVL": "2",
    "_": "/usr/bin/env",
}


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_left_out(name: str) -> None:
    """By their name, by the shape of their value, or because the value is random; their names are told."""
    assert ({}, [name]) == captured({name: SECRETS[name]})


@pytest.mark.parametrize("name", KEPT)
def test_what_a_session_needs_is_kept(name: str) -> None:
    """Paths, locale, desktop, and settings of the client and its tools."""
    assert ({name: KEPT[name]}, []) == captured({name: KEPT[name]})


@pytest.mark.parametrize("name", OF_THE_MOMENT)
def test_what_belongs_to_the_moment_is_not_kept(name: str) -> None:
    """A session that starts by itself is not the one that booked it."""
    assert ({}, []) == captured({name: OF_THE_MOMENT[name]})


def test_names_that_no_program_could_be_given_are_passed_over() -> None:
    """Bash exports functions under such names."""
    assert ({}, []) == captured({"BASH_FUNC_x%%": "() { :; }", "": "x", "A=B": "x", "NUL": "a\0b"})


@given(st.text(alphabet="abcdefABCDEF0123456789", min_size=24, max_size=80))
def test_a_hash_is_never_kept(value: str) -> None:
    """A long word of hexadecimal digits may be a key."""
    assert is_secret("WHATEVER", value) or not any(map(str.isdigit, value))
