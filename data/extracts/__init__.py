"""Any file an insurer may deliver becomes Arrow batches: its own columns and `_line`."""
