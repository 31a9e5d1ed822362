"""A sheet of paper for each branch."""
