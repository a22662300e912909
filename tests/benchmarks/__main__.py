"""All benchmarks, one after the other: `make benchmark`."""

import sys
from pathlib import Path

import pytest

from tests.benchmarks import diagnosis, latency

HERE = Path(__file__).parent


def main() -> int:
    """Print the layers' times, the explorers', and what diagnoses find; return pytest's exit code."""
    code = pytest.main(
        [
            str(HERE / "recurrent_speed.py"),
            str(HERE / "attention_speed.py"),
            "--override-ini=addopts=",
            "-pno:xdist",
            f"--confcutdir={HERE}",  # without the tests' type checks, which take time
            "--benchmark-timer=time.process_time",  # what else runs doesn't count
            "--benchmark-columns=min,median,rounds",
            "--benchmark-warmup=on",
        ]
    )
    latency.main()
    diagnosis.main([])
    return code


if __name__ == "__main__":
    sys.exit(main())
