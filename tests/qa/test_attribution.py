"""Who says it: every span a slice, and the speakers of the development texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.event_sets import load
from index.documents import Span
from qa.attribution import Attribution, attribute
from qa.reporting import Kind

RIGHT_AT_LEAST = 0.95


def found(text: str, said: str) -> Attribution | None:
    start = text.index(said)
    return attribute(text, Span(start, start + len(said)))


def words(text: str, span: Span) -> str:
    return text[span.start : span.end]


@pytest.mark.parametrize(
    ("text", "said", "speaker", "verb", "kind"),
    [
        ("Ada Lind said that the mill had burned.", "the mill", "Ada Lind", "said", Kind.SAYS),
        ("The mill had burned, the mayor said.", "mill", "the mayor", "said", Kind.SAYS),
        ('"It burned," said Ada Lind, a baker.', "burned", "Ada Lind", "said", Kind.SAYS),
        ("Its director, Ada Lind, denied the report.", "report", "Ada Lind", "denied", Kind.DENIES),
        ("Ada Lind, its director, denied the report.", "report", "Ada Lind", "denied", Kind.DENIES),
        (
            "According to the fire brigade, six died.",
            "six",
            "the fire brigade",
            "According to",
            Kind.REPORTS,
        ),
        (
            "The bridge fell, according to Karst state TV.",
            "bridge",
            "Karst state TV",
            "according to",
            Kind.REPORTS,
        ),
        (
            "The report was denied by Ada Lind on Monday.",
            "The report",
            "Ada Lind",
            "denied",
            Kind.DENIES,
        ),
        (
            "Ada Lind was quoted as saying that it burned.",
            "it burned",
            "Ada Lind",
            "quoted",
            Kind.SAYS,
        ),
        (
            "The mayor rejected the plan, calling it a waste.",
            "a waste",
            "The mayor",
            "calling",
            Kind.SAYS,
        ),
        (
            "Lind's claim that the mill burned is old.",
            "the mill",
            "Lind",
            "claim",
            Kind.CLAIMS,
        ),
        ("The loss was 40 tonnes, say fishermen.", "40", "fishermen", "say", Kind.SAYS),
        ('"It burned," say the men of Tarn.', "It", "the men of Tarn", "say", Kind.SAYS),
        (
            "By the fire brigade's count, six died.",
            "six",
            "the fire brigade",
            "By the fire brigade's count",
            Kind.SAYS,
        ),
        (
            "In Ada Lind's own words, the mill burned.",
            "the mill",
            "Ada Lind",
            "In Ada Lind's own words",
            Kind.SAYS,
        ),
        ("The agency calculates that six died.", "six", "The agency", "calculates", Kind.CLAIMS),
        ("Ada Lind called the report fake.", "the report", "Ada Lind", "called", Kind.DENIES),
        (
            "He apologised to all, but rejected a call to resign.",
            "a call",
            "He",
            "rejected",
            Kind.REJECTS,
        ),
        (
            "The Kremlin refused to confirm the figure.",
            "the figure",
            "The Kremlin",
            "refused to confirm",
            Kind.DECLINES,
        ),
        (
            "Washington did not confirm the figure.",
            "the figure",
            "Washington",
            "did not confirm",
            Kind.DECLINES,
        ),
        ("The union is demanding a rise.", "a rise", "The union", "demanding", Kind.DEMANDS),
        (
            '"It burned," said union secretary Ada Lind.',
            "burned",
            "secretary Ada Lind",
            "said",
            Kind.SAYS,
        ),
        ("Ada Lind, the mayor, said the mill was old.", "old", "Ada Lind", "said", Kind.SAYS),
        ("The owner, Fjordline, said the mill was old.", "old", "Fjordline", "said", Kind.SAYS),
        ("Ada Lind, 54, said the mill will hold.", "hold", "Ada Lind", "said", Kind.SAYS),
        ("Ada Lind, however, said the mill will hold.", "hold", "Ada Lind", "said", Kind.SAYS),
        (
            "The ministry, in a statement on Monday, said the repairs would cost a million.",
            "a million",
            "The ministry",
            "said",
            Kind.SAYS,
        ),
        ("In Tarn, said the mayor, the mill will hold.", "hold", "the mayor", "said", Kind.SAYS),
        (
            "The mill burned, killing six, said the mayor as she was leaving.",
            "six",
            "the mayor",
            "said",
            Kind.SAYS,
        ),
        ("It burned, said its secretary.", "burned", "its secretary", "said", Kind.SAYS),
        ("It burned, said Dr. Lind.", "burned", "Dr. Lind", "said", Kind.SAYS),
        ("‘It burned,’ said Ada Lind.", "burned", "Ada Lind", "said", Kind.SAYS),
        ("‘It burned,’ Ada Lind said.", "burned", "Ada Lind", "said", Kind.SAYS),
        (
            "In Łukasz Nowak's words, it burned.",
            "burned",
            "Łukasz Nowak",
            "In Łukasz Nowak's words",
            Kind.SAYS,
        ),
        ("On Monday, the mill burned, said Ada Lind.", "burned", "Ada Lind", "said", Kind.SAYS),
        (
            "Finance minister Ada Lind confirmed the sale.",
            "the sale",
            "Finance minister Ada Lind",
            "confirmed",
            Kind.CONFIRMS,
        ),
        (
            'The firm denies it, naturally: "It burned," its mayor Ada Lind wrote.',
            "It burned",
            "mayor Ada Lind",
            "wrote",
            Kind.SAYS,
        ),
        (
            "Six burned and not ten, as the firm had stated, Ada Lind said.",
            "Six",
            "Ada Lind",
            "said",
            Kind.SAYS,
        ),
        ('"It never was," said ticket holder Ada Lind.', "never", "Ada Lind", "said", Kind.SAYS),
        ('Mayor Ada Lind: "It burned. We saw it."', "We saw", "Mayor Ada Lind", ":", Kind.SAYS),
        ('"It burned," Ada Lind laughed.', "burned", "Ada Lind", "laughed", Kind.SAYS),
        ('"It burned," sobbed his widow, Ada Lind.', "burned", "Ada Lind", "sobbed", Kind.SAYS),
        (
            'Baker Ada Lind disagreed: "It burned."',
            "burned",
            "Baker Ada Lind",
            "disagreed",
            Kind.SAYS,
        ),
        ("Ada Lind does not think it burned.", "burned", "Ada Lind", "does not think", Kind.DENIES),
        ("Ada Lind ruled out a sale.", "a sale", "Ada Lind", "ruled out", Kind.DENIES),
        (
            "Ada Lind did not rule out a sale.",
            "a sale",
            "Ada Lind",
            "did not rule out",
            Kind.DECLINES,
        ),
        ("Some 1,260 drivers said it burned.", "burned", "Some 1,260 drivers", "said", Kind.SAYS),
        (
            "Mr Otto Lang, Director of Sales, said it burned.",
            "burned",
            "Mr Otto Lang",
            "said",
            Kind.SAYS,
        ),
        (
            '"It burned," said Tarn\'s acting mayor, Ada Lind.',
            "burned",
            "Ada Lind",
            "said",
            Kind.SAYS,
        ),
    ],
)
def test_speaker_verb_and_kind(text: str, said: str, speaker: str, verb: str, kind: Kind) -> None:
    attribution = found(text, said)
    assert attribution is not None
    assert words(text, attribution.speaker) == speaker
    assert words(text, attribution.verb) == verb
    assert attribution.kind is kind


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The mill was built in 1887.", "1887"),
        ("Such claims were common in 1887.", "1887"),
        ("The reported deaths fell to six.", "six"),
        ("", ""),
        ("The fee is calculated by dividing the cost by twelve.", "The fee"),
        ("The loss, say two weeks, is small.", "small"),
        ("I am told it burned.", "burned"),
        ("Lang did not leave, whatever the firm tells you.", "leave"),
        ("Fire kills five, cooling tower suspected", "five"),
        ("The firm had not called once.", "once"),
        ("Otto Lang called me eleven times.", "eleven"),
        ("The report is expected by the end of June.", "June"),
        ("The mill was cleaned according to the rules.", "cleaned"),
        ("Forty of the drivers reported for work on Monday.", "work"),
        ("Baker Omar Said, whose shop burned, gave out bread.", "bread"),
    ],
)
def test_what_the_text_itself_states_is_nobodys(text: str, said: str) -> None:
    assert found(text, said) is None


def test_she_is_who_the_sentence_before_ends_with_after_a_title() -> None:
    text = (
        "Otto Berg said it was late. Blame came from the mayor of Tarn, Ada Lind. "
        "She called it bad."
    )
    attribution = found(text, "it bad")
    assert attribution is not None
    assert words(text, attribution.who) == "Ada Lind"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('Ada Lind counted them. A window was broken. "One is gone," she told us.', "One"),
        (
            'Ada Lind fell after her Volvo told her to turn. "It hurt," she told the Post.',
            "It hurt",
        ),
        ("I asked Ada Lind, who came third. She wrote that it burned.", "burned"),
        ("I asked Ada Lind about it, and she told me that it burned.", "burned"),
        ("Third, Ada Lind herself. I reached her by phone. She said that it burned.", "burned"),
        ("TARN, 3 May 2031 (Agency) - Ada Lind left on Monday. She said it burned.", "burned"),
    ],
)
def test_she_is_neither_a_thing_nor_the_author(text: str, said: str) -> None:
    attribution = found(text, said)
    assert attribution is not None
    assert words(text, attribution.who) == "Ada Lind"


def test_a_subject_ends_before_its_verb() -> None:
    text = "The governor came. She said that it burned."
    attribution = found(text, "burned")
    assert attribution is not None
    assert words(text, attribution.who) == "The governor"


def test_what_stands_before_the_colon_of_a_quotation_says_it_or_nobody() -> None:
    assert found('"It burned," said Otto Berg. A baker was curt: "It did not."', "did not") is None


def test_a_quotation_that_goes_on_has_the_speaker_of_its_beginning() -> None:
    text = '"It burned," Ada Lind told the Post. "We saw it. The roof fell in."'
    attribution = found(text, "The roof")
    assert attribution is not None
    assert words(text, attribution.speaker) == "Ada Lind"
    assert not attribution.indirect


def test_a_quotation_that_opens_a_paragraph_goes_on_from_the_one_before() -> None:
    text = "Ada Lind said she had seen it.\n\n“The roof fell in. Nobody was hurt.”"
    attribution = found(text, "Nobody")
    assert attribution is not None
    assert words(text, attribution.speaker) == "Ada Lind"


def test_he_is_the_speaker_that_was_named_last() -> None:
    text = "Ada Lind owns the mill. She said that it burned."
    attribution = found(text, "it burned")
    assert attribution is not None
    assert words(text, attribution.speaker) == "She"
    assert words(text, attribution.who) == "Ada Lind"


def test_a_speaker_is_attributed_to_itself() -> None:
    text = "The embassy denied it, and Ada Lind confirmed it."
    for speaker, kind in (("The embassy", Kind.DENIES), ("Ada Lind", Kind.CONFIRMS)):
        attribution = found(text, speaker)
        assert attribution is not None
        assert (words(text, attribution.speaker), attribution.kind) == (speaker, kind)


def test_the_speakers_of_the_development_texts_are_found() -> None:
    events = load()
    rows = events.attributions
    wrong = []
    for row in rows:
        text = events.articles[row["document"]]
        assert text[row["start"] : row["end"]] == row["text"]
        attribution = attribute(text, Span(row["start"], row["end"]))
        if row["speaker"] is None:
            right = attribution is None
        else:
            gold = Span(row["speaker"]["start"], row["speaker"]["end"])
            right = attribution is not None and attribution.kind == row["kind"]
            right = right and any(s.overlaps(gold) for s in (attribution.speaker, attribution.who))
        wrong += [] if right else [f"{row['document']} {row['text']!r}: {attribution}"]
    assert len(wrong) <= (1 - RIGHT_AT_LEAST) * len(rows), "\n".join(wrong)


PIECES = [
    '"',
    "“",
    "”",
    " said ",
    " that ",
    "Ada Lind",
    ", ",
    ". ",
    "\n\n",
    "he ",
    "denied ",
    "by ",
]
PIECES += [
    "according to ",
    "the mayor ",
    "quoted as saying ",
    "claims ",
    "calling ",
    "'s ",
    "(",
    ")",
]
STRANGE = st.one_of(
    st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
)


@given(STRANGE, st.data())
def test_every_span_is_a_slice_and_nothing_fails(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    attribution = attribute(text, Span(start, end))
    if attribution is not None:
        for span in (attribution.speaker, attribution.verb, attribution.who):
            assert 0 <= span.start < span.end <= len(text)
            assert words(text, span).strip()


def test_a_long_document_is_read_around_the_place_only() -> None:
    text = "x " * 500_000 + "\n\nAda Lind said that it burned.\n\n" + "said “" * 200_000
    attribution = found(text, "it burned")
    assert attribution is not None
    assert words(text, attribution.speaker) == "Ada Lind"
    assert words(text, attribution.verb) == "said"
