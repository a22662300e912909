"""Names the machine above the benchmarks' tables."""

import torch

from tests.benchmarks.machine import machine


def pytest_report_header() -> str:
    return f"{machine()}, PyTorch {torch.__version__}"
