"""Having a program run whenever the user is logged in: one file per system."""
