"""What stands beside an answer: other answers, who says it, positions, filters, why not."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.answer_sets import (
    TEXT,
    answer,
    answer_set,
    answer_with,
    citation,
    explain_with,
    part,
)
from tests.browser.holding import held_back
from tests.browser.library import Library

WHO = "Who denied it?"
BRANDT = {"speaker": "Mayor Lena Brandt", "verb": "denied", "kind": "denies"}
LIND = {"speaker": "Otto Lind", "verb": "confirmed", "kind": "confirms"}


@pytest.fixture
def document_id(library: Library) -> int:
    return library.add("Harbour", TEXT)


@pytest.fixture
def chat(page: Page, library: Library, document_id: int) -> Page:
    page.goto(library.address)
    expect(page.get_by_test_id("question-input")).to_be_focused()
    return page


def ask(page: Page, question: str = WHO) -> None:
    page.get_by_test_id("question-input").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last.locator(".answer, .abstention")).to_be_visible()


def test_who_says_it_is_named_and_marked_in_the_sentence(chat: Page, document_id: int) -> None:
    answer_with(chat, answer_set(WHO, answer(citation("the 🚢 harbour", document_id, **BRANDT))))
    ask(chat)
    expect(chat.get_by_test_id("speaker")).to_have_text("Mayor Lena Brandt")
    expect(chat.get_by_test_id("verb")).to_have_text("“denied”")
    expect(chat.get_by_test_id("attribution")).to_contain_text("denies")
    expect(chat.get_by_test_id("said-speaker")).to_have_text("Mayor Lena Brandt")
    expect(chat.get_by_test_id("said-verb")).to_have_text("denied")
    expect(chat.get_by_test_id("answer-mark")).to_have_text("the 🚢 harbour")
    sentence = chat.locator("blockquote.sentence").evaluate("node => node.textContent")
    assert sentence == "Mayor Lena Brandt denied that the 🚢 harbour would close."
    expect(chat.get_by_test_id("independent")).to_have_text("1 independent source")
    expect(chat.get_by_test_id("dates")).to_have_text("Aug 11, 2022 to Aug 17, 2022")


def test_speaker_and_verb_are_marked_inside_a_quote_that_holds_them(
    chat: Page, document_id: int
) -> None:
    whole = "Mayor Lena Brandt denied that the 🚢 harbour would close."
    answer_with(chat, answer_set(WHO, answer(citation(whole, document_id, **BRANDT))))
    ask(chat)
    mark = chat.get_by_test_id("answer-mark")
    assert mark.evaluate("node => node.textContent") == whole
    expect(mark.get_by_test_id("said-speaker")).to_have_text("Mayor Lena Brandt")
    expect(mark.get_by_test_id("said-verb")).to_have_text("denied")


def test_a_part_that_is_not_what_it_says_is_not_marked(chat: Page, document_id: int) -> None:
    wrong = citation("the 🚢 harbour", document_id, **BRANDT)
    wrong["attribution"]["verb"] = {"start": 0, "end": 6, "text": "denied"}
    wrong["attribution"]["speaker"] = {"start": 900, "end": 905, "text": "Nobody"}
    answer_with(chat, answer_set(WHO, answer(wrong)))
    ask(chat)
    expect(chat.get_by_test_id("said-verb")).to_have_count(0)
    expect(chat.get_by_test_id("said-speaker")).to_have_count(0)
    expect(chat.get_by_test_id("speaker")).to_have_text("Nobody")


def test_a_mark_never_stands_on_other_words_than_the_quote(chat: Page, document_id: int) -> None:
    """What an older page kept of an answer knows no version of the document."""
    shifted = citation("Otto Lind", document_id)
    shifted |= {"start": shifted["start"] + 3, "end": shifted["end"] + 3}
    nowhere = citation("Otto Lind", document_id) | {"quote": "Otto Lund"}
    answer_with(chat, answer_set(WHO, answer(shifted), answer(nowhere), relation="differ"))
    ask(chat)
    chat.get_by_test_id("citation").first.click()
    mark = chat.get_by_test_id("source-mark")
    expect(mark).to_have_text("Otto Lind")
    expect(chat.locator("#source-notice")).to_contain_text("found again")
    chat.keyboard.press("Escape")
    chat.get_by_test_id("citation").last.click()
    expect(chat.locator("#source-notice")).to_contain_text("no longer stand in it")
    expect(mark).to_have_count(0)


def test_sources_differ_side_by_side(chat: Page, document_id: int) -> None:
    answers = [
        answer(citation("Mayor Lena Brandt", document_id, **BRANDT)),
        answer(citation("Otto Lind", document_id, **LIND), sources=2),
    ]
    answer_with(chat, answer_set(WHO, *answers, relation="differ"))
    ask(chat)
    expect(chat.get_by_test_id("relation-title")).to_have_text("Sources differ")
    expect(chat.get_by_test_id("answer-text")).to_have_text(["Mayor Lena Brandt", "Otto Lind"])
    first, second = chat.locator(".beside > li").all()
    one, two = first.bounding_box(), second.bounding_box()
    assert one and two and one["y"] == two["y"] and one["x"] < two["x"]
    expect(second.get_by_test_id("independent")).to_have_text("2 independent sources")
    assert "ontradict" not in chat.locator("#chat").inner_text()
    expect(chat.get_by_test_id("announcer")).to_contain_text("Sources differ. 2 different answers")
    chat.get_by_test_id("citation").last.click()
    expect(chat.locator("[data-testid=source-mark][data-current]")).to_have_text("Otto Lind")


@pytest.mark.parametrize(
    ("confidence", "words", "percent"),
    [(0.91, "High", "91%"), (0.6, "Medium", "60%"), (0.2, "Low", "20%")],
)
def test_confidence_is_said_in_words_and_drawn(
    chat: Page, document_id: int, confidence: float, words: str, percent: str
) -> None:
    cited = citation("Otto Lind", document_id, confidence=confidence)
    answer_with(chat, answer_set(WHO, answer(cited)))
    ask(chat)
    shown = chat.get_by_test_id("confidence").first
    expect(shown).to_have_text(f"{words} confidence{percent}")
    bar = chat.get_by_role("meter", name=f"Confidence {percent[:-1]} %").first
    assert bar.evaluate("node => node.value") == confidence


def test_every_mark_has_a_name(chat: Page, document_id: int) -> None:
    answer_with(chat, answer_set(WHO, answer(citation("the 🚢 harbour", document_id, **BRANDT))))
    ask(chat)
    chat.get_by_test_id("citation").first.click()
    expect(chat.get_by_test_id("source-mark")).to_be_visible()
    names = chat.locator("mark").evaluate_all("marks => marks.map((mark) => mark.title)")
    assert names == ["The quoted words"] * 2


def test_a_list_question_gets_its_members(chat: Page, document_id: int) -> None:
    members = [answer(citation(name, document_id)) for name in ("Mayor Lena Brandt", "Otto Lind")]
    answer_with(chat, answer_set(WHO, *members, relation="list"))
    ask(chat, "Who commented?")
    expect(chat.get_by_test_id("relation-title")).to_have_text("2 answers")
    expect(chat.get_by_test_id("relation-list").get_by_role("listitem")).not_to_have_count(0)
    expect(chat.get_by_test_id("answer-text")).to_have_text(["Mayor Lena Brandt", "Otto Lind"])


def test_a_quote_that_names_several_lists_them(chat: Page, document_id: int) -> None:
    whole = answer(citation("Otto Lind, who runs the ferries", document_id))
    whole["members"] = [part("Otto Lind"), part("Mayor Lena Brandt")]
    one = answer(citation("it", document_id)) | {"members": [part("it")]}
    answer_with(chat, answer_set(WHO, whole, one))
    ask(chat, "Who commented?")
    members = chat.get_by_role("list", name="What it names")
    expect(members).to_have_count(1)
    expect(members.get_by_role("listitem")).to_have_text(["Otto Lind", "Mayor Lena Brandt"])


def test_positions_say_who_and_no_yes_or_no(chat: Page, document_id: int) -> None:
    denied = citation("Mayor Lena Brandt denied", document_id, **BRANDT)
    confirmed = citation("confirmed it on Monday", document_id, **LIND)
    itself = citation("The quay wall cracked", document_id)
    positions = [
        {"stance": "confirms", "who": part("Otto Lind"), "citation": confirmed},
        {"stance": "denies", "who": part("Mayor Lena Brandt"), "citation": denied},
        {"stance": "reports", "who": None, "citation": itself},
    ]
    answers = [answer(place["citation"]) for place in positions]
    value = answer_set(WHO, *answers, relation="positions", positions=positions)
    answer_with(chat, value)
    ask(chat, "Is it true that the harbour will close?")
    stances = chat.get_by_test_id("stance")
    expect(stances.locator("h4")).to_have_text(["Denies it", "Confirms it", "Reports it"])
    expect(chat.get_by_test_id("position-who")).to_have_text(
        ["Mayor Lena Brandt", "Otto Lind", "The text itself"]
    )
    expect(chat.get_by_test_id("answer-text")).to_have_count(0)
    chat.get_by_test_id("citation").first.click()
    mark = chat.locator("[data-testid=source-mark][data-current]")
    expect(mark).to_have_text("Mayor Lena Brandt denied")


def test_a_time_in_the_question_can_be_applied_or_dropped(chat: Page, document_id: int) -> None:
    suggested = {"date_from": "2022-10-01", "date_to": "2022-10-31", "label": "in October 2022"}
    value = answer_set(WHO, answer(citation("Otto Lind", document_id)))
    asked = answer_with(chat, value | {"suggested_filters": [suggested]})
    ask(chat, "Who said so in October 2022?")
    expect(chat.get_by_test_id("suggested-filter")).to_contain_text("in October 2022")
    chat.get_by_test_id("suggested-apply").click()
    expect(chat.locator(".turn")).to_have_count(2)
    assert (asked[1]["date_from"], asked[1]["date_to"]) == ("2022-10-01", "2022-10-31")
    again = chat.locator(".turn").last
    expect(again.get_by_test_id("filtered")).to_contain_text("Oct 1, 2022 to Oct 31, 2022")
    expect(again.get_by_test_id("suggested-filter")).to_have_count(0)
    chat.get_by_test_id("suggested-drop").click()
    expect(chat.get_by_test_id("suggested-filter")).to_have_count(0)
    assert "date_from" not in asked[0]


def test_filters_are_chosen_shown_kept_and_removed(
    chat: Page, library: Library, document_id: int
) -> None:
    other = library.add("Mill", "The old mill of Oster burned down in March.")
    chat.reload()
    expect(chat.get_by_test_id("library-item")).to_have_count(2)
    asked = answer_with(chat, answer_set(WHO))
    chat.get_by_test_id("filters").click()
    expect(chat.get_by_test_id("filter-source")).to_be_focused()
    chat.get_by_test_id("filter-source").select_option("pasted text")
    chat.get_by_test_id("filter-document").select_option("Mill")
    chat.get_by_test_id("filter-from").fill("2022-08-01")
    chips = chat.get_by_test_id("filter-chip")
    expect(chips).to_have_text(["pasted text", "Mill", "Dated from Aug 1, 2022"])
    chat.keyboard.press("Escape")
    expect(chat.get_by_test_id("filter-panel")).to_be_hidden()
    expect(chat.get_by_test_id("filters")).to_be_focused()
    ask(chat)
    assert sorted(asked[0]["document_ids"]) == sorted([document_id, other])
    assert asked[0]["date_from"] == "2022-08-01"
    expect(chat.get_by_test_id("filtered")).to_contain_text("Dated from Aug 1, 2022")
    chat.reload()
    expect(chips).to_have_count(3)
    chips.first.get_by_role("button", name="Remove the filter: pasted text").click()
    expect(chips).to_have_count(2)
    expect(chips.first.get_by_role("button")).to_be_focused()
    ask(chat)
    assert asked[-1]["document_ids"] == [other]


def test_a_filter_follows_what_comes_into_its_source_and_what_is_brought_back(
    chat: Page, library: Library, document_id: int
) -> None:
    asked = answer_with(chat, answer_set(WHO))
    chat.get_by_test_id("filters").click()
    chat.get_by_test_id("filter-document").select_option("Harbour")
    chat.keyboard.press("Escape")
    chat.get_by_test_id("library-remove").click()
    chat.get_by_test_id("remove-confirm").click()
    chat.get_by_test_id("undo").click()
    expect(chat.get_by_test_id("library-item")).to_have_count(1)
    ask(chat)
    assert asked[-1]["document_ids"] == library.ids() != [document_id]
    chat.get_by_role("button", name="Remove the filter: Harbour").click()
    chat.get_by_test_id("filters").click()
    chat.get_by_test_id("filter-source").select_option("pasted text")
    chat.keyboard.press("Escape")
    library.add("Mill", "The old mill of Oster burned down in March.")
    chat.reload()
    expect(chat.get_by_test_id("library-item")).to_have_count(2)
    ask(chat)
    assert sorted(asked[-1]["document_ids"]) == library.ids()


def test_filters_hold_on_the_real_server(chat: Page, library: Library) -> None:
    library.add("Mill", "The old mill of Oster was closed by Otto Lind, its keeper, in March.")
    chat.reload()
    expect(chat.get_by_test_id("library-item")).to_have_count(2)
    chat.get_by_test_id("filters").click()
    chat.get_by_test_id("filter-from").fill("1990-01-01")
    ask(chat, "Who closed the mill?")
    expect(chat.get_by_test_id("abstention")).to_have_attribute("data-reason", "filtered_out")


def test_why_not_tells_where_the_expected_words_stand(chat: Page, document_id: int) -> None:
    place = {
        **part("Otto Lind"),
        "document_id": document_id,
        "title": "Harbour",
        "stage": "outscored",
        "message": "In the words of the server.",
        "passage": {"fused_rank": 2, "dense_rank": None, "lexical_rank": 1, "read": True},
        "span": None,
        "lost_to": {**part("Mayor Lena Brandt"), "document_id": document_id, "title": "Harbour"},
    }
    candidate = {**part("Mayor Lena Brandt"), "document_id": document_id, "title": "Harbour"}
    explained = {
        "message": "The reader found it; surer answers were shown instead.",
        "verdict": "outscored",
        "places": [place],
        "candidates": [candidate | {"confidence": 0.12, "margin": -3.0, "shown": False}],
    }
    answer_with(chat, answer_set(WHO))
    asked = explain_with(chat, explained)
    ask(chat)
    why = chat.get_by_test_id("why")
    why.click()
    expect(chat.get_by_test_id("why-message")).to_have_text(explained["message"])
    expect(why).to_have_attribute("aria-expanded", "true")
    chat.get_by_test_id("why-expected").fill("Otto Lind")
    chat.keyboard.press("Enter")
    told = chat.get_by_test_id("why-place")
    expect(told).to_contain_text("surer answers were shown instead")
    expect(told).to_contain_text("Rank 2 overall · none by meaning · 1 by words · read")
    expect(told).to_contain_text("Lost to: Mayor Lena Brandt")
    expect(chat.get_by_test_id("why-candidates")).to_contain_text("12 %")
    assert "expect" not in asked[0] and asked[1]["expect"] == "Otto Lind"
    told.get_by_role("button").click()
    expect(chat.locator("[data-testid=source-mark][data-current]")).to_have_text("Otto Lind")
    chat.keyboard.press("Escape")
    why.click()
    expect(chat.get_by_test_id("why-panel")).to_have_count(0)


def test_an_explanation_that_comes_late_does_not_replace_a_later_one(
    chat: Page, document_id: int
) -> None:
    answer_with(chat, answer_set(WHO))
    held: list[Route] = []
    chat.route("**/api/v1/explain", lambda route: held.append(route))
    ask(chat)
    chat.get_by_test_id("why").click()
    chat.get_by_test_id("why-expected").fill("Otto Lind")
    chat.keyboard.press("Enter")
    with chat.expect_request("**/api/v1/explain"):
        chat.get_by_test_id("why-expected").fill("nobody")
        chat.keyboard.press("Enter")
    value = {"message": "", "places": [], "candidates": []}
    held_back(chat, held, 2).fulfill(json=value | {"verdict": "not_in_library"})
    expect(chat.get_by_test_id("why-message")).to_contain_text("found in no document")
    for route in held[:2]:
        route.fulfill(json=value | {"verdict": "answered"})
    expect(chat.get_by_test_id("why-message")).to_contain_text("found in no document")


def test_what_cannot_be_explained_is_said(chat: Page) -> None:
    answer_with(chat, answer_set(WHO))
    explain_with(chat, {})
    problem = {"status": 503, "json": {"detail": "The library is busy."}}
    chat.route("**/api/v1/explain", lambda route: route.fulfill(**problem))  # type: ignore[arg-type]
    ask(chat)
    chat.get_by_test_id("why").click()
    expect(chat.get_by_test_id("why-failure")).to_have_text("The library is busy.")


def test_a_copy_names_the_speaker_and_every_answer(chat: Page, document_id: int) -> None:
    answers = [
        answer(citation("Mayor Lena Brandt", document_id, **BRANDT)),
        answer(citation("Otto Lind", document_id, **LIND)),
    ]
    answer_with(chat, answer_set(WHO, *answers, relation="differ"))
    chat.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(chat)
    chat.get_by_test_id("copy").click()
    expect(chat.get_by_test_id("copy")).to_have_text("Copied")
    text = chat.evaluate("() => navigator.clipboard.readText()")
    assert text.startswith(f"Question: {WHO}\nAnswer: Mayor Lena Brandt\n")
    assert "Answer: Otto Lind" in text and "Otto Lind “confirmed”" in text
    assert re.search(r"Harbour \(Aug 11, 2022\)\n +text:Harbour, characters \d+ to \d+", text)


def test_hostile_words_of_an_answer_are_only_words(chat: Page, document_id: int) -> None:
    hostile = "<img src=x onerror=alert(1)>\u202e"
    bad = citation("Otto Lind", document_id, **LIND, title=hostile)
    bad["attribution"]["kind"] = hostile
    bad["attribution"]["speaker"]["text"] = hostile
    value = answer_set(WHO, answer(bad, text=hostile), searched=hostile)
    value["positions"] = [{"stance": hostile, "who": {"text": hostile}, "citation": bad}]
    for relation in ("one", "differ", "list", "positions", hostile):
        chat.unroute_all()
        answer_with(chat, value | {"relation": relation, "answers": value["answers"] * 2})
        ask(chat)
    assert chat.locator("#turns img").count() == 0
    assert chat.locator(".turn").count() == 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_of_them(chat: Page, document_id: int, scheme: str) -> None:
    chat.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    denied = citation("Mayor Lena Brandt", document_id, **BRANDT)
    confirmed = citation("Otto Lind", document_id, **LIND)
    positions = [
        {"stance": "denies", "who": part("Mayor Lena Brandt"), "citation": denied},
        {"stance": "reports", "who": None, "citation": confirmed},
    ]
    suggested = [{"date_from": "2022-10-01", "date_to": None, "label": "since October"}]
    more = {"suggested_filters": suggested, "searched": "Who denied the closing?"}
    for relation in ("one", "differ", "list", "positions"):
        answers = [answer(denied, confirmed), answer(confirmed)]
        value = answer_set(WHO, *answers, relation=relation, positions=positions, **more)
        chat.unroute_all()
        answer_with(chat, value)
        ask(chat)
    explain_with(chat, {"message": "So it is.", "verdict": "answered"})
    answer_with(chat, answer_set(WHO))
    ask(chat)
    chat.get_by_test_id("why").last.click()
    chat.get_by_test_id("searched-edit").first.click()
    chat.get_by_test_id("judge-right").first.click()
    chat.get_by_test_id("filters").click()
    chat.get_by_test_id("filter-from").fill("2022-08-01")
    expect(chat.get_by_test_id("filter-chip")).to_have_count(1)
    results = Axe().run(chat)
    assert results.violations_count == 0, results.generate_report()


def test_a_name_that_no_document_mentions_is_said_to_be_unknown(chat: Page) -> None:
    ask(chat, "Who denied that Zembla would close?")
    note = chat.get_by_test_id("unknown-names")
    expect(note).to_have_text("No document that was searched mentions “Zembla”.")
    ask(chat, "Who denied that the harbour would close?")
    expect(note).to_have_count(1)
    ask(chat, "Which king won the chess tournament in Madrid?")
    above = chat.locator(".abstention-reason + p").last
    expect(above).to_have_text("No document that was searched mentions “Madrid”.")
    expect(note).to_have_count(2)
