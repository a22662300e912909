"""The exercise of lecture 07 on the cost of attention."""

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise
from course_lib.models.attention import attention_cost

MISTAKES = """
    query, key and value are not counted
        3 * steps * d_model ** 2 + ->
    Before tokens can meet, three matrices make the query, key and value of each: that is work, too.

    one product is counted for query, key and value together
        3 * steps -> steps
    Query, key and value have a matrix each: three products.

    a matrix of d_model times d_model is taken to cost d_model multiply-adds per token
        d_model ** 2 -> d_model
    Each of the d_model numbers of a query is a sum of d_model products: d_model squared per token.

    the product with the output weights is counted as well
        3 * steps -> 4 * steps
    This self-attention has three matrices. A fourth one comes with several heads, in lecture 08.

    `^` is taken for the power
        3 * steps * d_model ** 2 -> 3 * steps * d_model ^ 2
        2 * steps ** 2 * d_model -> 2 * steps ^ 2 * d_model
    In Python `^` compares numbers bit by bit. A power is written with `**`.

    steps and d_model are swapped
        steps -> d_model
        d_model -> steps
    The projections work token by token; it is the scores that grow with the square of the length.

    the projections are counted for one token
        3 * steps * d_model ** 2 -> 3 * d_model ** 2
    That is the number of weights. Each of them is used once for every token.

    only the projections are counted
        3 * steps * d_model ** 2 + 2 * steps ** 2 * d_model -> 3 * steps * d_model ** 2
    After them every query meets every key, and the values are added up.

    each query meets one key only
        2 * steps ** 2 -> 2 * steps
    Every token meets every token: that makes steps times steps pairs.

    every query meets the keys before it and its own
        2 * steps ** 2 -> steps * (steps + 1)
    That would be causal attention without its hidden half. Here all pairs count.

    a token does not meet itself
        2 * steps ** 2 -> 2 * steps * (steps - 1)
    Each token reads itself, too: there are steps times steps pairs.

    the softmax is counted as one operation a score
        2 * steps ** 2 * d_model -> 2 * steps ** 2 * d_model + steps ** 2
    Only the products of matrices count here: leave the softmax out.

    the results are counted, not the work
        3 * steps * d_model ** 2 + 2 * steps ** 2 * d_model -> 4 * steps * d_model + steps ** 2
    Each number of a result is itself a sum of products: multiply by the axis that is summed over.

    the weighted sum is not counted
        2 * steps -> steps
    After the scores comes the weighted sum of the values, which costs as much again.

    the number of scores is counted
        3 * steps * d_model ** 2 + 2 * steps ** 2 * d_model -> steps ** 2
    There are T * T scores, but each is a dot product of d_model products; and there is other work.

    a score and a weight are taken to cost one multiply-add each
        2 * steps ** 2 * d_model -> 2 * steps ** 2
    A score is a sum of d_model products, and a weight multiplies d_model numbers of a value.

    a multiply-add is counted as two operations
        3 * steps -> 6 * steps
        2 * steps -> 4 * steps
    A multiplication with the addition that follows it is counted as one here.
"""

EXERCISE = Exercise(
    reference=attention_cost,
    cases={
        "a short sequence of long vectors": lambda generator: (
            draw.whole(generator, 3, 12),
            draw.whole(generator, 30, 80),
        ),
        "a long sequence of short vectors": lambda generator: (
            draw.whole(generator, 100, 900),
            draw.whole(generator, 5, 20),
        ),
        "a single token": lambda generator: (1, draw.whole(generator, 3, 40)),
        "the sizes of a large language model": lambda generator: (
            draw.whole(generator, 1_000, 4_000),
            draw.whole(generator, 4_001, 12_000),
        ),
    },
    mistakes=mistakes(attention_cost, MISTAKES),
    hints=(
        "A product of an (a, b) with a (b, c) matrix takes a * b * c multiply-adds. Which products of "
        "matrices does self-attention need, and of which shapes?",
        "Three products of (steps, d_model) with (d_model, d_model), then the scores, (steps, d_model) with "
        "(d_model, steps), then the weighted sum, (steps, steps) with (steps, d_model).",
        "`3 * steps * d_model**2` for query, key and value; `steps**2 * d_model` for the scores; and for the "
        "weighted sum?",
    ),
    points=2,
    difficulty=2,
    minutes=10,
    library="`torch.utils.flop_counter.FlopCounterMode` counts the products of matrices while any module "
    "runs, and takes a multiply-add for two operations.",
)
