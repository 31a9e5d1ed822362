"""What people write in TOML files, as typed models: contract, profile, policy and so on."""
