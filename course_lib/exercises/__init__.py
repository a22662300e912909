"""Exercises that say what is right and what exactly is wrong, predictions, and the learner's progress."""

from course_lib.exercises import start_over
from course_lib.exercises.catalogue import EXERCISES
from course_lib.exercises.check import check
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.exercises.predict import predict
from course_lib.exercises.progress import progress

__all__ = ["EXERCISES", "Exercise", "Mistake", "check", "predict", "progress"]

start_over.register()
