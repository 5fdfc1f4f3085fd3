"""The progress bar: what a terminal shows of a long run, and that nobody else gets to see it."""

import io
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from flows.bars import shown_steps
from flows.cli import main

Capture = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal to redirect stderr to, which keeps all that was drawn on it."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return Terminal()


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text("First Name,Email\nAnn,ann@example.com\n")


@pytest.mark.parametrize(
    ("told", "now", "shown"),
    [
        ([(0.0, 0), (2.0, 200)], 2.0, "100 a second, 8 s left"),
        ([(0.0, 0), (2.0, 200)], 5.5, "100 a second, 4 s left"),  # counts down though nothing more was told
        ([(0.0, 0), (2.0, 200)], 60.0, "100 a second, 0 s left"),
        ([(0.0, 0), (2.0, 200), (3.0, 500)], 3.0, "167 a second, 3 s left"),
    ],
)
def test_a_bar_tells_how_many_a_second_and_the_seconds_left(
    screen: Terminal, told: list[tuple[float, int]], now: float, shown: str
) -> None:
    moment = 0.0
    with redirect_stderr(screen), shown_steps(lambda: moment) as show:
        for moment, done in told:  # noqa: B007
            show("recording", (done, 1000))
        moment = now
    last = screen.getvalue().split("recording")[-1]
    assert shown in last


def test_a_step_of_unknown_length_shows_the_time_that_passed_alone(screen: Terminal) -> None:
    moment = 0.0
    with redirect_stderr(screen), shown_steps(lambda: moment) as show:
        show("recording", (0, 1000))
        show("finishing", None)
        moment = 7.0
    last = screen.getvalue().split("finishing")[-1]
    assert "0:00:07" in last
    assert "left" not in last


@pytest.mark.usefixtures("people")
def test_an_import_draws_on_stderr_alone(screen: Terminal, capsys: Capture) -> None:
    with redirect_stderr(screen):
        assert main(["import", "people.csv"]) == 0
    assert "recording" in screen.getvalue()
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.usefixtures("people")
def test_quiet_draws_nothing(screen: Terminal) -> None:
    with redirect_stderr(screen):
        assert main(["import", "people.csv", "--quiet"]) == 0
    assert screen.getvalue() == ""


@pytest.mark.usefixtures("people")
def test_what_is_no_terminal_gets_no_bar(capsys: Capture) -> None:
    assert main(["import", "people.csv"]) == 0
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err
    assert "recording" not in told.err
