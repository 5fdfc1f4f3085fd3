"""Spreadsheets become text as a person reads them, and a workbook that cannot be read says why."""

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from storage.errors import InputFileError
from storage.staging import Sheet
from transforms import number_formats
from transforms.reading import read_file

HEADER = ["ZIP", "Phone", "Birthday", "Seen", "Active", "Amount", "Note"]
CELLS = [
    [94010, 4155551234, dt.date(2020, 1, 2), dt.datetime(2020, 1, 2, 3, 4, 5), True, 1.5, "Zoë "],
    ["01234", "(415) 555", "Jan 2", None, False, 1200, "two\nlines"],
]
TEXT = [
    ("94010", "4155551234", "2020-01-02", "2020-01-02 03:04:05", "true", "1.5", "Zoë "),
    ("01234", "(415) 555", "Jan 2", None, "false", "1200", "two\nlines"),
]


def xlsx(path: Path, sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save(path)
    return path


def xls(path: Path, sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    formats = {dt.date: "yyyy-mm-dd", dt.datetime: "yyyy-mm-dd hh:mm:ss"}
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        sheet.visibility = int(name in hidden)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                style = xlwt.easyxf(num_format_str=formats.get(type(cell), "General"))
                if cell is not None:
                    sheet.write(place, column, cell, style)
    book.save(str(path))
    return path


WRITERS = {"xlsx": xlsx, "xls": xls}


def read(path: Path, sheet: str | None = None) -> Sheet:
    table = read_file(path, sheet=sheet, encoding=None, workdir=path.parent)
    assert isinstance(table, Sheet)
    return table


@pytest.mark.parametrize("kind", WRITERS)
def test_cells_become_the_text_a_person_reads(tmp_path: Path, kind: str) -> None:
    table = read(WRITERS[kind](tmp_path / f"people.{kind}", {"People": [HEADER, *CELLS]}))
    assert (table.kind, table.sheet, table.columns) == (kind, "People", tuple(HEADER))
    assert table.frame.rows() == TEXT
    assert table.warnings == ()


@pytest.mark.parametrize("kind", WRITERS)
def test_empty_rows_and_columns_around_and_within_the_table_do_not_count(tmp_path: Path, kind: str) -> None:
    rows = [[], [None, " "], [None, "a", None, "b"], [], [None, 1, None, 2], [None, " ", None, None], [None, 3], []]
    table = read(WRITERS[kind](tmp_path / f"people.{kind}", {"S": rows}))
    assert table.columns == ("a", "b")
    assert table.frame.rows() == [("1", "2"), ("3", None)]


@pytest.mark.parametrize("kind", WRITERS)
def test_repeated_and_blank_names_are_numbered_with_a_warning(tmp_path: Path, kind: str) -> None:
    table = read(WRITERS[kind](tmp_path / f"people.{kind}", {"S": [["E-mail", "E-mail", None], ["a", "b", "c"]]}))
    assert table.columns == ("E-mail", "E-mail (2)", "column 3")
    assert len(table.warnings) == 2


@pytest.mark.parametrize("kind", WRITERS)
def test_the_first_visible_sheet_with_anything_in_it_is_read_unless_one_is_named(tmp_path: Path, kind: str) -> None:
    sheets: dict[str, list[list[Any]]] = {
        "Secret": [["s"], ["1"]],
        "Empty": [],
        "People": [["p"], ["2"]],
        "More": [["m"], ["3"]],
    }
    path = WRITERS[kind](tmp_path / f"people.{kind}", sheets, hidden=("Secret",))
    table = read(path)
    assert (table.sheet, table.warnings) == (
        "People",
        ('the sheet "People" is read, not "More": name another with --sheet',),
    )
    assert read(path, "More").frame.rows() == [("3",)]
    assert read(path, "More").warnings == ()
    assert read(path, "Secret").frame.rows() == [("1",)]
    with pytest.raises(InputFileError, match=r'no sheet "people".*Secret, Empty, People, More.*Did you mean "People"'):
        read(path, "people")
    with pytest.raises(InputFileError, match='"Empty" is empty'):
        read(path, "Empty")


@pytest.mark.parametrize("cover", [["Clients"], ["Clients", "of the club", "Ask Ann"]])
@pytest.mark.parametrize("people", [["Name", "City"], ["E-mail"]])
@pytest.mark.parametrize("kind", WRITERS)
def test_a_page_of_notes_before_the_table_is_passed_over(
    tmp_path: Path, kind: str, people: list[str], cover: list[str]
) -> None:
    sheets: dict[str, list[list[Any]]] = {"Cover": [[line] for line in cover], "People": [people, ["x"] * len(people)]}
    table = read(WRITERS[kind](tmp_path / f"people.{kind}", sheets))
    assert (table.sheet, table.columns) == ("People", tuple(people))
    assert table.warnings == ('the sheet "People" is read, not "Cover": name another with --sheet',)


@pytest.mark.parametrize("kind", WRITERS)
def test_column_names_are_found_below_a_title(tmp_path: Path, kind: str) -> None:
    title = [
        ["Clients of the year"],
        ["as of", "2024-01-02"],
        [],
        ["Name", "E-mail", "City"],
        ["Ann", "a@example.com", "Reno"],
    ]
    table = read(WRITERS[kind](tmp_path / "book", {"S": title}))
    assert table.columns == ("Name", "E-mail", "City")
    assert table.frame.rows() == [("Ann", "a@example.com", "Reno")]
    assert table.warnings == ("2 rows above the column names were passed over",)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_workbook_without_rows_is_an_error(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputFileError, match="header of 7 columns and no rows"):
        read(WRITERS[kind](tmp_path / f"a.{kind}", {"S": [HEADER, [None, " "]]}))
    with pytest.raises(InputFileError, match="No visible sheet has anything in it"):
        read(WRITERS[kind](tmp_path / f"b.{kind}", {"S": []}))
    hidden = WRITERS[kind](tmp_path / f"c.{kind}", {"S": [], "Old": [["a"], ["1"]]}, hidden=("Old",))
    with pytest.raises(InputFileError, match="--sheet: Old"):
        read(hidden)


def test_error_cells_keep_their_text_and_formulas_give_their_last_value(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "people.xlsx", {"S": [["a", "b"], ["#N/A", "=1+1"], ["x", "y"], ["#DIV/0!", None]]})
    _edit(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace("<v/>", "<v>2</v>").replace("<v />", "<v>2</v>"))
    table = read(path)
    assert table.frame.rows() == [("#N/A", "2"), ("x", "y"), ("#DIV/0!", None)]
    assert any("2 cells" in warning and "#N/A" in warning for warning in table.warnings)


def test_times_of_day_have_no_date(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "people.xlsx", {"S": [["a"], [dt.time(15, 4)]]})
    assert read(path).frame.rows() == [("15:04:00",)]


FORMATS = [
    (1234, "00000", "01234"),
    (94010, "00000", "94010"),
    (12345678, "00000-0000", "01234-5678"),
    (7, "0.00", "7"),
]


@pytest.mark.parametrize("offset", [0, 3])
def test_zeros_that_a_number_format_shows_are_written_out(tmp_path: Path, offset: int) -> None:
    rows: list[list[Any]] = [[]] * offset + [[None] * offset + ["Name", "ZIP"], []]
    rows += [[None] * offset + ["x", number] for number, _, _ in FORMATS] + [[None] * offset + ["y", "01"]]
    path = xlsx(tmp_path / "people.xlsx", {"Other": [], "People": rows})
    book = openpyxl.load_workbook(path)
    for place, (_, pattern, _) in enumerate(FORMATS, start=offset + 3):
        book["People"].cell(place, offset + 2).number_format = pattern
    book["People"]["A1"].number_format = "00000"
    book.save(path)
    assert read(path).frame.get_column("ZIP").to_list() == [*(text for _, _, text in FORMATS), "01"]


@pytest.mark.parametrize("offset", [0, 3])
def test_zeros_are_written_out_in_old_workbooks_too(tmp_path: Path, offset: int) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    book.add_sheet("Other")
    sheet = book.add_sheet("People")
    sheet.write(0, 3, None, xlwt.easyxf(num_format_str="00000"))
    for column, name in enumerate(("Name", "ZIP")):
        sheet.write(offset, offset + column, name)
    for place, (number, pattern, _) in enumerate(FORMATS, start=offset + 2):
        sheet.write(place, offset, "x")
        sheet.write(place, offset + 1, number, xlwt.easyxf(num_format_str=pattern))
    book.save(str(tmp_path / "people.xls"))
    assert read(tmp_path / "people.xls").frame.get_column("ZIP").to_list() == [text for _, _, text in FORMATS]


@pytest.mark.parametrize("kind", WRITERS)
def test_dates_are_days_whether_counted_from_1900_or_1904(tmp_path: Path, kind: str) -> None:
    day, path = dt.datetime(2020, 1, 2), tmp_path / f"people.{kind}"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active.append(["Name", "Birthday"])
        book.active.append(["Ann", day])
        book.save(path)
    else:
        old = xlwt.Workbook()
        old.dates_1904 = True
        sheet = old.add_sheet("S")
        sheet.write(0, 0, "Birthday")
        sheet.write(1, 0, day, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
        old.save(str(path))
    assert read(path).frame.get_column("Birthday").to_list() == ["2020-01-02"]


def test_a_damaged_workbook_is_an_error(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "people.xlsx", {"S": [HEADER, *CELLS]})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputFileError, match="its end is missing"):
        read(path)
    path.write_bytes(whole)
    _edit(path, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    with pytest.raises(InputFileError, match="damaged or cut short"):
        read(path)
    old = xls(tmp_path / "people.xls", {"S": [HEADER, *CELLS]})
    old.write_bytes(old.read_bytes()[:3000])
    with pytest.raises(InputFileError, match="damaged or cut short"):
        read(old)


def _edit(path: Path, member: str, change: Any) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[member] = change(parts[member].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    ("formulas", "words"),
    [([], None), (["=1+1"], "1 formula has no value"), (["=1+1", '=A2&" Bell"'], "2 formulas have no value")],
)
def test_formulas_nobody_computed_are_counted_in_a_warning(
    tmp_path: Path, formulas: list[str], words: str | None
) -> None:
    rows = [["First", "Full"], ["Kate", "x"], *(["Ole", formula] for formula in formulas)]
    table = read(xlsx(tmp_path / "book.xlsx", {"people": rows}))
    assert table.frame.get_column("Full").to_list() == ["x", *(None for _ in formulas)]
    assert [warning for warning in table.warnings if "formula" in warning][:1] == [
        warning for warning in table.warnings if words and words in warning
    ]
    assert bool(table.warnings) == bool(words)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ('<c r="A2"><f>1+1</f><v>2</v></c>', 0), ('<c r="A2" t="str"><f>""</f><v></v></c>', 0),
        ('<c r="A2"><f>1+1</f></c>', 1), ('<c r="A2" s="1"><f t="shared" si="0"/><v/></c>', 1),
        ('<c r="A2"><f t="shared" ref="A2:A3" si="0">1</f><v></v></c>', 1),
        ('<c r="A2"/><c r="B2"><f>1</f><v>1</v></c>', 0),
        ('<c r="A2"><v>1</v></c><c r="B2"><f>1</f><v /></c>', 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("piece", [7, 4 << 20])
def test_a_formula_without_a_value_is_told_from_one_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, count: int, piece: int
) -> None:
    monkeypatch.setattr(number_formats, "_PIECE", piece)
    plain = xlsx(tmp_path / "plain.xlsx", {"people": [["First"]]})
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(tmp_path / "book.xlsx", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = data.replace(b"</sheetData>", f'<row r="2">{cell}</row></sheetData>'.encode())
            target.writestr(name, data)
    assert number_formats.uncomputed_formulas(tmp_path / "book.xlsx", "people") == count
