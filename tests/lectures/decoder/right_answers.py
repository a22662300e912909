"""Other right answers to the exercises of lecture 11, which the check must accept."""

import math
import operator

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.functional import linear

from course_lib.generation import Step, beam_search
from course_lib.models.attention import scaled_dot_product_attention


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
            best = zip(*step(torch.tensor(symbols)[None])[0].log_softmax(dim=0).topk(width), strict=True)
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


RIGHT_ANSWERS = {
    "cross_attention": (
        cross_attention_by_scaled_dot_product_attention,
        cross_attention_by_einsum,
        cross_attention_sequence_by_sequence,
        cross_attention_by_torch,
        cross_attention_in_single_precision,
    ),
    "beam_search": (beam_search_by_library, beam_search_prefix_by_prefix, beam_search_by_tensors),
}
