"""What the next session has to know: handoffs, project memory, and what of them a session is given at its start."""
