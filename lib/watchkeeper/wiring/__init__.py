"""What the installer changes on the user's machine. Standard library only: install.py runs it on a bare Python."""
