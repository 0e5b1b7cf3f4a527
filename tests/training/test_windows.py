"""Windows hold the gold span, whatever is cut, joined or hidden."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from training.prepare import Context, Prepared, Question
from training.windows import Mixture, Sampler, cut, without_answer

TOKENIZER = Path("qa/models/reader/tokenizer.json")
PLAIN = Mixture(negative=0, deleted=0, near_miss=0, alone=1, typed=0, keywords=0, masked=0)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(TOKENIZER))


def data(*, short: bool, length: int = 400, span: tuple[int, int] = (300, 303)) -> Prepared:
    """A context of tokens 1000, 1001, … and others of tokens 5000."""
    own = Context(list(range(1000, 1000 + length)), [0, 50, 290], "own", short)
    other = Context([5000] * 10, [0], "own", short)
    asked = Question([2040, 2050, 1029], 0, [span], [1], {"name": [2041, 2050, 1029]})
    return Prepared([own, other], [asked])


def answers(sampler: Sampler, seeds: int = 30) -> list[list[int]]:
    """The tokens of every gold span that the sampler makes."""
    return [
        window.ids[start : end + 1]
        for seed in range(seeds)
        for group in sampler.epoch(seed)
        for window in group
        for start, end in window.spans
    ]


@pytest.mark.parametrize(
    "mixture", [PLAIN, Mixture(alone=0, masked=0.5), Mixture(passage_tokens=20, long_share=0)]
)
@pytest.mark.parametrize("short", [False, True])
def test_the_gold_span_stays_the_same_tokens(
    tokenizer: Tokenizer, mixture: Mixture, short: bool
) -> None:
    found = answers(Sampler(data(short=short), tokenizer, mixture))
    assert len(found) == 30
    assert all(ids == [1300, 1301, 1302, 1303] for ids in found)


def test_a_near_miss_has_no_answer_in_the_same_passage(tokenizer: Tokenizer) -> None:
    sampler = Sampler(
        data(short=False), tokenizer, Mixture(negative=0, deleted=0, near_miss=1, masked=0)
    )
    first, second = list(sampler.epoch(1))
    assert first[0].spans
    assert second[0].spans == []
    assert 1300 in second[0].ids


def test_a_negative_comes_in_the_group_of_its_question(tokenizer: Tokenizer) -> None:
    mixture = Mixture(negative=1, deleted=0, near_miss=0, masked=0)
    (group,) = list(Sampler(data(short=False), tokenizer, mixture).epoch(1))
    assert [bool(window.spans) for window in group] == [True, False]
    assert 5000 in group[1].ids


def test_keywords_lose_function_words_and_the_question_mark(tokenizer: Tokenizer) -> None:
    words = ["when", "did", "the", "dam", "fail", "?"]
    prepared = data(short=False)
    prepared.questions[0].ids[:] = [tokenizer.token_to_id(word) for word in words]
    mixture = Mixture(negative=0, deleted=0, near_miss=0, typed=0, keywords=1, masked=0)
    ((window,),) = list(Sampler(prepared, tokenizer, mixture).epoch(1))
    asked = window.ids[1 : window.passage_at - 1]
    assert [tokenizer.id_to_token(i) for i in asked] == ["when", "dam", "fail"]


def test_a_source_may_come_twice_or_not_at_all(tokenizer: Tokenizer) -> None:
    for times in (0, 2):
        mixture = Mixture(negative=0, deleted=0, near_miss=0, repeat={"own": times})
        assert len(list(Sampler(data(short=False), tokenizer, mixture).epoch(1))) == times


def test_an_epoch_is_the_same_for_the_same_seed(tokenizer: Tokenizer) -> None:
    sampler = Sampler(data(short=True), tokenizer, Mixture(alone=0))
    assert list(sampler.epoch(3)) == list(sampler.epoch(3))
    assert list(sampler.epoch(3)) != list(sampler.epoch(4))


def test_a_cut_opens_with_a_sentence_where_one_fits() -> None:
    begins = {cut(400, 100, [0, 50, 290], (300, 303), random.Random(seed)) for seed in range(20)}
    assert begins == {290}


def test_without_the_answer_only_its_sentence_goes() -> None:
    context = Context([1, 2, 3, 4, 5, 6], [0, 2, 4], "own", False)
    assert without_answer(context, [(2, 2)]) == [1, 2, 5, 6]


def test_a_context_that_repeats_the_answer_is_not_used_without_it() -> None:
    context = Context([1, 2, 3, 4, 3, 6], [0, 2, 4], "own", False)
    assert without_answer(context, [(2, 2)]) is None
