"""The exercise of lecture 07 on the causal mask."""

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.attention import causal_mask

MISTAKES = """
    each step reads itself and the steps after it
        .tril() -> .triu()
    Rows are queries and columns are keys: in row t the first t + 1 places are true.

    true marks what must not be read
        return -> return ~
    Here true means that a step may be read. (Some libraries mean the opposite: always look it up.)

    a step does not read itself
        .tril() -> .tril(-1)
    A step may read the present, too; otherwise the first step could read nothing at all.

    a step reads the next one as well
        .tril() -> .tril(1)
    The next step is already the future: the last true place in a row is on the diagonal.

    each step reads only itself
        torch.ones(steps, steps, dtype=torch.bool).tril() -> torch.eye(steps, dtype=torch.bool)
    The steps before it may be read as well: everything below the diagonal is true.

    every step reads all steps
        .tril() ->
    Above the diagonal is the future: it must be false.

    the mask holds what is to be added to the scores
        torch.ones(steps, steps, dtype=torch.bool).tril() -> torch.full((steps, steps), -torch.inf).triu(1)
    Numbers to add, 0 and minus infinity, are made from a mask later. The mask itself says who may read whom,
    with true and false.

    each row is divided by its sum
        dtype=torch.bool -> dtype=torch.double
        .tril() -> .tril() / torch.arange(1, steps + 1)[:, None]
    A mask holds no weights, only true and false: the softmax will do the dividing.
"""

EXERCISE = Exercise(
    reference=causal_mask,
    cases={
        "a few steps": lambda generator: (draw.whole(generator, 4, 9),),
        "many steps": lambda generator: (draw.whole(generator, 20, 60),),
        "a single step": lambda _generator: (1,),
    },
    mistakes=mistakes(causal_mask, MISTAKES),
    hints=(
        "Write the mask for three steps by hand: row 0 may read step 0, row 1 the steps 0 and 1, and row 2?",
        "The true values form a triangle, on and below the diagonal. `torch.tril` cuts it out of a matrix; "
        "comparing the numbers of the steps with `<=` works as well.",
        "`torch.ones(steps, steps, dtype=torch.bool).tril()`",
    ),
    points=2,
    difficulty=1,
    minutes=5,
)
