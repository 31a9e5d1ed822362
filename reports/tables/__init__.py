"""What is read from the published tables; nothing else opens them."""
