"""Publications and releases: built, compared, explained, verified, withdrawn."""
