"""The exercise on drawing: the learner is given a generator, and whoever uses another one is told."""

import torch
from torch import Tensor

from course_lib.exercises import run
from course_lib.exercises.check import examine
from course_lib.lectures.beyond_text.sample_tokens_exercise import EXERCISE


def named(function) -> str:
    mistake = examine(EXERCISE, function, seed=5).mistake
    return mistake.name if mistake else ""


def test_whoever_draws_from_the_global_generator_is_told_and_leaves_it_as_it_was():
    def sample_tokens(logits: Tensor, temperature: float, _generator: torch.Generator) -> Tensor:
        return torch.multinomial((logits / temperature).softmax(dim=-1), 1)[:, 0]

    torch.manual_seed(123)
    before = torch.get_rng_state()
    assert named(sample_tokens) == "the generator that was given is not used"
    assert torch.equal(torch.get_rng_state(), before)


def test_common_ways_to_write_it_are_right():
    def with_a_distribution(logits: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
        probabilities = torch.exp(logits / temperature)
        probabilities = probabilities / probabilities.sum(dim=1, keepdim=True)
        return torch.multinomial(probabilities, num_samples=1, generator=generator).flatten()

    assert examine(EXERCISE, with_a_distribution, seed=5).is_solved


def test_each_call_gets_a_generator_in_the_same_state():
    generator = torch.Generator().manual_seed(7)
    copies = run.copy((generator, generator))
    draws = [torch.rand(3, generator=one) for one in (*copies, generator)]
    assert torch.equal(draws[0], draws[1]) and torch.equal(draws[0], draws[2])


def test_drawing_from_a_generator_is_no_change_of_an_input():
    generator = torch.Generator().manual_seed(7)
    given = run.copy(generator)
    torch.rand(3, generator=given)
    assert run.is_unchanged((generator,), (given,))
