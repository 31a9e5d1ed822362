"""Branches and agents side by side: peers, ranks, composites, recognition."""
