"""What changed between two publications, and which input changed it."""
