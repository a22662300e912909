"""What the lectures build: one module a family of models."""
