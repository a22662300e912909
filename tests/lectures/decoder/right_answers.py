"""Other right answers to the exercises of lecture 11, which the check must accept."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from course_lib import generation
from course_lib.generation import Step
from course_lib.models import translation


def shift_right_by_padding(targets: Tensor, start: int) -> Tensor:
    return functional.pad(targets, (1, 0), value=start)[:, :-1]


def shift_right_row_by_row(targets: Tensor, start: int) -> Tensor:
    return torch.tensor([[start, *row[:-1]] for row in targets.tolist()])


def shift_right_by_filling_a_tensor(targets: Tensor, start: int) -> Tensor:
    result = torch.empty_like(targets)
    result[:, 0], result[:, 1:] = start, targets[:, :-1]
    return result


def shift_right_by_rolling(targets: Tensor, start: int) -> Tensor:
    result = targets.roll(1, dims=1)
    result[:, 0] = start
    return result


def greedy_decode_by_the_library(step: Step, start: int, end: int, limit: int) -> list[int]:
    return generation.greedy_decode(step, start, end, limit)[0].tolist()


def greedy_decode_by_growing_a_tensor(step: Step, start: int, end: int, limit: int) -> list[int]:
    prefix = torch.tensor([[start]])
    while prefix.shape[1] <= limit and (prefix.shape[1] == 1 or prefix[0, -1] != end):
        prefix = torch.cat([prefix, step(prefix).argmax(dim=1, keepdim=True)], dim=1)
    return prefix[0, 1:].tolist()


def greedy_decode_by_the_most_probable(step: Step, start: int, end: int, limit: int) -> tuple[Tensor, ...]:
    symbols = [torch.tensor(start)]
    while len(symbols) <= limit:
        symbols.append(step(torch.stack(symbols)[None]).softmax(dim=-1)[0].topk(1).indices[0])
        if symbols[-1] == end:
            return tuple(symbols[1:])
    return tuple(symbols[1:])


def greedy_decode_by_recursion(step: Step, start: int, end: int, limit: int) -> list[int]:
    def continued(symbols: list[int]) -> list[int]:
        if len(symbols) > limit or end in symbols[1:]:
            return symbols[1:]
        scores = step(torch.tensor(symbols).view(1, -1))[0].tolist()
        return continued([*symbols, scores.index(max(scores))])

    return continued([start])


def top_p_filter_by_a_loop(logits: Tensor, p: float) -> Tensor:
    if logits.ndim > 1:
        return torch.stack([top_p_filter_by_a_loop(row, p) for row in logits])
    probabilities, result, total = logits.softmax(dim=0), torch.full_like(logits, -math.inf), 0.0
    while total < p:
        place = probabilities.argmax()
        total += probabilities[place].item()
        probabilities[place] = 0.0
        result[place] = logits[place]
    return result


def top_p_filter_by_the_tail(logits: Tensor, p: float) -> Tensor:
    """Drop the least likely symbols as long as they have no more than 1 - p together."""
    ranked, order = logits.sort(dim=-1)
    is_dropped = ranked.softmax(dim=-1).cumsum(dim=-1) <= 1 - p
    is_dropped[..., -1] = False
    return logits.masked_fill(is_dropped.scatter(-1, order, is_dropped), -math.inf)


def top_p_filter_by_pairs(logits: Tensor, p: float) -> Tensor:
    """Ask of each symbol what all likelier ones have together."""
    likelier = logits[..., None, :] > logits[..., None]
    before = (likelier * logits.softmax(dim=-1)[..., None, :]).sum(dim=-1)
    return torch.where(before < p, logits, -math.inf)


def top_p_filter_in_single_precision(logits: Tensor, p: float) -> Tensor:
    return generation.top_p_filter(logits.float(), p)


RIGHT_ANSWERS = {
    "shift_right": (
        translation.shift_right,
        shift_right_by_padding,
        shift_right_row_by_row,
        shift_right_by_filling_a_tensor,
        shift_right_by_rolling,
    ),
    "greedy_decode": (
        greedy_decode_by_the_library,
        greedy_decode_by_growing_a_tensor,
        greedy_decode_by_the_most_probable,
        greedy_decode_by_recursion,
    ),
    "top_p_filter": (
        generation.top_p_filter,
        top_p_filter_by_a_loop,
        top_p_filter_by_the_tail,
        top_p_filter_by_pairs,
        top_p_filter_in_single_precision,
    ),
}
