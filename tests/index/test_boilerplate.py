"""What is furniture of a page and what is its article, on real and on made-up texts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from index.boilerplate import furniture
from index.lines import physical_lines
from tests.conftest import SEEDS
from tests.index.texts import THOROUGH, hostile_texts

HEADLINE_001 = "Russian State Media Suggests North Korea Will Send Volunteers to Ukraine"
HEADLINE_002 = (
    "Side with Russia, is it true that North Korea will Send 100,000 'Volunteer Soldiers' "
    "to Face Ukraine?"
)
FEELINGS = ("Happy", "Sad", "Excited", "Sleepy", "Angry", "Surprise")
TEASERS_001 = (
    *("Week's Top Stories", "More In This Category"),
    "U.S Restricts Georgian Visas, Launches Relations Review Over Foreign Agents Bill",
    "U.S. to Restrict and Pressure Georgian State\xa0 U.S. Secretary of...",
    "South Africa’s Election: Key Issues, Party Promises, and The Facts",
    "Introduction: For the first time since gaining power through the...",
    "Cambodia and China Hold Largest Golden Dragon Exercise to Date",
    "On May 16th, units from the Royal Cambodian Military...",
    "A Recap on the Israeli Raid into Jenin",
    "Israel's raid into the West Bank city of Jenin...",
)
# Of each seed: its marked lines in order, the long ones shortened.
MARKED = {
    "000": ["(Image: AP)"],
    "001": [
        HEADLINE_001,
        "Unbiased & Unfiltered News Reporting for 12+ years. Covering Geo-Political conflicts",
        *("- Sponsor -spot_img", "- Sponsor -spot_img", *TEASERS_001),
    ],
    "002": [HEADLINE_002, "Post a Comment", "Previous Post Next Post"],
    "003": [
        *("0 0", "Read Time:1 Minute, 46 Second"),
        "North Korea has offered Russia 100,000 “volunteers” to aid in the war against",
        "“There are reports that 100,000 North Korean volunteers are prepared to come",
        *("About Post Author", "Christophe UWIZEYIMANA"),
        "He is a Health, Science, and Environmental Journalist. Christophe Uwizeyimana",
        *(line for feeling in FEELINGS for line in (feeling, feeling, "0 %")),
        "By Christophe UWIZEYIMANA",
        "He is a Health, Science, and Environmental Journalist. Christophe Uwizeyimana",
        "Average Rating",
        *(line for stars in (5, 4, 3, 2, 1) for line in (f"{stars} Star", "0%")),
        "Leave a Reply",
        "Your email address will not be published. Required fields are marked *",
    ],
    "004": ["Photo: 112.ua"],
}
# Of each seed: how many lines are left, and how the first and the last of them begin.
KEPT = {
    "000": (7, " date 2022-08-11 The Russian Foreign Ministry has rejected", "Reportedly, North"),
    "001": (12, HEADLINE_001, "When asked why the DPRK recognized the DPR and LPR, Matsegora said"),
    "002": (10, HEADLINE_002, "Moscow and Pyongyang do have close diplomatic ties."),
    "003": (8, "North Korea has offered Russia 100,000", "“In the new reality in which we exist"),
    "004": (
        11,
        "North Korea has strongly rejected accusations",
        "“It is hard to believe that a permanent member",
    ),
}
PROSE = {
    "a law": (
        "Article 3. Definitions\n\n1. In this Act, “share” means a share in the capital.\n"
        "2. Comments on a draft are made within 30 days.\n3. 12 shares carry one vote.\n\n"
        "Article 4. Commencement\n\n(a) This Act enters into force on 1 May 2024.\n"
    ),
    "a poll": (
        "Which party would you vote for?\n\nConservatives\n31%\nLabour\n42%\nLiberals\n12%\n"
        "Others\n15%\n\n1,204 adults were asked. The margin of error is 3 points."
    ),
    "a menu of headings": "Introduction\n\nMethods\n\nResults\n\nWe found nothing.\n\n42\n",
    "prose about furniture": (
        "Please leave a reply to this letter by Monday.\n\nShare prices fell by 3%.\n\n"
        "Top stories of the week are read at the top of the hour.\n\n"
        "He was happy.\n\nAbout the author nothing is known.\n\n"
        "Previous posts in the ministry had not prepared her."
    ),
    "two feelings": "Happy\n\nSad\n\nThese are two of the words that children learn first.",
    "a short refrain": "Row, row, row your boat\n\nGently, gently\n\nRow, row, row your boat",
}


def marked_lines(text: str) -> list[str]:
    marks = furniture(text)
    lines = physical_lines(text)
    inside = [line for line in lines if any(line.overlaps(mark) for mark in marks)]
    return [text[line.start : line.end] for line in inside]


def seed(number: str) -> str:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    return path.read_text("utf-8")


@pytest.mark.parametrize("number", MARKED)
def test_furniture_of_the_seeds(number):
    marked = marked_lines(seed(number))
    assert [line[:60] for line in marked] == [line[:60] for line in MARKED[number]]


@pytest.mark.parametrize("number", KEPT)
def test_the_story_of_the_seeds_is_not_marked(number):
    text = seed(number)
    marks = furniture(text)
    lines = [x for x in physical_lines(text) if not any(x.overlaps(mark) for mark in marks)]
    count, first, last = KEPT[number]
    assert len(lines) == count
    assert text[lines[0].start :].startswith(first.strip())
    assert text[lines[-1].start :].startswith(last)


def test_of_a_repeated_paragraph_the_first_copy_is_kept():
    text = seed("003")
    repeated = "North Korea has offered Russia 100,000 “volunteers”"
    assert text.count(repeated) == 2
    starts = [mark.start for mark in furniture(text)]
    assert text.index(repeated) not in starts
    assert text.rindex(repeated) in starts


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_ordinary_text_is_not_marked(text):
    assert furniture(text) == ()


@THOROUGH
@given(hostile_texts)
def test_marks_are_sorted_disjoint_runs_of_whole_lines(text):
    marks = furniture(text)
    lines = physical_lines(text)
    assert all(one.end < next_one.start for one, next_one in pairwise(marks))
    assert {mark.start for mark in marks} <= {line.start for line in lines}
    assert {mark.end for mark in marks} <= {line.end for line in lines}


@pytest.mark.parametrize(
    "line",
    [
        *("Leave a Reply", "LEAVE A REPLY CANCEL REPLY", "Post a Comment", "14 Comments"),
        *("Read Time: 3 min", "5 min read", "1.2K shares", "312 Views", "Share this", "Share:"),
        *("Facebook Twitter WhatsApp", "Share | Tweet | Email", "Next Article"),
        *("Advertisement", "Sponsored content", "Average Rating", "3 stars", "Skip to content"),
        *("© 2024 The Paper", "All rights reserved.", "We use cookies to improve this site. More?"),
    ],
)
def test_lines_that_are_furniture_wherever_they_stand(line):
    assert marked_lines(f"A story.\n\n{line}\n\nIts end.") == [line]


def test_teasers_end_where_a_whole_paragraph_begins():
    teasers = ["Related stories", "Another headline", "It went on and on…"]
    text = "\n\n".join(["The story begins.", *teasers, "The story goes on here.", "It ends."])
    assert marked_lines(text) == teasers


def test_an_author_box_is_a_heading_a_name_and_one_paragraph():
    box = ["About the author", "Jane Doe", "Jane Doe writes about rivers. " * 4]
    text = "\n".join(["The story.", *box, "An afterword."])
    assert marked_lines(text) == [line.strip() for line in box]


def test_three_feelings_are_a_reaction_widget():
    assert marked_lines("A story.\n\nHappy\n0\nSad\n0\nAngry\n2\n") == [
        *("Happy", "0", "Sad", "0", "Angry", "2"),
    ]


@pytest.mark.parametrize("line", ["0", "0 %", "| 12 |", "1,204", ".5"])
def test_a_bare_number_beside_furniture_is_furniture(line):
    assert marked_lines(f"A story.\n{line}\nShare this\n{line}\nIts end.") == [
        *(line, "Share this", line),
    ]


def test_a_label_between_two_pieces_of_furniture_is_furniture():
    text = "A story.\n\nShare this\n\nOur newsletter\n\nLeave a reply\n\nThe end."
    assert marked_lines(text) == ["Share this", "Our newsletter", "Leave a reply"]
