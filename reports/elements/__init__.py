"""Tables and sentences that several outputs share."""
