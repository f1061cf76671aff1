"""Windows that a program is opened in."""
