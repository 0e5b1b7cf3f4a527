"""Who says so, who denies it, and who only reports it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.documents import Span
from qa.claims import claim_of, names_nobody_else
from qa.positions import Stance, Stand, attributed, positions, stance_of
from qa.reporting import Kind

QUESTION = "Is it true that Karst will send workers to Norvia?"


@pytest.mark.parametrize(
    ("text", "said", "stance"),
    [
        ("Karst denied that it will send workers to Norvia.", "send workers", Stance.DENIES),
        ("Karst confirmed that it will send workers to Norvia.", "workers", Stance.CONFIRMS),
        ("Ada Lind said Karst will send workers to Norvia.", "workers", Stance.SAYS),
        ("Ada Lind said Karst will not send workers to Norvia.", "workers", Stance.DENIES),
        ("Lind says Karst won't.", "Karst", Stance.DENIES),
        ("Ada Lind said workers of Karst in Norvia cannot be ruled out.", "workers", Stance.SAYS),
        ("Ada Lind said Karst sends workers for what was not done.", "workers", Stance.SAYS),
        ("Karst will send workers to Norvia, according to the Post.", "workers", Stance.REPORTS),
        ("Karst declined to say if it sends workers to Norvia.", "workers", Stance.DECLINES),
        ("Karst will send workers to Norvia.", "workers", Stance.REPORTS),
    ],
)
def test_a_sentence_takes_a_position(text: str, said: str, stance: Stance) -> None:
    sentence = Span(0, len(text))
    asked = claim_of(QUESTION)
    liked = Span(text.index(said), text.index(said) + len(said))
    attribution = attributed(text, sentence, asked, liked, answering=False)
    assert stance_of(text, sentence, attribution, QUESTION).stance is stance


def test_a_question_by_not_asks_whether_it_is() -> None:
    text = "Karst will send workers to Norvia."
    for question in ("Won't Karst send workers to Norvia?", "So isn’t Karst sending workers?"):
        assert stance_of(text, Span(0, len(text)), None, question).stance is Stance.REPORTS


def about(
    places: Sequence[tuple[str, Span]], read: Sequence[Sequence[tuple[Span, float]]] = ()
) -> list[Stand]:
    """All that are about the claim, whichever stance they take."""
    return [s for s in positions(QUESTION, places, read, Kind.DENIES) if not s.far]


def test_a_sentence_about_something_else_takes_none() -> None:
    text = "The mayor denied that the bridge is closed."
    assert about([(text, Span(0, len(text)))]) == []


def test_positions_come_from_every_place_the_nearest_first() -> None:
    texts = [
        "It rained. The embassy denied that Karst will send workers to Norvia.",
        "Ada Lind claimed that Karst will send workers to Norvia. She lives in Oslo.",
        "The bridge is closed, the mayor said.",
    ]
    found = about([(text, Span(0, len(text))) for text in texts])
    assert [(stand.place, stand.position.stance) for stand in found] == [
        (0, Stance.DENIES),
        (1, Stance.SAYS),
    ]
    sentence = found[0].sentence
    assert texts[0][sentence.start : sentence.end].startswith("The embassy denied")


def test_what_the_text_itself_says_comes_after_what_somebody_says() -> None:
    texts = ["Karst will send workers to Norvia.", "Lind said Karst sends workers to Norvia."]
    found = about([(text, Span(0, len(text))) for text in texts])
    assert [(stand.place, stand.position.attribution is None) for stand in found] == [
        (1, False),
        (0, True),
    ]
    assert found[1].position.stance is Stance.REPORTS


def test_a_headline_that_asks_takes_no_position() -> None:
    text = "Will Karst send workers to Norvia?"
    assert about([(text, Span(0, len(text)))]) == []


def test_hearsay_only_reports() -> None:
    text = "There were reports suggesting that Karst will send workers to Norvia."
    (stand,) = about([(text, Span(0, len(text)))])
    assert stand.position.stance is Stance.REPORTS


def test_no_places_and_no_claim_make_no_positions() -> None:
    assert about([]) == []
    assert positions("Who denied it?", [("Karst said so.", Span(0, 14))], (), Kind.DENIES) == []


def test_a_claim_about_somebody_who_is_not_named_is_another_claim() -> None:
    texts = ["The embassy denied that Karst sends workers.", "They go to Norvian towns."]
    assert names_nobody_else(QUESTION, texts)
    assert not names_nobody_else(QUESTION.replace("Karst", "Denmark"), texts)


def test_what_holds_little_of_the_claim_stands_back_behind_what_holds_much() -> None:
    texts = [
        "The embassy denied that Karst will send workers to Norvia.",
        "Ada Lind said that workers in Norvia are happy.",
        "It rained. The bridge was closed.",
    ]
    found = about([(text, Span(0, len(text))) for text in texts])
    assert [stand.place for stand in found] == [0]


def test_who_denies_what_the_sentence_before_says_takes_a_position() -> None:
    text = "Reports say that Karst will send workers to Norvia. The embassy denied this."
    found = about([(text, Span(0, len(text)))])
    denied = [stand for stand in found if stand.position.stance is Stance.DENIES]
    assert [text[s.sentence.start : s.sentence.end] for s in denied] == ["The embassy denied this."]
    other = "It rained in the hills. The embassy denied this."
    places = [(text, Span(0, 52)), (other, Span(0, len(other)))]
    assert all(stand.place == 0 for stand in about(places))


def test_a_headline_that_asks_is_nobodys_position() -> None:
    text = "Will Karst send workers to Norvia?\n\nAda Lind said Karst will send workers to Norvia."
    found = about([(text, Span(0, len(text)))], [[(Span(0, 34), 0.9)]])
    assert [stand.sentence.start for stand in found] == [36]


def test_what_the_reader_is_sure_of_needs_no_word_of_the_claim() -> None:
    text = "Ada Lind said Karst will send workers to Norvia. No ship has left the harbour."
    whole = Span(0, len(text))
    liked = Span(text.index("No ship"), len(text))
    assert len(about([(text, whole)])) == 1
    found = about([(text, whole)], [[(liked, 0.8)]])
    assert {stand.sentence.start for stand in found} == {0, liked.start}


def test_a_denial_in_other_words_comes_last() -> None:
    near = "The embassy denied that Karst will send workers to Norvia."
    far = "Otto Berg rejected the accusation that soldiers had left."
    places = [(near, Span(0, len(near))), (far, Span(0, len(far)))]
    question = "Who denied that Karst will send workers to Norvia?"
    assert [stand.far for stand in positions(question, places, (), Kind.DENIES)] == [False, True]


def test_who_denies_what_was_said_two_sentences_before_takes_a_position() -> None:
    text = (
        "Ada Lind said that Karst will send workers to Norvia. She is sure. The bank denied this."
    )
    found = about([(text, Span(0, len(text)))])
    assert Stance.DENIES in {stand.position.stance for stand in found}
    parted = text.replace(" She is sure.", "\n\nShe is sure.")
    found = about([(parted, Span(0, len(parted)))])
    assert Stance.DENIES not in {stand.position.stance for stand in found}


def test_each_text_may_say_in_few_words_and_in_its_own_name_what_it_says() -> None:
    wire = "The embassy denied that Karst will send workers to Norvia."
    blog = "It was wet. Norvia gets its workers."
    found = about([(text, Span(0, len(text))) for text in (wire, blog)])
    assert [stand.place for stand in found] == [0, 1]
