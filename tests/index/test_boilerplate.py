"""What is furniture of a page and what is its article, on real and on made-up texts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.boilerplate import block_keys, furniture
from index.documents import Span
from index.lines import physical_lines
from tests.conftest import SEEDS
from tests.index.texts import THOROUGH, hostile_texts, texts_with_ranges

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
    "who pays for a trial": "Trial 40-17\n\nSponsor: Anselm Therapeutics\n\nIt began in May.",
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


# What a site repeats

MASTHEAD = "The Lower Quenby Courier"
SLOGAN = "Independent news for the valley, printed by its readers since 1921"
IMPRINT = "The Courier is printed by Quenby Press Ltd, 4 Mill Lane, and owned by its readers."
APPEAL = "Good reporting costs money: if you can, join the readers who pay for ours each month."


def story(number: int) -> list[str]:
    return [
        f"Otter number {number} was seen at the weir of Lower Quenby on Friday. " * 5,
        f"A witness called it the {number}th this year, and the largest of them by far. " * 5,
    ]


def page(number: int, *, head: tuple[str, ...] = (), tail: tuple[str, ...] = ()) -> str:
    return "\n\n".join([*head, *(line.strip() for line in story(number)), *tail])


def shared_keys(*texts: str) -> set[bytes]:
    """The keys that all the texts have, as a store would pass them on."""
    return set.intersection(*(set(block_keys(text)) for text in texts))


def marked_on_site(texts: list[str]) -> list[list[str]]:
    repeated = shared_keys(*texts)
    found = []
    for text in texts:
        marks = furniture(text, repeated)
        lines = physical_lines(text)
        inside = [line for line in lines if any(line.overlaps(mark) for mark in marks)]
        found.append([text[line.start : line.end] for line in inside])
    return found


def test_lines_that_all_pages_of_a_site_begin_or_end_with_are_furniture():
    texts = [page(n, head=(MASTHEAD, SLOGAN), tail=(APPEAL, IMPRINT)) for n in range(3)]
    assert marked_on_site(texts) == [[MASTHEAD, SLOGAN, APPEAL, IMPRINT]] * 3
    assert all(furniture(text) == () for text in texts)


def test_they_are_found_behind_other_furniture():
    texts = [page(n, tail=("Share this", IMPRINT, "Leave a Reply")) for n in range(3)]
    assert marked_on_site(texts) == [["Share this", IMPRINT, "Leave a Reply"]] * 3


def test_what_repeats_in_the_middle_stays():
    texts = [f"{page(n)}\n\n{IMPRINT}\n\n{page(n + 10)}" for n in range(3)]
    assert marked_on_site(texts) == [[], [], []]
    repeated = shared_keys(IMPRINT)
    assert all(furniture(text, repeated) == () for text in texts)


def test_behind_a_line_of_its_own_a_page_keeps_what_its_site_repeats():
    texts = [page(n, tail=(IMPRINT, f"Corrected on {n + 1} May.")) for n in range(3)]
    assert marked_on_site(texts) == [[], [], []]


@pytest.mark.parametrize(
    "lines",
    [
        (MASTHEAD,),
        ("Weekly report", "Dear colleagues"),
    ],
)
def test_short_lines_alone_are_no_furniture_of_a_site(lines):
    assert marked_on_site([page(n, head=lines) for n in range(3)]) == [[], [], []]


@pytest.mark.parametrize("marker", ["12. ", "(b) ", "§ 7 ", "Article 9. ", "iv) "])
def test_a_numbered_clause_is_no_furniture_wherever_it_stands(marker):
    clause = f"{marker}This agreement is governed by the law of Castelmoor, and of no other place."
    assert marked_on_site([page(n, tail=(clause,)) for n in range(3)]) == [[], [], []]


def test_documents_made_from_one_template_keep_what_they_share():
    form = ["We hereby confirm that your order was received and will be shipped to you.", IMPRINT]
    texts = ["\n\n".join([f"Order {n}", *form, SLOGAN, APPEAL]) for n in range(3)]
    assert marked_on_site(texts) == [[], [], []]


def test_keys_are_few_and_those_of_lines_at_either_end():
    lines = [
        f"This is line number {n} of a document that has a great many lines." for n in range(99)
    ]
    keys = block_keys("\n".join(["Share this", *lines, "Leave a Reply"]))
    ends = [block_keys(line)[0] for line in [*lines[:6], *lines[:-7:-1]]]
    assert keys == ends
    assert {len(key) for key in keys} == {8}
    assert block_keys("Share this\n\nLeave a Reply") == []


def test_case_and_white_space_make_no_other_line():
    assert block_keys(IMPRINT.upper()) == block_keys("  " + IMPRINT.replace(" ", "\t ")) != []
    assert block_keys(IMPRINT) != block_keys(IMPRINT.replace("4 Mill", "5 Mill"))


@THOROUGH
@given(hostile_texts, st.data())
def test_what_a_site_repeats_only_adds_whole_lines_at_the_ends(text, data):
    keys = block_keys(text)
    repeated = data.draw(st.sets(st.sampled_from(keys))) if keys else set()
    before, after = furniture(text), furniture(text, repeated)
    lines = physical_lines(text)
    assert all(one.end < next_one.start for one, next_one in pairwise(after))
    assert {mark.start for mark in after} <= {line.start for line in lines}
    assert {mark.end for mark in after} <= {line.end for line in lines}
    assert all(any(a.start <= b.start and b.end <= a.end for a in after) for b in before)
    assert furniture(text, {b"\0" * 8}) == before


# Links

MENU = "[Home](/) | [News](/news) | [The valley](/valley) | [Otters](/otters)"
LIST = ["- [Mayor opens bridge](/1)", "- [Bridge closed again](/2)", "- [Otter returns](/3)"]
CONTENTS = ["- [Install](#install)", "  - [From source](#source)", "- [Use](#use)"]
BADGES = "[![Build](https://ci/b.svg)](https://ci) [![Docs](d.svg)](/d) [![Chat](c.svg)](/c)"
PROSE_LINES = [line.strip() for line in story(1)]


@pytest.mark.parametrize(
    ("lines", "marked"),
    [
        ([MENU, *PROSE_LINES], [MENU]),
        ([*PROSE_LINES, MENU], [MENU]),
        ([BADGES, "# Weir", *PROSE_LINES], [BADGES]),
        ([*PROSE_LINES, *LIST], LIST),
        (["# Weir", "## Contents", *CONTENTS, *PROSE_LINES], CONTENTS),
        ([*PROSE_LINES, "Share this", *LIST], ["Share this", *LIST]),
    ],
    ids=["menu", "footer", "badges", "teasers", "contents", "behind furniture"],
)
def test_lines_of_links_around_the_text_are_furniture(lines, marked):
    assert marked_lines("\n\n".join(lines)) == [line.strip() for line in marked]


@pytest.mark.parametrize(
    "lines",
    [
        [*PROSE_LINES, "## Further reading", *LIST],
        [*PROSE_LINES, "Our other reports:", *LIST],
        [*PROSE_LINES, "The weir is described in", *LIST],
        [*PROSE_LINES, *(f"{n}. [Otters of the valley](/{n})" for n in range(1, 6))],
        [*PROSE_LINES, *(f"[{n}] [Otters of the valley](/{n})" for n in range(1, 6))],
        [*PROSE_LINES, *(f"- [Otter {n}](/{n}): seen at the old weir" for n in range(5))],
        [*PROSE_LINES, *LIST, story(2)[1]],
        [*PROSE_LINES, *LIST[:2]],
        ["# Links about otters", "Some that we like.", *LIST],
        [*PROSE_LINES, *(f"- [It was seen at the weir on {n} May.](/{n})" for n in range(3))],
        [f"See [the weir](/weir), [the mill](/mill) and [the bridge](/bridge). {PROSE_LINES[0]}"],
        ["a[0](x) b[1](y) c[2](z) is how it is called in the code of the valley's weir."],
    ],
    ids=[
        *("under a heading", "announced", "within a sentence", "numbered", "references"),
        *("with a word on each", "amid the text", "two", "mostly links", "sentences"),
        *("links in prose", "no links"),
    ],
)
def test_links_that_are_content_are_not_marked(lines):
    marked = marked_lines("\n\n".join(lines))
    assert marked == []


def test_links_that_the_format_knows_count_as_markdowns_do():
    menu = "Home News The valley Otters"
    text = "\n\n".join([menu, *PROSE_LINES])
    links = [Span(text.index(word), text.index(word) + len(word)) for word in menu.split(" ")]
    assert furniture(text) == ()
    assert furniture(text, links=links) == (Span(0, len(menu)),)
    assert furniture(text, links=links[:2]) == ()


@THOROUGH
@given(texts_with_ranges())
def test_links_anywhere_leave_marks_sorted_disjoint_runs_of_whole_lines(marked):
    text, links = marked
    marks = furniture(text, links=links)
    lines = physical_lines(text)
    assert all(one.end < next_one.start for one, next_one in pairwise(marks))
    assert {mark.start for mark in marks} <= {line.start for line in lines}
    assert {mark.end for mark in marks} <= {line.end for line in lines}
