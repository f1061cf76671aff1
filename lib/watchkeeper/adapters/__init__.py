"""The outside: one folder per port with one file per adapter, and the one door through which programs are run."""
