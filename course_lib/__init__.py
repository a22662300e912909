"""Sequence models by hand: the library behind the lectures."""
