"""What tests share: guards, a made-up user, a settable clock, real child processes, the source tree as data."""
