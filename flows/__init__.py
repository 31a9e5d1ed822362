"""WHEN: the nightly flow, its steps, its schedule and the command line."""
