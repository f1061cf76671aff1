"""What a person writes: the settings file, compiled for the hot ring, and times on a command line."""
