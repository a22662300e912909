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

    the steps are compared without a new axis
        torch.ones(steps, steps, dtype=torch.bool).tril() -> torch.arange(steps) <= torch.arange(steps)
    Two rows compare each step with itself. For all pairs one of the two must be a column, with `[:, None]`.

    the triangle is cut out of a vector
        torch.ones(steps, steps, dtype=torch.bool) -> torch.ones(steps, dtype=torch.bool)
    The error says that a triangle needs two axes: start from a matrix of queries by keys.

    the triangle is cut out of a number
        torch.ones(steps, steps, dtype=torch.bool).tril() -> torch.tril(steps)
    The error says that `torch.tril` takes a tensor: make a matrix first.

    `~` is applied to numbers
        torch.ones(steps, steps, dtype=torch.bool).tril() -> ~torch.ones(steps, steps).triu(1)
    The error says that `~` turns booleans around, and `torch.ones` makes numbers: give it a dtype.

    a mask of booleans is subtracted from 1
        torch.ones(steps, steps, dtype=torch.bool).tril() -> 1 - torch.ones(steps, steps, dtype=bool).triu(1)
    The error says that booleans can't be subtracted: `~` turns a mask around.

    minus infinity is multiplied by a mask
        torch.ones(steps, steps, dtype=torch.bool).tril() -> torch.ones(steps, steps).triu(1) * -torch.inf
    Zero times infinity is NaN. And no numbers to add are wanted: the mask says true and false.

    the first step reads nothing
        .tril() -> .tril() & (torch.arange(steps) > 0)[:, None]
    Does a loop begin at 1? Row 0 has a true place as well: its own.

    the last step reads nothing
        .tril() -> .tril() & (torch.arange(steps) < steps - 1)[:, None]
    Does a loop end one step too early? The last step reads all.

    each step reads only itself and the one before it
        .tril() -> .tril().triu(-1)
    All steps before it may be read, back to the first.

    the rows are in reverse
        .tril() -> .tril().flip(0)
    The first row belongs to the first step, which reads itself only.

    the mask has an axis for the batch in front
        .tril() -> .tril()[None]
    One mask serves all sequences: its shape is (steps, steps), and broadcasting does the rest.

    the mask has axes for batch and heads in front
        .tril() -> .tril().view(1, 1, steps, steps)
    Much code stores it so. Here its shape is (steps, steps), and broadcasting does the rest.

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
        "two steps": lambda _generator: (2,),
        "a few steps": lambda generator: (draw.whole(generator, 4, 9),),
        "many steps": lambda generator: (draw.whole(generator, 20, 60),),
        "a single step": lambda _generator: (1,),
    },
    mistakes=mistakes(causal_mask, MISTAKES),
    hints=(
        "Write the mask for three steps by hand: row 0 may read step 0, row 1 the steps 0 and 1, and row 2?",
        "The true values form a triangle, on and below the diagonal. `torch.tril` cuts it out of a matrix; "
        "comparing the numbers of the steps with `<=` works as well.",
        "Start from `torch.ones(steps, steps, dtype=torch.bool)`, where everybody reads everything, and keep "
        "one of the two triangles. Which one, and does the diagonal belong to it?",
    ),
    points=2,
    difficulty=1,
    minutes=5,
    library="`torch.nn.Transformer.generate_square_subsequent_mask(steps)` is the same as numbers to add to "
    "the scores: 0 where this mask is true, minus infinity elsewhere.",
)
