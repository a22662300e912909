"""Set-up of all tests: shapes in annotations are checked, numbers are float64, one thread."""

from collections.abc import Iterator

import jaxtyping
import pytest
import torch
from jaxtyping import install_import_hook

# As type checkers do, an int is accepted where a float is asked for (PEP 484).
install_import_hook("course_lib", "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))")
# Here for what test modules make when they are imported; in the fixture for what a test changes.
torch.set_default_dtype(torch.float64)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make quick` try the exercises on fewer seeds than `make test` does."""
    parser.addoption("--seeds", type=int, default=100, help="how many seeds each exercise is tried on")


@pytest.fixture(autouse=True)
def float64_and_one_thread() -> None:
    """Run every test as the lectures run: float64 by default and one thread."""
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)


@pytest.fixture
def unchecked_shapes() -> Iterator[None]:
    """Switch off the checks of annotations, as in a learner's notebook; they take most of a call's time."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(20)
