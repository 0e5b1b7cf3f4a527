"""CSV, TSV, JSON and JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator

from tests.index.formats.expected import Expected, Wanted

_CSV = "text/csv"
_JSON = "application/json"
_LINES = "application/jsonl"


def table_files() -> Iterator[Expected]:
    yield Expected(
        "rivers.csv",
        "River;Length;Note\r\nRhine;1 230 km;“flows”\r\nElbe;;two\r\n".encode("cp1252"),
        [
            Wanted(
                "River: Rhine; Length: 1 230 km; Note: “flows”\nRiver: Elbe; Note: two\n",
                "rivers",
                media_type=_CSV,
            )
        ],
    )
    yield Expected(
        "numbers.tsv",
        b"2021\t5\n2022\tsix\n",
        [Wanted("2021; 5\n2022; six\n", "numbers", media_type="text/tab-separated-values")],
    )
    yield Expected(
        "articles.csv",
        'id,Headline,Published,Author,Body\na-1,Opening,2022-08-11T10:00Z,Jané Doe,"It opened.\n'
        'At last."\n,,,,It cost.\na-1,Twice,,,Again.\nb,No body,,,\n'.encode(),
        [
            _row("a-1", "It opened.\nAt last.", "Opening", "2022-08-11", "Jané Doe"),
            _row("row 3", "It cost.", "It cost."),
            _row("a-1 (2)", "Again.", "Twice"),
        ],
        [("", "without a text, and left out: row 5")],
    )
    yield Expected(
        "untitled.tsv",
        b"n\ttext\n1\t12\n",
        [
            Wanted(
                "12",
                "untitled, row 2",
                member="!/row 2",
                media_type="text/tab-separated-values",
            )
        ],
    )
    yield from _as_spreadsheets_write_them()
    yield from _json_files()


def _as_spreadsheets_write_them() -> Iterator[Expected]:
    """Lines for Excel and titles above the table, years for names, quotes behind blanks."""
    for name, data, text in (
        ("separator.csv", "sep=;\r\nName;Age\r\nAda;54\r\n", "Name: Ada; Age: 54\n"),
        (
            "titled.csv",
            "Staff, 2024;;\n\nName;Age;\nAda;54;\n",
            "Staff, 2024\nName: Ada; Age: 54\n",
        ),
        ("not-titled.csv", "Name\nAda\nOtto, the second\n", "Name: Ada\nName: Otto; the second\n"),
        (
            "years.csv",
            "Country,2022,2023\nNorway,83,2023\n",
            "Country: Norway; 2022: 83; 2023: 2023\n",
        ),
        (
            "no-years.csv",
            "Tarn,2022,2023\nVelm,1999,2001\n",
            "Tarn; 2022; 2023\nVelm; 1999; 2001\n",
        ),
        ("blanks.csv", 'Name, Note\nAda, "a, b"\n', "Name: Ada; Note: a, b\n"),
        # The day of its first row is not the table's.
        ("days.csv", "Date,Item\n2024-01-05,Chair\n", "Date: 2024-01-05; Item: Chair\n"),
    ):
        title = name.removesuffix(".csv")
        yield Expected(name, data.encode(), [Wanted(text, title, media_type=_CSV)])
    yield Expected(
        "unquoted.csv",
        b"\nid,text\n1,It opened, at last\n2,It cost\n",
        [
            _row("1", "It opened, at last", "It opened, at last"),
            _row("2", "It cost", "It cost"),
        ],
    )

    yield Expected(
        "stray-quote.csv",
        b'id,text\n1,"It opened\n2,It cost\n3,"It ended"\n',
        [
            _row("1", '"It opened', '"It opened'),
            _row("2", "It cost", "It cost"),
            _row("3", '"It ended"', '"It ended"'),
        ],
    )
    yield Expected(
        "one-column.csv",
        b"text;\nIt opened;\n;\nIt cost;\n",
        [_row("row 2", "It opened", "It opened"), _row("row 4", "It cost", "It cost")],
    )


def _row(
    label: str, text: str, title: str, date: str | None = None, author: str | None = None
) -> Wanted:
    return Wanted(text, title, date, author, f"!/{label}", _CSV)


def _json_files() -> Iterator[Expected]:
    yield Expected(
        "article.json",
        '{"title": "Opening", "date": "11 August 2022", "author": {"name": "Jané Doe"},'
        ' "text": "It \\u201copened\\u201d.\\u0000 \\ud83d\\ude00", "n": 1.10}'.encode("utf-16"),
        [Wanted("It “opened”. 😀", "Opening", "2022-08-11", "Jané Doe", media_type=_JSON)],
    )
    yield Expected(
        "articles.json",
        b'{"articles": [{"body": "It opened.", "id": 7}, {"body": ""}, {"body": "It cost."}]}',
        [
            Wanted("It opened.", "It opened.", member="!/7", media_type=_JSON),
            Wanted("It cost.", "It cost.", member="!/item 3", media_type=_JSON),
        ],
        [("", "without a text, and left out: item 2")],
    )
    yield Expected(
        "rows.json",
        b'[{"date": "2024-01-05", "item": "Chair"}, {"date": "2024-02-05", "item": "Desk"}]',
        [
            Wanted(
                "date: 2024-01-05\nitem: Chair\n\ndate: 2024-02-05\nitem: Desk",
                "rows",
                media_type=_JSON,
            )
        ],
    )
    yield Expected(
        "pages.json",
        b'[{"text": ["It opened.", "It cost."]},'
        b' {"text": "<p>It &amp; <b>she</b>.</p>\\n<p>I.</p>"}, {"text": "<p> is a tag"}]',
        [
            Wanted("It opened.\n\nIt cost.", "It opened.", member="!/item 1", media_type=_JSON),
            Wanted("It & she.\n\nI.", "It & she.", member="!/item 2", media_type=_JSON),
            Wanted("<p> is a tag", "<p> is a tag", member="!/item 3", media_type=_JSON),
        ],
    )
    yield Expected(
        "lists.json",
        b'{"n": 2, "news": [{"body": "It opened."}], "letters": [{"body": "It cost."}, 1]}',
        [
            Wanted("It opened.", "It opened.", member="!/item 1", media_type=_JSON),
            Wanted("It cost.", "It cost.", member="!/letters item 1", media_type=_JSON),
        ],
        [("", "without a text, and left out: letters item 2")],
    )
    yield Expected(
        "settings.json",
        b'{"name": "Rhine", "length": 1.230, "open": true, "none": null, "empty": [],'
        b' "bridges": [{"at": "Bonn", "years": [1898, 1949]}, {"at": "K\xc3\xb6ln"}]}',
        [
            Wanted(
                "name: Rhine\nlength: 1.230\nopen: true\nbridges:\n  at: Bonn\n  years:\n"
                "    - 1898\n    - 1949\n\n  at: Köln",
                "name: Rhine",
                media_type=_JSON,
            )
        ],
    )
    yield Expected(
        "articles.jsonl",
        b'{"text": "It opened.", "title": "One"}\n\n{"text": broken\r\n{"text": "It cost."}\n',
        [
            Wanted("It opened.", "One", member="!/line 1", media_type=_LINES),
            Wanted("It cost.", "It cost.", member="!/line 4", media_type=_LINES),
        ],
        [("!/line 3", "it is not JSON: Expecting value at column 10")],
    )
    yield Expected(
        "deep.json", b"[" * 100_000 + b"]" * 100_000, reason="it is nested too deeply to be read"
    )
    yield Expected(
        "broken.json",
        b'{\n"text": "It opened."',
        reason="it is not JSON: Expecting ',' delimiter at line 2, column 21",
    )
