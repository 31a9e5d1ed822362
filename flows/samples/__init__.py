"""The sample company's demo, and public data sets."""
