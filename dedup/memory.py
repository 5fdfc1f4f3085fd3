"""Give memory back between the steps of a run: the C library keeps what arrays have left, a third of the peak."""

import ctypes
import sys

__all__ = ["release_memory"]


def release_memory() -> None:
    """Return freed memory to the system, where the C library can be asked to (glibc's malloc_trim)."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
