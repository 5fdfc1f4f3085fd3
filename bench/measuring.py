"""Measure commands as fresh processes, and write what came out as a table.

Wall seconds and peak memory are those of the whole process, start-up included, as the operating system reports them.
"""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

__all__ = ["Limit", "Measured", "measure", "report", "told_of", "write_part"]


@dataclass(frozen=True)
class Measured:
    """One run: what it was, seconds by the clock and of processor time, peak memory in MB, exit code, last words."""

    name: str
    seconds: float
    cpu_seconds: float
    megabytes: float
    exit_code: int
    said: str


@dataclass(frozen=True)
class Limit:
    """What a run is held to: at most `seconds`, `ratio` times a floor or a first run, and `megabytes`."""

    seconds: float | None = None
    ratio: float | None = None
    floor: Measured | None = None
    megabytes: float | None = None


def measure(name: str, command: Sequence[str | Path], *, repeats: int = 1) -> Measured:
    """Run a command `repeats` times, each in a fresh process, and keep the fastest."""
    runs = [_run(name, [str(part) for part in command]) for _ in range(repeats)]
    best = min(runs, key=lambda run: (run.exit_code != 0, run.seconds))
    print(f"{name}: {best.seconds:.2f} s, processor {best.cpu_seconds:.2f} s, {best.megabytes:.0f} MB", flush=True)
    if best.exit_code:
        print(f"exit {best.exit_code}: {best.said}", file=sys.stderr)
    return best


# A small process in between: a child begins with its parent's peak memory, and a bench that makes data has much.
_LAUNCHER = """
import json, os, subprocess, sys, time
started = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
seconds = time.perf_counter() - started
print(json.dumps([seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)]))
"""


def _run(name: str, command: list[str]) -> Measured:
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
    done = subprocess.run(launcher, capture_output=True, text=True, check=True)
    seconds, cpu_seconds, peak, exit_code = json.loads(done.stdout)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10  # ru_maxrss: bytes there, kilobytes elsewhere
    return Measured(name, seconds, cpu_seconds, peak / unit, exit_code, done.stderr[-2000:])


def report(results: Sequence[tuple[Measured, Limit]], *, title: str, loads: tuple[float, float]) -> str:
    """Render the measurements as Markdown, saying plainly what was kept and what was not."""
    lines = [
        f"# {title}",
        "",
        *told_of(loads),
        "",
        "| what | seconds | processor s | peak MB | held to | result |",
        "|---|---:|---:|---:|---|---|",
    ]
    for run, limit in results:
        figures = f"{run.seconds:.2f} | {run.cpu_seconds:.2f} | {run.megabytes:.0f}"
        lines.append(f"| {run.name} | {figures} | {_held_to(limit)} | {_verdict(run, limit)} |")
    return "\n".join(lines) + "\n"


def told_of(loads: tuple[float, float]) -> list[str]:
    """Say when and on what machine was measured, and how busy it was."""
    return [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {_machine()}.",
        f"Load {loads[0]:.1f} before, {loads[1]:.1f} at the end: above two or so, others shared the machine, and the",
        "clock says more of them than of onecard. Each line is a fresh process, start-up included; processor seconds",
        "count every core.",
    ]


def write_part(page: Path, text: str) -> None:
    """Write a part of a page, which begins with its heading ("# …"), in place of the part of that heading."""
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    parts = {part.partition("\n")[0]: part for part in re.split(r"^(?=# )", old, flags=re.MULTILINE) if part}
    parts[text.partition("\n")[0]] = text
    page.write_text("\n\n".join(part.strip() for part in parts.values()) + "\n", encoding="utf-8")


def _held_to(limit: Limit) -> str:
    parts = []
    if limit.seconds is not None:
        parts.append(f"≤ {limit.seconds:g} s")
    if limit.ratio is not None and limit.floor is not None:
        parts.append(f"≤ {limit.ratio:g} × {_called(limit.floor)} ({limit.floor.seconds:.2f} s)")
    if limit.megabytes is not None:
        parts.append(f"≤ {limit.megabytes:g} MB")
    return ", ".join(parts) or "–"


def _called(run: Measured) -> str:
    return "floor" if run.name.startswith("floor") else "the first"


def _verdict(run: Measured, limit: Limit) -> str:
    if run.exit_code:
        return f"**did not run** (exit {run.exit_code})"
    checks, notes = [], []
    if limit.seconds is not None:
        checks.append(run.seconds <= limit.seconds)
    if limit.ratio is not None and limit.floor is not None:
        ratio = run.seconds / limit.floor.seconds
        checks.append(ratio <= limit.ratio)
        notes.append(f"{ratio:.2g} × {_called(limit.floor)}")
    if limit.megabytes is not None:
        checks.append(run.megabytes <= limit.megabytes)
    word = "" if not checks else "kept" if all(checks) else "**missed**"
    return ", ".join(filter(None, [word, *notes])) or "–"


def _machine() -> str:
    """Describe the machine and the versions that matter."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars", "rapidfuzz"))
    return (
        f"{os.cpu_count()} cores {platform.machine()}, {memory:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}, {parts}"
    )
