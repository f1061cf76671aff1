"""The hot ring: what hooks and the status line run. Standard library only, nothing slow to import."""
