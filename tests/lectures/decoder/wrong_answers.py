"""Wrong answers to the exercises of lecture 11 that are right for most inputs: an edge refuses them."""

import math

import torch
from torch import Tensor

from course_lib.exercises import EXERCISES
from course_lib.exercises.exercise import Function
from course_lib.generation import Step
from course_lib.models import translation

cross_attention = EXERCISES["cross_attention"].reference
greedy_decode = EXERCISES["greedy_decode"].reference
beam_search = EXERCISES["beam_search"].reference
top_p_filter = EXERCISES["top_p_filter"].reference


def shift_right_without_the_symbol_of_the_end(targets: Tensor, start: int) -> Tensor:
    rows = targets.tolist()
    for row in rows:
        row.remove(row[-1])  # the first one that equals it
    return torch.tensor([[start, *row] for row in rows])


def shift_right_unless_the_start_is_there(targets: Tensor, start: int) -> Tensor:
    is_there = (targets == start).any(dim=1, keepdim=True)
    return torch.where(is_there, targets, translation.shift_right(targets, start))


def shift_right_of_two_steps_at_least(targets: Tensor, start: int) -> Tensor:
    return translation.shift_right(targets, start) if targets.shape[1] > 1 else targets.clone()


def shift_right_without_axes_of_one(targets: Tensor, start: int) -> Tensor:
    return translation.shift_right(targets, start).squeeze()


def cross_attention_of_the_first_places(x: Tensor, memory: Tensor, *rest: Tensor) -> Tensor:
    *weights, mask = rest
    if mask is not None:
        mask = torch.arange(memory.shape[1]) < mask.sum(dim=1, keepdim=True)
    return cross_attention(x, memory, *weights, mask)


def cross_attention_without_axes_of_one(*arguments: Tensor) -> Tensor:
    return cross_attention(*arguments).squeeze()


def cross_attention_with_a_small_number(*arguments: Tensor) -> Tensor:
    """The weights are divided by their sum plus a small number, as in hand-written softmaxes."""
    return cross_attention(*arguments) / (1 + 1e-5)


def cross_attention_without_gradients_to_the_memory(x: Tensor, memory: Tensor, *rest: Tensor) -> Tensor:
    return cross_attention(x, memory.detach(), *rest)


def greedy_decode_until_the_last_is_the_end(step: Step, start: int, end: int, limit: int) -> list[int]:
    symbols = [start]
    while symbols[-1] != end and len(symbols) <= limit:
        symbols.append(int(step(torch.tensor([symbols]))[0].argmax()))
    return symbols[1:]


def greedy_decode_of_scores_above_zero(step: Step, start: int, end: int, limit: int) -> list[int]:
    symbols = [start]
    for _ in range(limit):
        best, highest = 0, 0.0
        for symbol, score in enumerate(step(torch.tensor([symbols]))[0].tolist()):
            if score > highest:
                best, highest = symbol, score
        symbols.append(best)
        if best == end:
            break
    return symbols[1:]


def greedy_decode_of_two_symbols_at_least(step: Step, start: int, end: int, limit: int) -> list[int]:
    return greedy_decode(step, start, end, max(limit, 2))


def top_p_filter_by_the_number_of_the_first_row(logits: Tensor, p: float) -> Tensor:
    first = top_p_filter(logits.reshape(-1, logits.shape[-1])[0], p)
    lowest = logits.topk(int(first.isfinite().sum()), dim=-1).values[..., -1:]
    return torch.where(logits >= lowest, logits, -math.inf)


def top_p_filter_that_drops_one_at_least(logits: Tensor, p: float) -> Tensor:
    lowest = logits.amin(dim=-1, keepdim=True)
    return top_p_filter(logits, p).masked_fill(logits == lowest, -math.inf)


def top_p_filter_by_a_search(logits: Tensor, p: float) -> Tensor:
    """The first place whose sum is above p; at 1 there is none."""
    ranked, order = logits.sort(dim=-1, descending=True)
    is_above = ranked.softmax(dim=-1).cumsum(dim=-1).round(decimals=12) > p
    places = torch.arange(logits.shape[-1])
    kept = ranked.where(places <= is_above.int().argmax(dim=-1, keepdim=True), -math.inf)
    return torch.empty_like(logits).scatter(-1, order, kept)


def top_p_filter_that_keeps_two_at_least(logits: Tensor, p: float) -> Tensor:
    lowest = logits.topk(2, dim=-1).values[..., -1:]
    return torch.where(logits >= lowest, logits, top_p_filter(logits, p))


def beam_search_with_topk(
    step: Step, start: int, end: int, width: int, limit: int
) -> tuple[list[int], float]:
    step(torch.tensor([[start]]))[0].topk(width)  # raises where the beam is wider
    return beam_search(step, start, end, width, limit)


def beam_search_no_wider_than_there_are_symbols(
    step: Step, start: int, end: int, width: int, limit: int
) -> tuple[list[int], float]:
    symbols = step(torch.tensor([[start]])).shape[1]
    return beam_search(step, start, end, min(width, symbols), limit)


def beam_search_without_a_start_that_ends(
    step: Step, start: int, end: int, width: int, limit: int
) -> tuple[list[int], float]:
    return ([], 0.0) if start == end else beam_search(step, start, end, width, limit)


def beam_search_of_two_hypotheses(
    step: Step, start: int, end: int, _width: int, limit: int
) -> tuple[list[int], float]:
    return beam_search(step, start, end, 2, limit)


WRONG_ANSWERS: tuple[tuple[str, Function] | tuple[str, Function, str], ...] = (
    ("shift_right", shift_right_without_the_symbol_of_the_end),
    ("shift_right", shift_right_unless_the_start_is_there),
    ("shift_right", shift_right_of_two_steps_at_least),
    ("shift_right", shift_right_without_axes_of_one),
    ("cross_attention", cross_attention_of_the_first_places),
    ("cross_attention", cross_attention_without_axes_of_one),
    ("cross_attention", cross_attention_with_a_small_number),
    ("cross_attention", cross_attention_without_gradients_to_the_memory),
    ("greedy_decode", greedy_decode_until_the_last_is_the_end),
    ("greedy_decode", greedy_decode_of_scores_above_zero),
    ("greedy_decode", greedy_decode_of_two_symbols_at_least),
    ("top_p_filter", top_p_filter_by_the_number_of_the_first_row),
    ("top_p_filter", top_p_filter_that_drops_one_at_least),
    ("top_p_filter", top_p_filter_by_a_search),
    ("top_p_filter", top_p_filter_that_keeps_two_at_least),
    ("beam_search", beam_search_with_topk),
    ("beam_search", beam_search_no_wider_than_there_are_symbols),
    ("beam_search", beam_search_without_a_start_that_ends),
    ("beam_search", beam_search_of_two_hypotheses),
)
