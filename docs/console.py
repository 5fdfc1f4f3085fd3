"""Run the console blocks of a page as a reader would: in order, in one folder, against the shipped sample.

A block is marked `console`. A line that begins with "$ " is a command, what follows is what it prints on both streams;
"…" stands for anything. A command ending in "# exit 7" has to end so; without expected lines only the exit code counts.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

__all__ = ["Step", "differences", "run", "steps"]

SAMPLES = ("contacts.csv", "contacts.xls", "contacts.xlsx", "contacts.json", "contacts.mapping.json")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
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
            while command.endswith("\\"):
                more, _, expected = expected.partition("\n")
                command = f"{command}\n{more.removeprefix('> ')}"
            code = EXIT.search(command)
            found.append(Step(EXIT.sub("", command), int(code[1]) if code else 0, expected.rstrip(), line))
            line += part.count("\n")
    return found


def run(page: Path, folder: Path) -> list[tuple[Step, int, str]]:
    """Run a page's commands in `folder`, in one shell; returns each with its exit code and output."""
    for name in SAMPLES:
        shutil.copyfile(str(files("data").joinpath("samples", name)), folder / name)
    commands = steps(page)
    mark = "\x1eonecard docs"
    script = "".join(f"{step.command}\nended=$?; echo; echo '{mark}' $ended\n" for step in commands)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ONECARD_")}
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=kept | {"PATH": path, "COLUMNS": "100", "TZ": "UTC"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    said = re.split(rf"\n{mark} (\d+)\n", done.stdout.decode())
    return [(step, int(said[2 * n + 1]), said[2 * n].rstrip()) for n, step in enumerate(commands)]


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
