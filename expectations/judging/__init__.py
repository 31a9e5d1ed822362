"""A batch of rows becomes a verdict: accepted, quarantined with reasons, or refused."""
