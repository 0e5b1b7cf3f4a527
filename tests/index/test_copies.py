"""Which texts are copies of each other, and which only tell the same."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.boilerplate import furniture
from index.copies import COPY_AT_LEAST, bands, resemblance, signature
from index.documents import Span
from tests.conftest import ROOT, SEEDS
from tests.index.texts import THOROUGH, hostile_texts, texts_with_ranges

EVENTS = ROOT / "training" / "data" / "news" / "events"
STORIES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in (*sorted(EVENTS.glob("*/*.txt")), *sorted(SEEDS.glob("*.txt")))
}
WORDS = sorted({word for text in STORIES.values() for word in re.findall("[A-Za-z]{4,}", text)})
ABOUT = "About Halcyra. " + " ".join(random.Random(1).choices(WORDS, k=60)) + "."
STATEMENT = " ".join(random.Random(2).choices(WORDS, k=100)) + "."
SENTENCE = "Pharmacies will exchange bottles free of charge from Monday on."
OUTLET = "This report was first printed by the Lower Quenby Tribune. Editing: Max Mustermann."


def score(one: str, other: str) -> float:
    return resemblance(one, (), other, ())


def is_candidate(one: str, other: str) -> bool:
    return bool(set(bands(signature(one))) & set(bands(signature(other))))


def is_copy(one: str, other: str) -> bool:
    return score(one, other) >= COPY_AT_LEAST


def paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def some_paragraphs(text: str, share: float, chance: random.Random) -> str:
    lines = paragraphs(text)
    kept = chance.sample(range(len(lines)), max(4, round(share * len(lines))))
    return "\n\n".join(lines[i] for i in sorted(kept))


def swapped(text: str, share: float, chance: random.Random) -> str:
    def other(word: re.Match[str]) -> str:
        return chance.choice(WORDS) if chance.random() < share else word[0]

    return re.sub(r"\b[A-Za-z]{3,}\b", other, text)


EDITS = {
    "another headline": lambda text, chance: "\n\n".join(
        [" ".join(chance.sample(WORDS, 8)), *paragraphs(text)[1:]]
    ),
    "an outlet's line": lambda text, _: f"{text}\n\n{OUTLET}",
    "a word in twenty": lambda text, chance: swapped(text, 0.05, chance),
    "a word in ten": lambda text, chance: swapped(text, 0.1, chance),
    "every number": lambda text, _: re.sub(r"\d+", lambda number: number[0] + "1", text),
    "half its paragraphs": lambda text, chance: some_paragraphs(text, 0.5, chance),
    "a new lead": lambda text, chance: " ".join(chance.sample(WORDS, 60)) + "\n\n" + text,
    "other quotation marks": lambda text, _: re.sub('["“”]', "»", text),
    "capitals": lambda text, _: text.upper(),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_lightly_edited_story_is_found_and_is_a_copy(edit):
    chance = random.Random(7)
    edited = {text: edit(text, chance) for text in STORIES.values()}
    assert all(is_copy(text, other) for text, other in edited.items())
    assert all(is_candidate(text, other) for text, other in edited.items())


def test_a_story_cut_down_to_a_third_is_found_inside_a_longer_one():
    chance = random.Random(7)
    stories = list(STORIES.values())
    for short in stories:
        others = "\n\n".join(chance.sample([text for text in stories if text != short], 2))
        long = f"{short}\n\n{others}"
        assert is_copy(swapped(short, 0.03, chance), long)
        assert is_candidate(short, long)


def test_different_stories_on_one_event_are_not_copies():
    assert all(score(*pair) < 0.1 for pair in combinations(STORIES.values(), 2))


@pytest.mark.parametrize("words", [60, 100, 200])
@pytest.mark.parametrize(
    "shared",
    [ABOUT, STATEMENT, f"“{STATEMENT}”", f'"{STATEMENT}"', f"{ABOUT}\n\n“{STATEMENT}”"],
    ids=["about", "statement", "quotation", "straight quotation", "both"],
)
def test_a_shared_paragraph_does_not_make_a_copy(words, shared):
    beginnings = [" ".join(text.split()[:words]) for text in STORIES.values()]
    for one, other in combinations(beginnings[::4], 2):
        assert not is_copy(f"{one}\n\n{shared}", f"{other}\n\n{shared}")


def test_two_reports_of_one_press_conference_are_not_copies():
    chance = random.Random(6)
    said = [" ".join(chance.choices(WORDS, k=25)) for _ in range(8)]
    reports = [
        "\n\n".join(f"“{quote},” {' '.join(chance.choices(WORDS, k=12))}." for quote in said)
        for _ in range(2)
    ]
    assert not is_copy(*reports)
    assert is_copy(*(re.sub("[“”]", "", report) for report in reports))


def test_what_is_marked_as_furniture_is_not_compared():
    one, other = list(STORIES.values())[:2]
    shared = " ".join(random.Random(4).choices(WORDS, k=1_000))
    texts = [f"{text}\n\n{shared}" for text in (one, other)]
    marks = [(Span(len(text), len(text) + 2 + len(shared)),) for text in (one, other)]
    assert resemblance(texts[0], (), texts[1], ()) >= COPY_AT_LEAST
    assert resemblance(texts[0], marks[0], texts[1], marks[1]) < COPY_AT_LEAST
    assert signature(texts[0], marks[0]).tolist() == signature(one).tolist()


def test_reprints_of_the_seeds_with_their_furniture_are_copies():
    for path in SEEDS.glob("*.txt"):
        text = path.read_text("utf-8")
        framed = f"Home | News | Sport | Contact\n\n{text}\n\nLeave a Reply\n\nShare this"
        assert resemblance(text, furniture(text), framed, furniture(framed)) > 0.95


@pytest.mark.parametrize(
    ("one", "other", "copies"),
    [
        ("The talks have failed.", "The  talks\nhave failed", True),
        ("The talks have failed.", "The talks have not failed.", False),
        (SENTENCE, f"It was said. {SENTENCE} " * 3, False),
        ("", "", False),
        ("...", "!", False),
    ],
)
def test_a_short_text_is_a_copy_only_of_its_equal(one, other, copies):
    assert (score(one, other), is_candidate(one, other)) == (float(copies), copies)


def test_signs_of_a_script_without_spaces_are_words():
    text = "".join(
        random.Random(3).choices("国家安全委員会発表新計画対応地域住民説明開催予定日時場所", k=300)
    )
    cut = text[100:220]
    assert is_copy(cut, text)
    assert not is_copy(text, text[::-1])


def test_a_text_has_few_keys_whatever_its_length():
    chance = random.Random(5)
    for length in (20, 100, 1_000, 30_000):
        text = " ".join(str(chance.random()) for _ in range(length))
        keys = bands(signature(text))
        assert 8 <= len(keys) <= 60
        assert {len(key) for key in keys} == {8}


def test_keys_do_not_depend_on_the_process():
    text = " ".join(WORDS[:200])
    code = (
        "import sys; from index.copies import bands, signature;"
        "print(b''.join(bands(signature(sys.stdin.read()))).hex())"
    )
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", code],
            input=text,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            check=True,
        )
        assert ran.stdout.strip() == b"".join(bands(signature(text))).hex()
    assert [key.hex() for key in bands(signature("The talks have failed."))] == ["c93a94e3eb72c1fc"]


@THOROUGH
@given(texts_with_ranges(), hostile_texts)
def test_resemblance_is_a_symmetric_share_and_a_text_is_its_own_copy(marked, other):
    text, marks = marked
    found = resemblance(text, marks, other, ())
    assert 0 <= found <= 1
    assert found == resemblance(other, (), text, marks)
    keys = bands(signature(text, marks))
    assert resemblance(text, marks, text, marks) == float(bool(keys))


@THOROUGH
@given(st.lists(st.sampled_from(WORDS), min_size=20, max_size=300), st.data())
def test_any_half_of_a_text_is_a_copy_of_it(words, data):
    start = data.draw(st.integers(0, len(words) // 2))
    part = words[start : start + max(20, len(words) // 2)]
    if len(part) >= 20:
        assert is_copy(" ".join(part), " ".join(words))
