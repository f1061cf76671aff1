"""What is left of the five-hour and weekly limits, beyond what a hook needs to know."""
