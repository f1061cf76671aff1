"""The session queue, what fits when, and the calendar."""
