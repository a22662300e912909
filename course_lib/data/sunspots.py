"""The yearly sunspot numbers, 1700 to 2008; their origin and licence are in `SOURCES.md`."""

import csv
from importlib.resources import files

import torch
from jaxtyping import Float64, Int
from torch import Tensor


def yearly() -> tuple[Int[Tensor, "year"], Float64[Tensor, "year"]]:
    """Read the years 1700 to 2008 and the mean sunspot number of each, both of shape (309,).

    The numbers have no unit (a weighted count of spots and groups) and lie between 0 and about 190.
    """
    text = files("course_lib.data").joinpath("sunspots.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    years = torch.tensor([int(row["year"]) for row in rows])
    numbers = torch.tensor([float(row["sunspots"]) for row in rows], dtype=torch.float64)
    return years, numbers
