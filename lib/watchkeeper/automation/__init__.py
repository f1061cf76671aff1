"""Sessions that start by themselves: booked, checked when their time has come, launched once."""
