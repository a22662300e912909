"""The exercise of lecture 12 on the matching of queries and objects."""

from collections.abc import Sequence
from itertools import combinations, permutations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.edits import mistakes
from course_lib.exercises.exercise import Exercise, Function, MakeCase, Mistake


def match_objects(cost: Float[Tensor, "queries objects"]) -> Int[Tensor, "objects"]:
    """Return the query of each object: no query twice, and the sum of their costs as small as can be."""
    queries, objects = cost.shape
    ways = torch.tensor(list(permutations(range(queries), objects)))
    sums = cost[ways, torch.arange(objects)].sum(dim=-1)
    return ways[sums.argmin()]


def _one_object_after_the_other(cost: Tensor) -> Tensor:
    cost, matched = cost.clone(), []
    for column in range(cost.shape[1]):
        matched.append(int(cost[:, column].argmin()))
        cost[matched[-1]] = torch.inf
    return torch.tensor(matched)


def _cheapest_pair_first(cost: Tensor) -> Tensor:
    cost, matched = cost.clone(), torch.zeros(cost.shape[1], dtype=torch.long)
    for _ in range(cost.shape[1]):
        query, column = divmod(int(cost.argmin()), cost.shape[1])
        matched[column] = query
        cost[query], cost[:, column] = torch.inf, torch.inf
    return matched


def _largest_regret_first(cost: Tensor) -> Tensor:
    """Let the object choose first that would lose most by taking its second best query."""
    cost, matched = cost.clone(), torch.full((cost.shape[1],), -1)
    for _ in range(cost.shape[1]):
        best, second = cost.sort(dim=0).values[:2]
        column = int((second - best).masked_fill(matched >= 0, -1).argmax())
        matched[column] = cost[:, column].argmin()
        cost[matched[column]] = torch.inf
    return matched


def _one_query_after_the_other(cost: Tensor) -> Tensor:
    cost, matched = cost.clone(), torch.zeros(cost.shape[1], dtype=torch.long)
    for query in range(cost.shape[1]):
        column = int(cost[query].argmin())
        matched[column] = query
        cost[:, column] = torch.inf
    return matched


OTHER_AIMS = """
    each object takes its cheapest query, even if another has it already
        ways[sums.argmin()] -> cost.argmin(dim=0)
    A query can have only one object: none may appear twice in the result.

    the sum is made as large as can be
        argmin -> argmax
    A cost says how badly a query fits: make the sum small.

    the largest of the costs is made small, not their sum
        .sum(dim=-1) -> .amax(dim=-1)
    Add up the costs of all pairs of a matching, and compare the sums.
"""

OTHER_AMONG_MORE_QUERIES = """
    the absolute values of the costs are added up
        .sum(dim=-1) -> .abs().sum(dim=-1)
    A cost below zero is better than zero: add the costs as they are.

    the queries of earlier objects have to come before those of later ones
        permutations -> combinations
    Any object may have any query: `combinations` leaves out all other orders.

    only the first queries are tried, as many as there are objects
        range(queries) -> range(objects)
    There may be more queries than objects: choose among all of them.

    for each matched query its object is returned
        ways[sums.argmin()] -> ways[sums.argmin()].argsort()
    The result is in the objects' order: at place 0 is the query of object 0.

    the matched queries are returned in their own order
        ways[sums.argmin()] -> ways[sums.argmin()].sort().values
    The result is in the objects' order: at place 0 is the query of object 0, whatever its number.
"""

OTHER_SQUARES = """
    the squares of the costs are added up
        .sum(dim=-1) -> .square().sum(dim=-1)
    A large cost counts no more than several small ones of the same sum: add the costs as they are.
"""

OTHER_RESULTS = """
    rows and columns of the cost are swapped
        cost[ways, torch.arange(objects)] -> cost[torch.arange(objects), ways]
    Rows are queries and columns objects: the first index says which query, the second which object. Where
    both are as many, nothing but the numbers shows it.

    the ways are not turned into a list
        list(permutations(range(queries), objects)) -> permutations(range(queries), objects)
    `permutations` makes one way after the other when it is asked. A tensor is made of all of them: take a
    list.

    the number of the best way is returned
        ways[sums.argmin()] -> sums.argmin()
    `argmin` says which way is the best. The result is that way itself, with its queries.

    queries are counted from 1
        ways[sums.argmin()] -> ways[sums.argmin()] + 1
    The first query has the number 0.

    all ways are returned, from the cheapest to the dearest
        ways[sums.argmin()] -> ways[sums.argsort()]
    Only the cheapest one is wanted.

    for each query its cheapest object is returned
        ways[sums.argmin()] -> cost.argmin(dim=1)
    Rows are queries and columns objects: the result has a number for each column.

    the sum of the costs is returned
        ways[sums.argmin()] -> sums.min()
    Remember which matching has the smallest sum, and return that one.

    the costs of the matched pairs are returned
        ways[sums.argmin()] -> cost[ways[sums.argmin()], torch.arange(objects)]
    Return which query each object has, as whole numbers from 0.

    pairs of query and object are returned
        ways[sums.argmin()] -> torch.stack([ways[sums.argmin()], torch.arange(objects)], dim=1)
    The place in the result says which object it is: return the queries alone.

    a table of zeros and ones is returned
        ways[sums.argmin()] -> ways[sums.argmin()] == torch.arange(queries)[:, None]
    Return the number of each object's query: a vector with a place for each object.
"""

AIMS = mistakes(match_objects, OTHER_AIMS)
AMONG_MORE_QUERIES = mistakes(match_objects, OTHER_AMONG_MORE_QUERIES, combinations=combinations)
SQUARES = mistakes(match_objects, OTHER_SQUARES)
RESULTS = mistakes(match_objects, OTHER_RESULTS)
GREEDY = (
    Mistake(
        "one object after the other takes the cheapest query that is left",
        _one_object_after_the_other,
        "The first may take what the second needs more. Compare whole matchings, by their sums.",
    ),
    Mistake(
        "the cheapest pair of all is matched first",
        _cheapest_pair_first,
        "It may leave only costly pairs to the others. Compare whole matchings, by their sums.",
    ),
    Mistake(
        "one query after the other takes the cheapest object that is left",
        _one_query_after_the_other,
        "The first queries need not have any object at all. Compare whole matchings, by their sums.",
    ),
    Mistake(
        "the object that would lose most chooses first",
        _largest_regret_first,
        "That is a good rule of thumb, but not always the best: compare whole matchings, by their sums.",
    ),
)


def _case(queries: int, objects: int, low: float, *unlike: Mistake) -> MakeCase:
    """Draw costs from `low` up for which the right way and these mistakes all lead to different queries."""
    ways = (match_objects, *(mistake.function for mistake in unlike))

    def draw_case(generator: torch.Generator) -> tuple[Tensor]:
        while True:
            cost = draw.uniform(generator, low, low + 2, queries, objects)
            if _all_differ(ways, cost):
                return (cost,)

    return draw_case


def _all_differ(ways: Sequence[Function], cost: Tensor) -> bool:
    found: set[tuple[int, ...]] = set()
    for way in ways:
        queries = tuple(way(cost).tolist())
        if queries in found:
            return False
        found.add(queries)
    return True


def _single_object(generator: torch.Generator) -> tuple[Tensor]:
    """The costs are large: whoever starts with a number that none is thought to reach must not start low."""
    return (1e6 * draw.uniform(generator, 1, 2, draw.whole(generator, 4, 6), 1),)


EXERCISE = Exercise(
    reference=match_objects,
    cases={
        "more queries than objects": _case(6, 4, -1, *AMONG_MORE_QUERIES, *AIMS, *GREEDY[:2]),
        "as many queries as objects": _case(4, 4, 0.1, *GREEDY, *AIMS),
        "costs above and below zero": _case(5, 3, -1, *SQUARES, AMONG_MORE_QUERIES[0]),
        "a single object": _single_object,
    },
    mistakes=(*AIMS, *GREEDY, *AMONG_MORE_QUERIES, *SQUARES, *RESULTS),
    hints=(
        "Two queries, two objects: the first query costs 1 and 2, the second 3 and 9. Which of the two "
        "matchings is the cheaper one?",
        "There are few queries and objects: try all ways. `itertools.permutations(range(queries), objects)` "
        "lists them, each with a query for every object.",
        "`min(permutations(range(len(cost)), objects), key=...)` is the best way. Its key is a function of a "
        "way: what does it add up? Then make a tensor of the way.",
    ),
    points=3,
    difficulty=2,
    minutes=15,
    library="`scipy.optimize.linear_sum_assignment(cost)` finds the same in polynomial time, and returns "
    "pairs in the order of queries; `course_lib.models.detection.match_objects` uses it.",
)
