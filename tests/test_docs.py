"""The documentation is true: what it shows runs, what there is is in it, and the generated pages are current."""

import io
import re
from importlib import import_module
from pathlib import Path

import click
import pytest
from rich.console import Console

from dedup.rules import Rules
from docs.console import differences, steps
from docs.generate import pages
from flows.cli import COMMANDS, onecard
from flows.demo import run_demo
from storage import errors
from transforms.mapping import CustomDefinition, Mapping, MappingEntry, presets

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SHOWN = [page for page in PAGES if steps(page)]
SETTINGS = {"ONECARD_DB", "ONECARD_USER", "ONECARD_BRAND", "ONECARD_DEBUG", "ONECARD_TOKENS"}
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _text(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", SHOWN, ids=_name)
def test_every_command_shown_does_what_is_shown(page: Path, tmp_path: Path) -> None:
    assert "\n\n".join(differences(page, tmp_path)) == ""


def test_the_generated_pages_are_current() -> None:
    assert [name for name, text in pages().items() if _text(name) != text] == [], "run make docs"


def test_every_command_and_option_is_documented() -> None:
    text = _text("commands.md")
    for name, (place, _) in COMMANDS.items():
        assert f"## onecard {name}\n" in text
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        inner = [*command.commands.values()] if isinstance(command, click.Group) else []
        for parameter in [parameter for one in (onecard, command, *inner) for parameter in one.params]:
            assert all(option in text for option in parameter.opts if option.startswith("-"))


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_every_setting_of_the_environment_is_documented(setting: str) -> None:
    assert setting in _text("commands.md")


def test_every_environment_variable_the_program_reads_is_one_of_these() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("flows/**/*.py"))
    assert set(re.findall(r"ONECARD_[A-Z]+", code)) <= SETTINGS


def test_every_error_class_is_documented() -> None:
    text = _text("errors.md")
    classes = [name for name in errors.__all__ if name.endswith("Error")]
    assert [name for name in classes if name not in text] == []


@pytest.mark.parametrize("model", [MappingEntry, CustomDefinition, Mapping])
def test_every_key_of_a_mapping_is_documented(model: type[Mapping]) -> None:
    text = _text("mapping.md")
    assert [name for name in model.model_fields if f"`{name}`" not in text and f'"{name}"' not in text] == []


def test_every_preset_is_documented() -> None:
    assert [name for name in presets() if f"`{name}`" not in _text("attributes.md")] == []


def test_every_rule_is_documented() -> None:
    text, rules = _text("rules.md"), Rules()
    groups = [type(rules.blocking), type(rules.learning), type(rules.clustering)]
    names = [*Rules.model_fields, *(name for group in groups for name in group.model_fields)]
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    places = [place for place in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in place]
    assert [place for place in places if not (page.parent / place).exists()] == []


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    groups = ("how-to", "reference", "explanation")
    inner = [f"{group}/{page.name}" for group in groups for page in ROOT.glob(f"docs/{group}/*.md")]
    assert [name for name in inner if f"({name})" not in index] == []


def test_the_readme_shows_what_the_demo_shows(tmp_path: Path) -> None:
    told = io.StringIO()
    run_demo(tmp_path, console=Console(file=told, width=80))
    shown = re.search(
        r"^```text\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert shown
    lines = {line.rstrip() for line in told.getvalue().splitlines()}
    assert [line for line in shown[1].splitlines() if line != "…" and line not in lines] == []
