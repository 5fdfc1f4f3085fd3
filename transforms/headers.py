"""Column names as a header gives them, made fit to be named in a mapping: one line each, none blank, none twice."""

from collections.abc import Iterable

__all__ = ["column_names"]


def column_names(cells: Iterable[str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the columns and say what was changed: (names, warnings).

    White space is folded. A blank name becomes "column 3" by its place; a name met again becomes "E-mail (2)",
    "E-mail (3)" …, and a mapping names it so.
    """
    names: list[str] = []
    warnings: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        wanted = " ".join((cell or "").split())
        name = _free(wanted or f"column {place}", taken)
        if not wanted:
            warnings.append(f'column {place} has no name; a mapping names it "{name}"')
        elif name != wanted:
            warnings.append(f'column {place} repeats the name "{wanted}"; a mapping names it "{name}"')
        taken.add(name)
        names.append(name)
    return tuple(names), tuple(warnings)


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
