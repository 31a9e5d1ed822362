"""What a run leaves behind: publications, the lake, locks, manifests, run history."""
