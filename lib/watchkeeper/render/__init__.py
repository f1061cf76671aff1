"""Laying a view out for a person: Jinja templates, bars, colours, times in the user's zone; or JSON for a program."""
