"""Schedule, deployment, status and housekeeping of a store."""
