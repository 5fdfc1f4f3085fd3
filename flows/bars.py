"""The progress bar of a terminal: the step under way, how far it is, how many a second, and the seconds left.

Drawn on stderr by Rich, on a thread of its own, so it moves on between two reports; imported only where it is shown.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

__all__ = ["shown_steps"]


class _Pace(ProgressColumn):
    """How many a second, and the seconds left: they count down between two reports too."""

    def render(self, task: Task) -> Text:
        if not task.speed or task.remaining is None:
            return Text("")
        left = task.remaining / task.speed - (task.get_time() - task.fields["told_at"])
        return Text(f"{task.speed:,.0f} a second, {max(left, 0):,.0f} s left")


@contextmanager
def shown_steps(
    get_time: Callable[[], float] = time.monotonic,
) -> Iterator[Callable[[str, tuple[int, int] | None], None]]:
    """Give a callback (step, (done, of how many) or None) that draws a bar, which is gone at the end."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), _Pace())
    with Progress(*columns, console=Console(stderr=True), transient=True, get_time=get_time) as bar:

        def show(step: str, done: tuple[int, int] | None) -> None:
            if not bar.tasks or bar.tasks[0].description != step:
                for old in bar.task_ids:
                    bar.remove_task(old)
                bar.advance(bar.add_task(step, total=done and done[1]), 0)  # speeds count from here
            if done is not None:
                bar.update(bar.task_ids[0], completed=done[0], told_at=bar.get_time())

        yield show
