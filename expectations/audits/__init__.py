"""SQL that selects wrong rows of built tables; any row holds the publication."""
