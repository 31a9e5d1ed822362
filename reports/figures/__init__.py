"""Charts, as matplotlib figures and small SVG."""
