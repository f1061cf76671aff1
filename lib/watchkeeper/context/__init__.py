"""The context window: what fills it, what can be freed without loss, and what must survive a compaction."""
