"""The machine: memory, temperature, load, power, and what they mean."""
