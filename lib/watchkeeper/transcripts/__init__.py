"""Session files of Claude Code: finding them, reading them, and what they say was used."""
