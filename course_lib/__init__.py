"""Sequence models by hand: the library behind the lectures."""

from course_lib import moved

moved.install()
