"""What the status commands show: readings of the ledger put together into views, every figure with source and age.

A view is a plain dict: `at` and `*_at` are epoch seconds, `*_s` seconds, `*_pct` percent of 100, None is unknown.
"""
