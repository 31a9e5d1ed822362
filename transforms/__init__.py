"""IN MOTION: models, the engine that runs them, statistics and league tables."""
