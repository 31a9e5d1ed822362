"""What a run took, what went wrong, and who hears of it."""
