"""What people write, as typed models: contract, profile, policy, composite, correction, operations, return layout."""
