"""How often a name stands nowhere, on a small file."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from benchmarks.unknown_names import main
from tests.benchmarks.squad_files import article, qa, write


def test_names_are_counted_with_and_without_the_context_that_answers(tmp_path: Path) -> None:
    heron = ("Heron costs 3 euros.", [qa("1", "What does Heron cost?", "3 euros")])
    falcon = ("Falcon costs 4 euros.", [qa("2", "What does Falcon cost?", "4 euros")])
    both = ("Heron costs less.", [qa("3", "What does Eagle cost?"), qa("4", "What is it?")])
    typo = ("Kite flies.", [qa("5", "What does Robin do?", "flies"), qa("6", "Who flies?", "Kite")])
    asked = write(tmp_path / "asked.json", article("Birds", both, falcon, typo))
    others = write(tmp_path / "others.json", article("Birds", heron))
    result = CliRunner().invoke(main, [str(asked), "--contexts", str(others)])
    assert result.exit_code == 0, result.output
    told = [" ".join(line.split()) for line in result.output.splitlines()]
    assert told[-3:] == [
        "unanswerable 1 of 2 (50.00%), log-odds 0.4",
        "answerable 1 of 3 (33.33%), log-odds 0.0",
        "deleted 2 of 3 (66.67%), log-odds 0.7",
    ]
