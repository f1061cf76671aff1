"""Watchkeeper: a watch over Claude Code sessions, their quota, context and machine."""

__version__ = "0.1.0"
