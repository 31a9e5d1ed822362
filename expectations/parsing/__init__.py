"""The text of a cell becomes a typed value, or the reason why it cannot."""
