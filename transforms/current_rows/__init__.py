"""Which version of each row stands, as known on a day."""
