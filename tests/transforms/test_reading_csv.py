"""Delimited files: every layout gives the same rows, every fault is found, and good rows and faults add up."""

from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import InputFileError
from storage.staging import CsvFile, row_of, stage
from transforms import csv_records
from transforms.reading import read_file

HEADER = ["First", "Last", "E-mail", "Note"]
ROWS = [
    ["Ana", "Núñez", "ana@example.com", "likes tea; coffee, too"],
    ["Bo", 'O"Hara', "", "first line\nsecond line"],
    ["", "", "only@example.com", ""],
    ["Zoë", "d'Arc", "zoe@example.com", "tab\there | pipe"],
]


def written(rows: list[list[str]], *, delimiter: str = ",", end: str = "\n", quote_all: bool = False) -> str:
    def cell(text: str) -> str:
        plain = not quote_all and not any(mark in text for mark in f'{delimiter}"\r\n')
        return text if plain else '"' + text.replace('"', '""') + '"'

    return "".join(delimiter.join(map(cell, row)) + end for row in rows)


def read(path: Path, encoding: str | None = None) -> CsvFile:
    workdir = path.parent / "work"
    workdir.mkdir(exist_ok=True)
    table = read_file(path, sheet=None, encoding=encoding, workdir=workdir)
    assert isinstance(table, CsvFile)
    return table


def rows_of(table: CsvFile) -> list[list[str]]:
    with duckdb.connect() as con:
        source = stage(con, table)
        first, second = con.sql(source.sql).fetchall(), con.sql(source.sql).fetchall()
        assert first == second
        assert len(first) == source.rows
        assert source.faults.equals(table.faults)
    return [[cell or "" for cell in row] for row in first]


def read_text(tmp_path: Path, text: str | bytes) -> CsvFile:
    path = tmp_path / "contacts.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "pipe"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("quote_all", [False, True], ids=["some quotes", "all quoted"])
def test_every_layout_gives_the_same_rows(
    tmp_path: Path, encoding: str, delimiter: str, end: str, quote_all: bool
) -> None:
    text = written([HEADER, *ROWS], delimiter=delimiter, end=end, quote_all=quote_all)
    table = read_text(tmp_path, text.encode(encoding))
    assert table.columns == tuple(HEADER)
    assert table.delimiter == delimiter
    assert rows_of(table) == ROWS
    assert table.faults.is_empty()
    assert bool(table.warnings) == (encoding == "cp1252")


FAULTS = {
    "a short row": ("a,b,c\n1,2\n4,5,6\n", [["4", "5", "6"]], [(1, "2 fields", "1,2")]),
    "a long row": ("a,b,c\n4,5,6\n1,2,3,4\n", [["4", "5", "6"]], [(2, "4 fields", "1,2,3,4")]),
    "one word": ("a,b,c\nx\n4,5,6\n", [["4", "5", "6"]], [(1, "1 field,", "x")]),
    "the last row cut": ("a,b,c\r\n4,5,6\r\n7,8", [["4", "5", "6"]], [(2, "2 fields", "7,8")]),
    "text after a closing quote": ('a,b,c\n"x"y,2,3\n4,5,6\n', [["4", "5", "6"]], [(1, "closing quote", '"x"y,2,3')]),
    "a quote inside quotes": ('a,b\n"He said "hi" to me",2\n4,5\n', [["4", "5"]], [(1, "closing quote", '"He said')]),
    "an open quote that swallows a line": (
        'a,b,c\n"1,2,3\n4,"5",6\n7,8,9\n',
        [["4", "5", "6"], ["7", "8", "9"]],
        [(1, "closing quote", '"1,2,3')],
    ),
    "faults in many places": (
        "a,b\n1\n1,2\n3\n\n3,4\n5,6,7\n",
        [["1", "2"], ["3", "4"]],
        [(1, "1 field,", "1"), (3, "1 field,", "3"), (5, "3 fields", "5,6,7")],
    ),
}


@pytest.mark.parametrize(("text", "rows", "faults"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_row_is_kept_aside_with_its_number_and_text(
    tmp_path: Path, text: str, rows: list[list[str]], faults: list[tuple[int, str, str]]
) -> None:
    table = read_text(tmp_path, text)
    assert rows_of(table) == rows
    found = table.faults.rows()
    assert [row for row, _, _ in found] == [row for row, _, _ in faults]
    for (_, reason, original), (_, wanted, start) in zip(found, faults, strict=True):
        assert wanted in reason
        assert original.startswith(start)


ODD = {
    "mixed line ends": (b"a,b\r\n1,2\n3,4\r5,6\r\n", [["1", "2"], ["3", "4"], ["5", "6"]]),
    "mixed line ends and quoted ones": (b'a,b\r\n1,"x\r\ny"\n"p\rq",4\r', [["1", "x\r\ny"], ["p\rq", "4"]]),
    "no line end at the end": (b"a,b\n1,2\n3,4", [["1", "2"], ["3", "4"]]),
    "blank lines": (b"\n\na,b\n\n1,2\n  \n\t\n3,4\n\n\n", [["1", "2"], ["3", "4"]]),
    "rows of delimiters": (b'a,b\n1,2\n,\n"",""\n , \n3,4\n', [["1", "2"], ["3", "4"]]),
    "trailing delimiters": (b"a,b\n1,2,\n3,4,,\n", [["1", "2"], ["3", "4"]]),
    "trailing delimiters in the header too": (b"a,b,\n1,2,\n3,4,\n", [["1", "2", ""], ["3", "4", ""]]),
    "trailing delimiters in the header only": (b"a,b,,\n1,2\n3,4\n", [["1", "2"], ["3", "4"]]),
    "a sep line": (b"sep=;\na;b\n1,5;2\n3;4\n", [["1,5", "2"], ["3", "4"]]),
    "a quoted sep line": (b'"sep=|"\r\na|b\r\n1|2\r\n', [["1", "2"]]),
    "a mark and quotes": (b'\xef\xbb\xbf"a","b"\n"1","2"\n', [["1", "2"]]),
    "a quote in an unquoted field": (b'a,b\n5" pipe,2\n3,4\n', [['5" pipe', "2"], ["3", "4"]]),
    "spaces around quotes": (b'a, b\n"1,1", "2,2"\n"3" ,4\n', [["1,1", "2,2"], ["3", "4"]]),
    "single quotes all over": (b"'a','b'\n'1,1','O''Hara'\n'3','4'\n", [["1,1", "O'Hara"], ["3", "4"]]),
    "apostrophes": (b"a,b\n'tis,O'Hara\n", [["'tis", "O'Hara"]]),
    "a header of two lines": (b'"first\nname",b\n1,2\n', [["1", "2"]]),
    "one column": (b"E-mail\na@example.com\nb@example.com\n", [["a@example.com"], ["b@example.com"]]),
    "one column with commas in quotes": (b'Name\n"Doe, Jo"\nAnn\n', [["Doe, Jo"], ["Ann"]]),
    "a comma in a semicolon file's header": (b"L, f;Phone\nDoe, Jo;1\n", [["Doe, Jo", "1"]]),
    "a tab in a name": (b"a,b\tc\n1,2\n3,4\n", [["1", "2"], ["3", "4"]]),
    "decimal commas": (b"a;b\n1,5;2,5\n3,5;4,5\n", [["1,5", "2,5"], ["3,5", "4,5"]]),
    "unlike rows": (b"a;b;c\n1,1,1,1;2;3\n1;2,2,2,2,2;3\n", [["1,1,1,1", "2", "3"], ["1", "2,2,2,2,2", "3"]]),
    "backslashes": (b'a,b\n"x\\",2\n\\,4\n', [["x\\", "2"], ["\\", "4"]]),
    "hash lines": (b"a,b\n#1,2\n", [["#1", "2"]]),
    "the word NULL": (b"a,b\nNULL,nan\n", [["NULL", "nan"]]),
    "other line separators": ("a,b\n1\x85x,2\u2028y\n".encode(), [["1\x85x", "2\u2028y"]]),
}  # fmt: skip


@pytest.mark.parametrize(("data", "rows"), ODD.values(), ids=ODD)
def test_odd_but_readable_files_are_read(tmp_path: Path, data: bytes, rows: list[list[str]]) -> None:
    table = read_text(tmp_path, data)
    assert rows_of(table) == rows
    assert table.faults.is_empty()


BAD = {
    "a header alone": ("a,b,c\n", ["header of 3 columns", "no rows"]),
    "a header and blank lines": ("a,b,c\n\n,,\n  \n", ["no rows"]),
    "nothing but delimiters": (',,,\n"",\n,\n', ["no column names"]),
    "a sep line alone": ("sep=;\n", ["no column names"]),
    "white space": (" \n\t\r\n ", ["white space"]),
    "an open quote": ('a,b\n1,2\n3,"4\n5,6\n', ["line 3", "never closed"]),
    "an open quote in the last field": ('a,b\n"x\ny",2\n3,"4', ["line 4", "never closed"]),
    "an open quote in a field of many lines": ('a,b\n1,2\n"x\ny",z\n5,"6\n\n7\n', ["line 5", "never closed"]),
    "an open quote in the header": ('a,"b\n1,2\n3,4\n', ["line 1", "never closed"]),
    "a NUL byte": ("a,b\n1,2\n3,\0\n", ["NUL", "line 3"]),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD)
def test_an_unreadable_file_is_an_error_that_names_the_place(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(InputFileError) as caught:
        read_text(tmp_path, text)
    for word in ["contacts.csv", *words]:
        assert word in str(caught.value)
    assert caught.value.remedy


def test_a_repeated_or_blank_column_name_is_numbered_with_a_warning(tmp_path: Path) -> None:
    table = read_text(tmp_path, "E-mail, E-mail ,,First  name\na,b,c,d\n")
    assert table.columns == ("E-mail", "E-mail (2)", "column 3", "First name")
    assert len(table.warnings) == 2
    assert '"E-mail (2)"' in table.warnings[0]
    assert '"column 3"' in table.warnings[1]


def test_a_missing_header_is_suspected(tmp_path: Path) -> None:
    table = read_text(tmp_path, "Ana,ana@example.com\nBo,bo@example.com\n")
    assert any("header missing" in warning for warning in table.warnings)


def test_a_cell_of_three_megabytes_survives(tmp_path: Path) -> None:
    cell = 'x,"\n' * 750_000
    rows = [["1", "2"], ["3", cell], ["5", "6"]]
    assert rows_of(read_text(tmp_path, written([["a", "b"], *rows]))) == rows
    table = read_text(tmp_path, written([["a", "b"], *rows]) + "1,2,3\n")
    assert rows_of(table) == rows
    assert table.faults.get_column("row").to_list() == [4]


def test_undecodable_bytes_are_named_by_line_and_the_given_encoding_is_used(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes("a,b\n1,2\nЖ,3\n".encode("cp1251"))
    guessed = read(path)
    assert guessed.encoding == "cp1252"
    assert "line 3" in guessed.warnings[0]
    told = read(path, "windows-1251")
    assert (told.encoding, told.warnings) == ("cp1251", ())
    assert rows_of(told) == [["1", "2"], ["Ж", "3"]]
    with pytest.raises(InputFileError, match=r"0xC6 on line 3 is not utf-8"):
        read(path, "utf8")
    path.write_bytes(b"a,b\n1,2\n\x81,3\n")
    with pytest.raises(InputFileError, match="line 3"):
        read(path)


def test_an_encoding_that_does_not_exist_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputFileError, match="Did you mean"):
        read(path, "utf-9")
    with pytest.raises(InputFileError):
        read(path, "hex")


@pytest.mark.parametrize("name", ["a [1].csv", "a*.csv", "q'uote.csv", "k=v.csv", "x.csv.gz", "{a,b}.csv", "sp ace"])
def test_a_file_name_is_never_a_pattern(tmp_path: Path, name: str) -> None:
    (tmp_path / "ab.csv").write_text("a,b\n8,8\n")
    path = tmp_path / name
    path.write_text("a,b\n1,2\n")
    assert rows_of(read(path)) == [["1", "2"]]


LINKEDIN = (
    'Notes:\n"When exporting your data, you may notice that some, or most, of the email addresses are missing. '
    'You will only see ""them"" for connections who have allowed it"\n\n'
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_column_names_are_found_below_notes(tmp_path: Path, delimiter: str, end: str) -> None:
    notes, header = LINKEDIN.split("\n\n")
    rows = header + "Ann,Lee,,ann@example.com,,,1 Jan 2024\n,,,,,,\nBob,Ray\n"
    table = read_text(tmp_path, (notes + "\n\n" + rows.replace(",", delimiter)).replace("\n", end))
    assert table.columns[:3] == ("First Name", "Last Name", "URL")
    assert rows_of(table) == [["Ann", "Lee", "", "ann@example.com", "", "", "1 Jan 2024"]]
    assert table.faults["row"].to_list() == [2]
    assert table.warnings == ("2 rows above the column names were passed over",)


@pytest.mark.parametrize(
    "text", ["Name,,\nAnn,Lee,Reno\n", "Client,Ref,\nAnn,7,Reno\n", "Name,E-mail\nAnn,a@b.co,City\n"]
)
def test_a_first_row_is_not_taken_for_a_title_lightly(tmp_path: Path, text: str) -> None:
    assert read_text(tmp_path, text).columns[0] == text.partition(",")[0]


cells = st.text(alphabet='ab ,;"\n\r\té', max_size=6)
tables = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=8))


@settings(deadline=None, max_examples=60)
@given(rows=tables, end=st.sampled_from(["\n", "\r\n"]), chunk=st.sampled_from([5, 64, 8 << 20]))
def test_what_was_written_is_read_whatever_the_chunks(
    rows: list[list[str]], end: str, chunk: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [["start", *row] for row in rows] or [["start"]]
    header = [f"h{place}" for place in range(len(rows[0]))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "_CHUNK", chunk)
        text = written([header, *rows], end=end, quote_all=True)
        table = read_text(tmp_path_factory.mktemp("law"), text)
        assert rows_of(table) == rows
        assert table.path.name == "contacts.csv"


@settings(deadline=None, max_examples=80)
@given(junk=st.text(alphabet='ab,"\n\r é', max_size=60))
def test_good_rows_and_faults_add_up_in_any_junk(junk: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("junk")
    found = []
    for chunk in (3, 11, 8 << 20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv_records, "_CHUNK", chunk)
            try:
                table = read_text(folder, f"h1,h2,h3\n{junk}")
            except InputFileError as error:
                found.append(("", str(error)))
                continue
        good = rows_of(table)
        numbers = row_of(np.arange(1, table.rows + 1), table.faults)
        every = sorted([*numbers.tolist(), *table.faults.get_column("row").to_list()])
        assert every == list(range(1, table.rows + table.faults.height + 1))
        stripped = [[cell.strip() for cell in row] for row in good]
        found.append((str(stripped), str(table.faults.rows())))
    assert len(set(found)) == 1
