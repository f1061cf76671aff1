"""Notices on the desktop."""
