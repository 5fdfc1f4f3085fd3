"""Run independent column work on all cores: numpy, polars and rapidfuzz let go of the interpreter while they work."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_parallel"]

Result = TypeVar("Result")


def in_parallel(jobs: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
    """Call every job and return the results by name, in the jobs' order."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        running = {name: pool.submit(job) for name, job in jobs.items()}
        return {name: future.result() for name, future in running.items()}
