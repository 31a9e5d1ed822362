"""Tables in a regulator's own columns, and the counts that must stay hidden in them."""
