"""The published tables as CSV."""
