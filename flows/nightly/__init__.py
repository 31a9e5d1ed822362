"""The nightly run, as a table of contents, and what stands around it."""
