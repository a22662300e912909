"""Other right answers to the exercises of lecture 11, which the check must accept."""

import math
import operator

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.functional import linear

from course_lib import generation
from course_lib.generation import Step, beam_search
from course_lib.models import translation
from course_lib.models.attention import scaled_dot_product_attention


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


def cross_attention_by_scaled_dot_product_attention(
    x: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, mask: Tensor | None = None
) -> Tensor:
    query, key, value = linear(x, w_q), linear(memory, w_k), linear(memory, w_v)
    read, _ = scaled_dot_product_attention(query, key, value, None if mask is None else mask[:, None])
    return linear(read, w_o)


def cross_attention_by_einsum(
    x: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, mask: Tensor | None = None
) -> Tensor:
    query = torch.einsum("btm,dm->btd", x, w_q)
    key, value = (torch.einsum("bsm,dm->bsd", memory, weight) for weight in (w_k, w_v))
    scores = torch.einsum("btd,bsd->bts", query, key) / math.sqrt(len(w_q))
    if mask is not None:
        scores = torch.where(mask[:, None, :], scores, -1e30)
    return torch.einsum("bts,bsd,md->btm", scores.softmax(dim=2), value, w_o)


def cross_attention_sequence_by_sequence(
    x: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, mask: Tensor | None = None
) -> Tensor:
    results = []
    for row in range(len(x)):
        tokens = memory[row] if mask is None else memory[row][mask[row]]  # the others left out, not hidden
        scores = x[row] @ w_q.T @ (tokens @ w_k.T).T / x.shape[2] ** 0.5
        results.append(torch.softmax(scores, dim=1) @ tokens @ w_v.T @ w_o.T)
    return torch.stack(results)


def cross_attention_by_torch(
    x: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, mask: Tensor | None = None
) -> Tensor:
    query, key, value = x @ w_q.mT, memory @ w_k.mT, memory @ w_v.mT
    mask = None if mask is None else mask.unsqueeze(1)
    return functional.scaled_dot_product_attention(query, key, value, mask) @ w_o.mT


def cross_attention_in_single_precision(*arguments: Tensor | None) -> Tensor:
    *vectors, mask = arguments
    return cross_attention_by_torch(*(part.float() for part in vectors if part is not None), mask=mask)


def beam_search_by_library(
    step: Step, start: int, end: int, width: int, limit: int
) -> tuple[list[int], float]:
    best, *_ = beam_search(step, start, end, width, limit)
    return list(best.symbols), best.score


def beam_search_prefix_by_prefix(
    step: Step, start: int, end: int, width: int, limit: int
) -> tuple[list[int], float]:
    """Ask for one prefix at a time, and look only at the best few symbols of each."""
    opened, found = [(0.0, [start])], []
    for _ in range(limit):
        longer = []
        for total, symbols in opened:
            scores = step(torch.tensor(symbols)[None])[0].log_softmax(dim=0)
            best = zip(*scores.topk(min(width, len(scores))), strict=True)
            longer += [(total + gain.item(), [*symbols, int(one)]) for gain, one in best]
        longer = sorted(longer, reverse=True)[:width]
        found += [(total / (len(symbols) - 1), symbols) for total, symbols in longer if symbols[-1] == end]
        opened = [(total, symbols) for total, symbols in longer if symbols[-1] != end]
    score, symbols = max(found or [(total / limit, symbols) for total, symbols in opened])
    return symbols[1:], score


def beam_search_by_tensors(
    step: Step, start: int, end: int, width: int, limit: int
) -> tuple[tuple[int, ...], Tensor]:
    prefixes, totals, ended = torch.tensor([[start]]), torch.zeros(1), []
    for length in range(1, limit + 1):
        continued = totals[:, None] + step(prefixes).softmax(dim=-1).log()
        totals, places = (part[:width] for part in continued.flatten().sort(descending=True))
        parents, symbols = torch.unravel_index(places, continued.shape)
        prefixes = torch.cat([prefixes[parents], symbols[:, None]], dim=1)
        is_last = symbols == end
        ended += [*zip(totals[is_last] / length, prefixes[is_last], strict=True)]
        if is_last.all() or length == limit:
            break
        prefixes, totals = prefixes[~is_last], totals[~is_last]
    score, symbols = max(ended or [(totals[0] / limit, prefixes[0])], key=operator.itemgetter(0))
    return tuple(symbols[1:].tolist()), score


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
    for place in logits.argsort(descending=True):
        result[place] = logits[place]
        total += probabilities[place].item()
        if total >= p:
            break
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
    "cross_attention": (
        cross_attention_by_scaled_dot_product_attention,
        cross_attention_by_einsum,
        cross_attention_sequence_by_sequence,
        cross_attention_by_torch,
        cross_attention_in_single_precision,
    ),
    "beam_search": (beam_search_by_library, beam_search_prefix_by_prefix, beam_search_by_tensors),
}
