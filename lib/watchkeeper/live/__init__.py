"""`watchkeeper watch`: the figures as they change, on a screen of their own or as one line per change."""
