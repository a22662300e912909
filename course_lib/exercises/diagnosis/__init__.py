"""Why an answer is wrong: the listed mistake that gives its results, else one that is found."""

from course_lib.exercises.diagnosis.search import diagnosis

__all__ = ["diagnosis"]
