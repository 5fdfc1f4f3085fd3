"""Run the console blocks of a page as a reader would: in order, in one folder, against the shipped sample.

A block is marked `console`. A line that begins with "$ " is a command, "> " goes on with it, and what follows is what
it prints on both streams; "…" stands for anything. A command ending in "# exit 7" has to end so; without expected lines
only the exit code counts. What a page takes for done stands in a comment, `<!-- before: commands -->`, done once.
"""

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

__all__ = ["Step", "differences", "run", "steps"]

SAMPLES = ("contacts.csv", "contacts.xls", "contacts.xlsx", "contacts.json", "contacts.mapping.json")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
BEFORE = re.compile(r"^<!-- before: (.*?) -->$", re.MULTILINE)
EXIT = re.compile(r"\s+# exit (\d+)$")


@dataclass(frozen=True)
class Step:
    """A command, the exit code and output it should have, and the line it stands on."""

    command: str
    exit_code: int
    expected: str
    line: int


def steps(page: Path) -> list[Step]:
    """Read the commands of a page in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start(1)) + 1
        for part in re.split(r"^\$ ", block[1], flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            while expected.startswith("> "):
                more, _, expected = expected.partition("\n")
                command = f"{command}\n{more.removeprefix('> ')}"
            code = EXIT.search(command)
            found.append(Step(EXIT.sub("", command), int(code[1]) if code else 0, expected.rstrip(), line))
            line += part.count("\n")
    return found


def run(page: Path, folder: Path) -> list[tuple[Step, int, str]]:
    """Run a page's commands in `folder`, in one shell; returns each with its exit code and output."""
    before = " && ".join(BEFORE.findall(page.read_text(encoding="utf-8")))
    shutil.copytree(_prepared(before), folder, dirs_exist_ok=True)
    commands = steps(page)
    mark = "\x1eonecard docs"
    script = "".join(f"{step.command}\nended=$?; echo; echo '{mark}' $ended\n" for step in commands)
    said = re.split(rf"\n{mark} (\d+)\n", _shell(script, folder))
    return [(step, int(said[2 * n + 1]), said[2 * n].rstrip()) for n, step in enumerate(commands)]


@cache
def _prepared(before: str) -> Path:
    """Return a folder with the samples in which some commands have been run; it goes when Python ends."""
    folder = Path(tempfile.mkdtemp(prefix="onecard-docs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in SAMPLES:
        shutil.copyfile(str(files("data").joinpath("samples", name)), folder / name)
    if before:
        _shell(f"set -e; {before}", folder)
    return folder


def _shell(script: str, folder: Path) -> str:
    """Run a script with this Python's onecard and none of the caller's settings; returns both streams."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ONECARD_")}
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=kept | {"PATH": path, "COLUMNS": "100", "TZ": "UTC"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return done.stdout.decode()


def differences(page: Path, folder: Path) -> list[str]:
    """Run a page and say where it is not true."""
    return [
        f"{page.name}:{step.line}: {step.command}\n--- expected, exit {step.exit_code}\n{step.expected}\n"
        f"--- got, exit {code}\n{said}"
        for step, code, said in run(page, folder)
        if code != step.exit_code or (step.expected and not _agrees(step.expected, said))
    ]


def _agrees(expected: str, said: str) -> bool:
    """Compare line by line without trailing blanks; "…" stands for anything, on a line of its own for any lines."""
    pattern = "".join(".*?" if part == "…" else re.escape(part) for part in re.split("(…)", _trimmed(expected)))
    return re.fullmatch(pattern, _trimmed(said), re.DOTALL) is not None


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
