"""`onecard demo`: the whole walk over the shipped address book, told as it goes.

It imports, shows what was refused, lays the cards of one person side by side, merges one, and writes the JSON. Every
run starts afresh in its own folder; nothing else is touched. What it shows is read from the views an analyst has.
"""

import shutil
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api_export.exporting import export
from dedup.rules import Rules
from flows.pipeline import DedupReport, ImportReport, ImportSettings, find_duplicates, import_file, merge_contacts
from storage.database import Database, open_database
from storage.errors import UsageError

__all__ = ["run_demo"]

SHIPPED = ("contacts.csv", "contacts.mapping.json")
MADE = (
    "onecard.duckdb",
    "onecard.duckdb.wal",
    "onecard.duckdb.lock",
    "onecard.duckdb.queue",
    "contacts.json",
    "duplicates.json",
)
MARK = ".onecard-demo"
SIDE_BY_SIDE = 3
FIELDS = {
    "first name": "first_name",
    "middle name": "middle_name",
    "last name": "last_name",
    "company": "company",
    "job title": "job_title",
    "e-mails": "emails",
    "phones": "phone_numbers",
    "birthday": "birthday",
    "addresses": "addresses",
    "partner": "partner_name",
    "tags": "tags",
}
CARDS = """
    SELECT w.id::VARCHAR AS id, w.display_name, w.first_name, w.middle_name, w.last_name, w.company, w.job_title,
           w.emails, w.phone_numbers, strftime(make_timestamp(w.birthday * 1000000), '%-d %b %Y') AS birthday,
           list_transform(w.address, lambda a: address_full(a)) AS addresses, w.partner_name, w.tags, m.cluster
    FROM contacts_wide w LEFT JOIN duplicate_members m ON m.contact = w.id
    ORDER BY m.cluster, w.id
"""
REASONS = """
    SELECT cluster, arg_max(reasons, probability) AS reasons, max(probability) AS probability
    FROM duplicates_to_review WHERE cluster IS NOT NULL GROUP BY cluster
"""
SHARED = """
    SELECT v.value, list(DISTINCT v.display_name ORDER BY v.display_name) AS people
    FROM (
        SELECT contact, display_name, is_partner, key, phone_number AS value FROM phone_numbers
        UNION ALL
        SELECT contact, display_name, is_partner, key, email FROM emails
    ) v LEFT JOIN duplicate_members m ON m.contact = v.contact
    WHERE v.key IS NOT NULL AND NOT v.is_partner
    GROUP BY v.key, v.value
    HAVING count(DISTINCT coalesce(m.cluster::VARCHAR, v.contact::VARCHAR)) > 1
    ORDER BY len(people), v.value
"""
PLACEHOLDERS = "SELECT value, count(*) FROM data_quality WHERE problem LIKE 'placeholder%' GROUP BY value ORDER BY ALL"
REFUSED = 'SELECT "row", column_name, value, reason FROM import_errors ORDER BY "row", column_name'

Card = dict[str, Any]


def run_demo(folder: Path, *, console: Console) -> None:
    """Run the walk in `folder` and tell it on `console`.

    Raises: UsageError when the folder holds files of somebody's own that the demo would replace.
    """
    _start_afresh(folder)
    settings = ImportSettings(mapping=str(folder / "contacts.mapping.json"))
    with open_database(folder / "onecard.duckdb") as db:
        console.rule("[bold]onecard: one clean card per person")
        imported = import_file(db, folder / "contacts.csv", settings, now=datetime.now(UTC))
        console.print(_what_came_in(db, imported, folder), _what_was_refused(db), sep="\n")
        found = find_duplicates(db, rules=Rules(), now=datetime.now(UTC))
        cards = _read(db, CARDS)
        clusters = _clusters(cards)
        console.print(_what_was_found(db, found, clusters), _what_was_kept_apart(db), sep="\n")
        parent, *others = (UUID(card["id"]) for card in max(clusters.values(), key=len))
        merged = merge_contacts(db, [(parent, tuple(others))], by=db.user, now=datetime.now(UTC))
        card = next(card for card in _read(db, CARDS) if card["id"] == str(parent))
        console.print(_what_was_merged(card, merged.sub_contacts))
        contacts = export(db.con, "contacts", target=folder / "contacts.json", associations=["contact.attributes"])
        left = export(db.con, "duplicates", target=folder / "duplicates.json")
    console.print(_what_was_written(folder, contacts, left))
    console.print(_what_next(folder, parent), soft_wrap=True)


def _start_afresh(folder: Path) -> None:
    """Remove what an earlier demo made, and lay out the sample."""
    folder.mkdir(parents=True, exist_ok=True)
    own = [name for name in (*MADE, *SHIPPED) if (folder / name).exists()]
    if own and not (folder / MARK).exists():
        raise UsageError(
            f"there is a {own[0]} that no demo made", where=str(folder), remedy="Name another folder: --dir."
        )
    (folder / MARK).touch()
    for name in MADE:
        (folder / name).unlink(missing_ok=True)
    for name in SHIPPED:
        with as_file(files("data").joinpath("samples", name)) as shipped:
            shutil.copyfile(shipped, folder / name)


def _read(db: Database, query: str) -> list[Card]:
    cards: list[Card] = db.con.sql(query).pl().to_dicts()
    return cards


def _clusters(cards: list[Card]) -> dict[int, list[Card]]:
    clusters: dict[int, list[Card]] = {}
    for card in cards:
        if card["cluster"] is not None:
            clusters.setdefault(card["cluster"], []).append(card)
    return {cluster: _fullest_first(members) for cluster, members in clusters.items()}


def _fullest_first(cards: list[Card]) -> list[Card]:
    """Order cards by how many fields they fill; the first makes the best parent, whose name and birthday stay."""
    return sorted(cards, key=lambda card: (-sum(bool(card[field]) for field in FIELDS.values()), card["id"]))


def _what_came_in(db: Database, report: ImportReport, folder: Path) -> RenderableType:
    lines = [
        f"[bold]{folder / report.file}[/]: {report.rows} rows of {len(report.columns)} columns.",
        f"[green]{report.created} contacts[/] with {report.attributes:,} values recorded in {report.seconds:.1f} s; "
        f"{report.rejected} row and {report.rejected_values} single values were refused.",
    ]
    placeholders = db.con.sql(PLACEHOLDERS).fetchall()
    shown = ", ".join(escape(str(value)) for value, _ in placeholders)
    count = sum(count for _, count in placeholders)
    lines.append(f"{count} values stand for nothing ({shown}): kept as sent, never used as proof.")
    return Group(*map(Text.from_markup, lines), "")


def _what_was_refused(db: Database) -> RenderableType:
    table = Table(title="What was refused, and why", title_justify="left", title_style="bold")
    table.add_column("row", justify="right")
    for name in ("column", "value", "reason"):
        table.add_column(name)
    for row, column, value, reason in db.con.sql(REFUSED).fetchall():
        table.add_row(str(row), column or "[dim](whole row)[/]", escape(value or ""), escape(reason))
    return Group(table, Text("A refused value leaves the rest of its row alone.", style="dim"), "")


def _what_was_found(db: Database, report: DedupReport, clusters: dict[int, list[Card]]) -> RenderableType:
    cards = sum(map(len, clusters.values()))
    head = (
        f"[bold]{report.clusters} people have {cards} cards between them.[/] "
        f"{report.pairs:,} pairs were compared in {report.seconds:.1f} s, without a setting or a label."
    )
    reasons = {row["cluster"]: row for row in _read(db, REASONS)}
    telling = sorted(clusters, key=lambda cluster: (-len(clusters[cluster]), -_differences(clusters[cluster]), cluster))
    tables = [_side_by_side(clusters[cluster], reasons[cluster]) for cluster in telling[:SIDE_BY_SIDE]]
    rest = Table.grid(padding=(0, 3))
    for cluster in sorted(telling[SIDE_BY_SIDE:], key=lambda cluster: -reasons[cluster]["probability"]):
        names = " = ".join(card["display_name"] for card in clusters[cluster])
        rest.add_row(Text(names), Text(f"{reasons[cluster]['probability']:.3f}", style="dim"))
    legend = Text("= all agree  ~ some do  ≠ none", style="dim")
    title = Text("\nAnd, with the probability of being one person:", style="bold")
    return Group(Text.from_markup(head), *tables, legend, title, rest, "")


def _differences(cards: list[Card]) -> int:
    """Count the fields in which cards that have something there do not agree."""
    columns = [[_values(card[field]) for card in cards] for field in FIELDS.values()]
    return sum(_sign(values) in ("~", "≠") for values in columns)


def _side_by_side(cards: list[Card], why: Card) -> RenderableType:
    """Lay cards next to each other, what another card has as well in green."""
    table = Table(title=escape(cards[0]["display_name"]), title_justify="left", title_style="bold cyan", expand=True)
    table.add_column("")
    table.add_column("")
    for number in range(1, len(cards) + 1):
        table.add_column(f"card {number}", ratio=1, overflow="fold")
    for label, field in FIELDS.items():
        values = [_values(card[field]) for card in cards]
        if any(values):
            held = [fold for those in values for fold in {_fold(value) for value in those}]
            table.add_row(_sign(values), label, *(_cell(those, held) for those in values))
    because = ", ".join(why["reasons"].split(", ")[:3])
    return Group(
        "", table, Text(f"because: {because} (bits of evidence); probability {why['probability']:.4f}", style="dim")
    )


def _values(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []


def _fold(value: str) -> str:
    """Fold spelling away: letters and digits only, and of a phone number its last ten digits."""
    plain = "".join(char for char in value.casefold() if char.isalnum())
    return plain[-10:] if plain.isdigit() else plain


def _sign(values: list[list[str]]) -> str:
    """Say how far the filled ones agree: = wholly, ~ partly, ≠ not at all; nothing when only one is filled."""
    filled = [{_fold(value) for value in those} for those in values if those]
    if len(filled) < 2:
        return ""
    if all(those == filled[0] for those in filled):
        return "="
    return "~" if sum(map(len, filled)) > len(set().union(*filled)) else "≠"


def _cell(values: list[str], held: list[str]) -> Text:
    """Show the values of a card, those another card has as well in green."""
    cell = Text()
    for number, value in enumerate(values):
        style = "green" if held.count(_fold(value)) > 1 else "yellow" if len(set(held)) > 1 else ""
        cell.append(("\n" if number else "") + value, style=style)
    return cell


def _what_was_kept_apart(db: Database) -> RenderableType:
    title = "One e-mail or number, several people: kept apart"
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("e-mail or number", no_wrap=True)
    table.add_column("people")
    for row in _read(db, SHARED):
        people = row["people"]
        more = f" and {len(people) - 4} more" if len(people) > 4 else ""
        table.add_row(escape(row["value"]), escape(", ".join(people[:4]) + more))
    return Group(table, "")


def _what_was_merged(card: Card, sub_contacts: int) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for label, field in FIELDS.items():
        if values := _values(card[field]):
            grid.add_row(Text(label, style="dim"), Text("\n".join(values)))
    title = f"[bold]{escape(card['display_name'])}[/]: {sub_contacts + 1} cards merged into one"
    return Group(Panel(grid, title=title, title_align="left", border_style="green"), "")


def _what_was_written(folder: Path, contacts: int, clusters: int) -> RenderableType:
    table = Table(
        title="Written", title_justify="left", title_style="bold", show_header=False, box=None, padding=(0, 2)
    )
    rows = [
        ("contacts.json", f"{contacts} contacts, the documented JSON"),
        ("duplicates.json", f"{clusters} clusters still to look at"),
        ("onecard.duckdb", "the database itself"),
    ]
    for name, what in rows:
        table.add_row(str(folder / name), what)
    return Group(table, "")


def _what_next(folder: Path, parent: UUID) -> RenderableType:
    onecard = "onecard" if shutil.which("onecard") else ".venv/bin/onecard"
    db = f"{onecard} --db {folder / 'onecard.duckdb'}"
    steps = {
        "take the merge back, exactly": f"unmerge {parent}",
        "import the same file again: nothing changes": (
            f"import {folder / 'contacts.csv'} --mapping {folder / 'contacts.mapping.json'}"
        ),
        "see what merging all that is sure would do": "merge --auto --min-probability 0.99 --dry-run",
        "weigh the evidence": "sql 'SELECT name, other_name, probability, reasons FROM duplicates_to_review'",
        "see who is to be called, and when": "sql 'SELECT display_name, next_touch FROM touch_due ORDER BY 2'",
    }
    text = Text("Try next\n", style="bold")
    for note, step in steps.items():
        text.append(f"  # {note}\n", style="dim not bold")
        text.append(f"  {db} {step}\n", style="not bold")
    return text
