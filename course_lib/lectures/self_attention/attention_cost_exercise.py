"""The exercise of lecture 07 on the cost of attention."""

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, Mistake
from course_lib.models.attention import attention_cost


def _product_by_product(steps: int, d_model: int) -> int:
    def product(rows: int, inner: int, columns: int) -> int:
        return rows * inner * columns

    projections = sum(product(steps, d_model, d_model) for _ in range(3))
    return projections + product(steps, d_model, steps) + product(steps, steps, d_model)


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
    },
    mistakes=(
        Mistake(
            "query, key and value are not counted",
            lambda steps, d: 2 * steps**2 * d,
            "Before tokens can meet, three matrices make query, key and value of each: that is work, too.",
        ),
        Mistake(
            "one product is counted for query, key and value together",
            lambda steps, d: steps * d**2 + 2 * steps**2 * d,
            "Query, key and value have a matrix each: three products.",
        ),
        Mistake(
            "a matrix of d_model times d_model is taken to cost d_model multiply-adds a token",
            lambda steps, d: 3 * steps * d + 2 * steps**2 * d,
            "Each of the d_model numbers of a query is a sum of d_model products: d_model squared a token.",
        ),
        Mistake(
            "query, key and value are counted for one token only",
            lambda steps, d: 3 * d**2 + 2 * steps**2 * d,
            "The three matrices hold 3 * d_model**2 numbers, and each of them is used for every token.",
        ),
        Mistake(
            "the product with the output weights is counted as well",
            lambda steps, d: 4 * steps * d**2 + 2 * steps**2 * d,
            "This self-attention has three matrices. A fourth one comes with several heads, in lecture 08.",
        ),
        Mistake(
            "the weighted sum is not counted",
            lambda steps, d: 3 * steps * d**2 + steps**2 * d,
            "After the scores comes the weighted sum of the values, which costs as much again.",
        ),
        Mistake(
            "the number of scores is counted",
            lambda steps, _d: steps**2,
            "There are T * T scores, but each is a dot product of d_model products; and there is other work.",
        ),
        Mistake(
            "a score and a weight are taken to cost one multiply-add each",
            lambda steps, d: 3 * steps * d**2 + 2 * steps**2,
            "A score is a sum of d_model products, and a weight multiplies d_model numbers of a value.",
        ),
        Mistake(
            "one query is counted",
            lambda steps, d: 3 * steps * d**2 + 2 * steps * d,
            "Every token has a query, and each of them meets all keys: T * T pairs.",
        ),
        Mistake(
            "each pair of tokens is counted once",
            lambda steps, d: 3 * steps * d**2 + steps * (steps + 1) * d,
            "The query of one token with the key of another is not the same as the other way round: T * T "
            "pairs.",
        ),
        Mistake(
            "no token reads itself",
            lambda steps, d: 3 * steps * d**2 + 2 * steps * (steps - 1) * d,
            "Each token meets its own key, too: T * T pairs.",
        ),
        Mistake(
            "a multiply-add is counted as two operations",
            lambda steps, d: 2 * attention_cost(steps, d),
            "A multiplication with the addition that follows it is counted as one here.",
        ),
        Mistake(
            "steps and d_model are swapped",
            lambda steps, d: attention_cost(d, steps),
            "The matrices have d_model rows and columns; the weights have as many as there are steps.",
        ),
    ),
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
    variants=(lambda steps, d_model: steps * d_model * (3 * d_model + 2 * steps), _product_by_product),
)
