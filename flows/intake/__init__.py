"""From files in landing to rows in the lake."""
