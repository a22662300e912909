"""The exercise of lecture 12 on the matching of queries and objects."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import combinations, permutations

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from course_lib.exercises import draw
from course_lib.exercises.exercise import Exercise, MakeCase, Mistake
from course_lib.models.detection import match_objects

Ways = Callable[[range, int], Iterable[tuple[int, ...]]]


def _total(costs: Tensor) -> Tensor:
    return costs.sum(dim=-1)


@cache
def _choices(ways: Ways, queries: int, objects: int) -> Tensor:
    return torch.tensor(list(ways(range(queries), objects)))


def _of_all(
    ways: Ways = permutations,
    queries: Callable[[Tensor], int] = len,
    worth: Callable[[Tensor], Tensor] = _total,
) -> Callable[[Tensor], Tensor]:
    """Make a search through the ways to choose a query for each object that returns the best of them."""

    def search(cost: Tensor) -> Tensor:
        choices = _choices(ways, queries(cost), cost.shape[1])
        return choices[worth(cost[choices, torch.arange(cost.shape[1])]).argmin()]

    return search


def _each_its_cheapest(cost: Tensor) -> Tensor:
    return cost.argmin(dim=0)


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
    """The object whose second best free query is the dearest beside its best chooses first."""
    cost, matched = cost.clone(), torch.full((cost.shape[1],), -1)
    for _ in range(cost.shape[1]):
        two = cost.sort(dim=0).values[:2]
        regret = (two[1] - two[0]) if len(two) > 1 else torch.zeros(cost.shape[1])
        column = int(regret.nan_to_num(torch.inf).masked_fill(matched >= 0, -1).argmax())
        matched[column] = cost[:, column].argmin()
        cost[matched[column]] = torch.inf
    return matched


_dearest = _of_all(worth=lambda costs: -_total(costs))
_largest_cost = _of_all(worth=lambda costs: costs.amax(dim=-1))
_in_order = _of_all(ways=combinations)
_first_queries = _of_all(queries=lambda cost: cost.shape[1])
_in_size = _of_all(worth=lambda costs: _total(costs.abs()))
_by_trying_all = _of_all()


def _objects_of_the_queries(cost: Tensor) -> Tensor:
    return match_objects(cost).argsort()


def _sorted(cost: Tensor) -> Tensor:
    return match_objects(cost).sort().values


TRAPS = (
    match_objects,
    _each_its_cheapest,
    _one_object_after_the_other,
    _cheapest_pair_first,
    _dearest,
    _largest_cost,
    _in_order,
    _sorted,
    _in_size,
    _first_queries,
    _objects_of_the_queries,
)
"""The right way, and those that often lead to the same queries."""


GREEDY = (*TRAPS[:6], _largest_regret_first)


def _case(queries: int, objects: int, traps: Sequence[Callable[[Tensor], Tensor]]) -> MakeCase:
    """Draw costs for which the traps all lead to different queries."""

    def draw_case(generator: torch.Generator) -> tuple[Tensor]:
        while True:
            cost = draw.uniform(generator, -1, 1, queries, objects)
            if len({tuple(way(cost).tolist()) for way in traps}) == len(traps):
                return (cost,)

    return draw_case


def _single_object(generator: torch.Generator) -> tuple[Tensor]:
    return (draw.normal(generator, draw.whole(generator, 4, 6), 1),)


def _least_sum(cost: Tensor) -> Tensor:
    return cost[match_objects(cost), torch.arange(cost.shape[1])].sum()


def _costs(cost: Tensor) -> Tensor:
    return cost[match_objects(cost), torch.arange(cost.shape[1])]


def _pairs(cost: Tensor) -> Tensor:
    return torch.stack([match_objects(cost), torch.arange(cost.shape[1])], dim=1)


def _table(cost: Tensor) -> Tensor:
    table = torch.zeros_like(cost)
    table[match_objects(cost), torch.arange(cost.shape[1])] = 1
    return table


def _by_scipy(cost: Tensor) -> Tensor:
    queries, objects = linear_sum_assignment(cost.numpy())
    return torch.tensor(queries)[torch.tensor(objects).argsort()]


EXERCISE = Exercise(
    reference=match_objects,
    cases={
        "more queries than objects": _case(6, 4, TRAPS),
        "as many queries as objects": _case(4, 4, GREEDY),
        "a single object": _single_object,
    },
    mistakes=(
        Mistake(
            "each object takes its cheapest query, even if another has it already",
            _each_its_cheapest,
            "No query may stand for two objects: what is found once is not to be found again.",
        ),
        Mistake(
            "one object after the other takes the cheapest query that is left",
            _one_object_after_the_other,
            "The first may take what the second needs more. Compare whole matchings, by their sums.",
        ),
        Mistake(
            "the cheapest pair of all is matched first",
            _cheapest_pair_first,
            "It may leave only dear pairs to the others. Compare whole matchings, by their sums.",
        ),
        Mistake(
            "the object that would lose most chooses first",
            _largest_regret_first,
            "A good rule of thumb, and not always the best: compare whole matchings, by their sums.",
        ),
        Mistake(
            "the sum is made as large as can be",
            _dearest,
            "A cost says how badly a query fits: the sum is to be small.",
        ),
        Mistake(
            "the largest of the costs is made small, not their sum",
            _largest_cost,
            "Add the costs of all pairs of a matching up, and compare the sums.",
        ),
        Mistake(
            "the absolute values of the costs are added up",
            _in_size,
            "A cost below zero is better than zero: add the costs as they are.",
        ),
        Mistake(
            "the queries of earlier objects have to stand before those of later ones",
            _in_order,
            "Any object may have any query: `permutations(range(queries), objects)`, not `combinations`.",
        ),
        Mistake(
            "only the first queries are tried, as many as there are objects",
            _first_queries,
            "There may be more queries than objects: choose among all `len(cost)` of them.",
        ),
        Mistake(
            "for each matched query its object is returned",
            _objects_of_the_queries,
            "The result has the objects' order: at place 0 stands the query of object 0.",
        ),
        Mistake(
            "the matched queries are returned in their own order",
            _sorted,
            "The result has the objects' order: at place 0 stands the query of object 0, early or late.",
        ),
        Mistake(
            "for each query its cheapest object is returned",
            lambda cost: cost.argmin(dim=1),
            "Rows are queries and columns objects: the result has a number for each column.",
        ),
        Mistake(
            "the sum of the costs is returned",
            _least_sum,
            "Keep the matching that has the least sum, too, and return that.",
        ),
        Mistake(
            "the costs of the matched pairs are returned",
            _costs,
            "Return which query each object has, as whole numbers from 0.",
        ),
        Mistake(
            "pairs of query and object are returned",
            _pairs,
            "The place in the result says which object it is: return the queries alone.",
        ),
        Mistake(
            "a table of zeros and ones is returned",
            _table,
            "Return the number of each object's query: a vector with a place for each object.",
        ),
    ),
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
    variants=(_by_trying_all, _by_scipy),
)
