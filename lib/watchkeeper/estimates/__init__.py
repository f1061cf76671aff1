"""Estimates of the tokens that work takes: a prior, what was learned from the user's own work, and plans."""
