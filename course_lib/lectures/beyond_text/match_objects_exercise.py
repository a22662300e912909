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
    Any object may have any query: `permutations(range(queries), objects)`, not `combinations`.

    only the first queries are tried, as many as there are objects
        range(queries) -> range(objects)
    There may be more queries than objects: choose among all `len(cost)` of them.

    for each matched query its object is returned
        ways[sums.argmin()] -> ways[sums.argmin()].argsort()
    The result is in the objects' order: at place 0 is the query of object 0.

    the matched queries are returned in their own order
        ways[sums.argmin()] -> ways[sums.argmin()].sort().values
    The result is in the objects' order: at place 0 is the query of object 0, whatever its number.
"""

OTHER_RESULTS = """
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
        "the object that would lose most chooses first",
        _largest_regret_first,
        "That is a good rule of thumb, but not always the best: compare whole matchings, by their sums.",
    ),
)


def _case(queries: int, objects: int, *unlike: Mistake) -> MakeCase:
    """Draw costs for which the right way and these mistakes all lead to different queries."""
    ways = (match_objects, *(mistake.function for mistake in unlike))

    def draw_case(generator: torch.Generator) -> tuple[Tensor]:
        while True:
            cost = draw.uniform(generator, -1, 1, queries, objects)
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
    return (draw.normal(generator, draw.whole(generator, 4, 6), 1),)


EXERCISE = Exercise(
    reference=match_objects,
    cases={
        "more queries than objects": _case(6, 4, *GREEDY[:2], *AIMS, *AMONG_MORE_QUERIES),
        "as many queries as objects": _case(4, 4, *GREEDY, *AIMS),
        "a single object": _single_object,
    },
    mistakes=(*AIMS, *GREEDY, *AMONG_MORE_QUERIES, *RESULTS),
    hints=(
        "Two queries, two objects: the first query costs 1 and 2, the second 3 and 9. Which of the two "
        "matchings is the cheaper one?",
        "There are few queries and objects: try all ways. `itertools.permutations(range(queries), objects)` "
        "lists them, each with a query for every object.",
        "`min(permutations(range(len(cost)), objects), key=...)`, where the key is the sum of "
        "`cost[query, column]` over `enumerate(way)`; then `torch.tensor(...)`.",
    ),
    points=3,
    difficulty=2,
    minutes=15,
)
