"""Programs that the operating system starts at a given time."""
