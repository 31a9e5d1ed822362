"""AT REST: contracts, extracts, the store and its manifests. Imports nothing of ours."""
