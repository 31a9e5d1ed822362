"""All that knows Prefect's API."""
