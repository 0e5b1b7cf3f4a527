"""The questions of mixed documents can be answered from them, and are judged as is said."""

from __future__ import annotations

from benchmarks.mixed_documents import Asked, Mixed, holds, load
from qa.answers import Question, Relation
from qa.settings import Settings

HARBOUR = "The harbour of Aldport was closed on 3 May because of a storm, the mayor said.\n"
MILL = "The old mill of Oster burned down in March while its keeper, Otto Lind, slept.\n"
# What answers though no document says it in so many words.
NOT_IN_SO_MANY_WORDS = {"not on Mondays", "1903"}


def test_what_answers_stands_in_some_document() -> None:
    for mixed in load().values():
        missing = {
            words
            for asked in mixed.questions
            for words in asked.answers
            if not any(holds(text, [words]) for text in mixed.documents.values())
        }
        assert missing <= NOT_IN_SO_MANY_WORDS
        assert any(not asked.answers for asked in mixed.questions)
        assert len({asked.question for asked in mixed.questions}) == len(mixed.questions)


def test_answers_are_judged() -> None:
    mixed = Mixed({"news/harbour.txt": HARBOUR, "mill.txt": MILL}, ())
    with mixed.opened(Settings.from_environment()) as pipeline:
        slept = pipeline.answer(Question("Who slept while the mill burned down?"))
        painted = pipeline.answer(Question("Who painted the ceiling of the opera?"))
    assert Asked("", ("otto lind",)).right(slept)
    assert not Asked("", ("Ada Lind",)).right(slept)
    assert not Asked("", ()).right(slept)
    assert Asked("", ()).right(painted)
    assert not Asked("", ("Otto",)).right(painted)


def test_a_difference_is_false_where_an_answer_is_nobodys() -> None:
    texts = {"a.txt": "The storm killed 12 people.\n", "b.txt": "The storm killed 15 people.\n"}
    with Mixed(texts, ()).opened(Settings.from_environment()) as pipeline:
        result = pipeline.answer(Question("How many people did the storm kill?"))
    assert result.relation is Relation.DIFFER
    assert not Asked("", ("12",), ("15",)).differs_falsely(result)
    assert Asked("", ("12",)).differs_falsely(result) != Asked("", ("15",)).differs_falsely(result)
