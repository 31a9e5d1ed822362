"""What is measured by hand, not tested: time and memory of runs, and runs that are killed."""
