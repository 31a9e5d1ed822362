"""The linter of workbooks, CSV and releases: numbered rules for files that a regulator opens."""
