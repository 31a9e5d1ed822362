"""Numbers, words and typefaces; no publication in sight."""
