"""What can surely not be an answer is left out, and nothing else."""

from __future__ import annotations

import pytest

from qa.answer_types import counted_noun, may_answer, place_of
from qa.asked_types import AnswerType, asked_type


def fits(question: str, text: str, quote: str) -> bool:
    start = text.index(quote)
    return may_answer(question, place_of(text, start, start + len(quote)))


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people died?", AnswerType.COUNT),
        ("and how many were hurt?", AnswerType.COUNT),
        ("What's the number of members?", AnswerType.COUNT),
        ("whats the total number of members", AnswerType.COUNT),
        ("Within how many days must I object?", AnswerType.COUNT),
        ("Hi, can you tell me how many came?", AnswerType.COUNT),
        ("do you know when it opens?", AnswerType.DATE),
        ("Tell me where the centre is.", AnswerType.PLACE),
        ("How much does the bridge cost?", AnswerType.MONEY),
        ("How long will the line be closed?", AnswerType.DURATION),
        ("How far off the cape is the reef?", AnswerType.MEASURE),
        ("At what time did it begin?", AnswerType.CLOCK),
        ("In which year was it built?", AnswerType.DATE),
        ("Since when is it closed?", AnswerType.DATE),
        ("Where is the centre?", AnswerType.PLACE),
        ("What caused the fire?", AnswerType.REASON),
        ("Who opened the bridge?", AnswerType.WHO),
        ("Which lift did it reach?", AnswerType.OPEN),
        ("What day are the salaries paid?", AnswerType.DATE),
        ("On what date was the fine paid?", AnswerType.DATE),
        ("What time was the fine paid?", AnswerType.CLOCK),
        ("What is the deadline for the fee to be paid?", AnswerType.OPEN),
        ("What is the usual way to pay?", AnswerType.OPEN),
        ("What was the reason for the budget cut?", AnswerType.REASON),
        ("What caused the price to rise?", AnswerType.REASON),
        ("How much time was spent on the plan?", AnswerType.MEASURE),
        ("How much rent is paid?", AnswerType.MONEY),
        ("What is the budget?", AnswerType.MONEY),
        ("What was the year's budget?", AnswerType.MONEY),
        ("What day rate is paid?", AnswerType.MONEY),
        ("What year-end bonus is paid?", AnswerType.MONEY),
        ("What did the bridge cost?", AnswerType.MONEY),
    ],
)
def test_what_is_asked_for(question: str, kind: AnswerType) -> None:
    assert asked_type(question) is kind


@pytest.mark.parametrize(
    ("question", "text", "quote"),
    [
        ("How many died?", "On 3 May five people died.", "five"),
        ("How many halls were used?", "Halls\n\n5 Halls were used.", "5"),
        ("How many boxes were opened?", "Up to now 412 boxes are open.", "412"),
        ("How many kilometres of shore?", "By evening nine kilometres were hit.", "nine"),
        ("How many came?", "Nobody came.", "Nobody"),
        ("How many of the singers voted?", "Two thirds of the singers voted.", "Two thirds"),
        ("How many of the singers voted?", "Half the singers voted.", "Half"),
        ("How many of the singers voted?", "Of the singers a quarter voted.", "a quarter"),
        ("How many of the singers voted?", "61 per cent of all singers voted.", "61 per cent"),
        ("How many of the singers voted?", "61% of singers voted.", "61%"),
        ("How many per cent of the singers voted?", "It was 61 per cent.", "61 per cent"),
        ("How many percent of the singers voted?", "It was 61 %.", "61 %"),
        ("How long was he mayor?", "He was mayor for two years.", "two years"),
        ("How long will it go on?", "It will go on until June.", "June"),
        ("When did it begin?", "It began when the sun rose.", "when the sun rose"),
        ("When did it begin?", "It began at 7.45 p.m., when it rained.", "7.45 p.m"),
        ("Since when has she led it?", "She has led it since 2008.", "2008"),
        ("Since when has she led it?", "She has led it since 2008.", "since 2008"),
        ("since when has Ada been a dealer", "Dealer: Ada; Contract since: 2008", "2008"),
        ("Since when is it shut?", "It has been shut for two weeks.", "two weeks"),
        ("How long has she led it?", "She has led it since 2008.", "2008"),
        ("How long has she led it?", "She has led it since 2008.", "since 2008"),
        ("How long will it last?", "It will last until 2031.", "2031"),
        ("How many calendar days have I got?", "You have 30 days.", "30 days"),
        ("How many hours do they work?", "They work 38.5 hours a week.", "38.5 hours"),
        ("How many full working hours is it?", "It is 38 hours.", "38 hours"),
        ("How many people died days later?", "Later 12 men died.", "12 men"),
        ("How long does charging take?", "Charging takes 65 min.", "65 min"),
        ("How long does charging take?", "Charging takes 65 min.", "65"),
        ("How long did she sleep?", "She slept 5 h 44 min.", "5 h 44 min"),
        ("How long is it on?", "It is on for 3 hrs.", "3 hrs"),
        ("How long is it shut?", "It is shut from 4 to 22 August.", "from 4 to 22 August"),
        ("How long is it open?", "It is open 11:45 to 13:30.", "11:45 to 13:30"),
        ("How long is it shut?", "It is shut from January to March.", "from January to March"),
        ("How long is it shut?", "It is shut from mid-May to June.", "mid-May to June"),
        ("How long is it open?", "It is open Monday to Friday.", "Monday to Friday"),
        ("How long is it open?", "It is open from 9 a.m. to noon.", "9 a.m. to noon"),
        ("How long is it open?", "It is open between May and July.", "May and July"),
        ("How long is it open?", "It is open between May and July.", "between May and July"),
        ("How long did the war go on?", "The war (1914-1918) was lost.", "1914-1918"),
        ("When did she rule?", "She ruled 2008 - 2012.", "2008 - 2012"),
        ("How many may be hurt?", "We think 16 may be hurt.", "16"),
        ("When is the canteen closed?", "On Fridays the canteen is closed.", "Fridays"),
        ("When is the pool open?", "The pool is open on weekdays.", "weekdays"),
        ("When is the pool shut?", "The pool is shut on public holidays.", "public holidays"),
        ("When are the filters changed?", "The filters are changed quarterly.", "quarterly"),
        ("When is the tank filled?", "The tank is filled daily.", "daily"),
        ("When is a list made?", "A list is made annually.", "annually"),
        ("When is it due?", "It is due upon receipt of the bill.", "upon receipt of the bill"),
        ("When is it due?", "It is due on receipt of the bill.", "receipt of the bill"),
        ("When must it be paid?", "Pay it upon the board's approval.", "upon the board's approval"),
        ("When is a list sent?", "Lists are sent at your request.", "at your request"),
        ("When do the gates open?", "The gates open at sunrise.", "sunrise"),
        ("When is the fair?", "The fair is held at Pentecost.", "Pentecost"),
        ("How much do I get per km?", "Own car: EUR 0.38 per kilometre.", "0.38"),
        ("How much does lunch cost?", "It starts at 5.40 euros.", "5.40"),
        ("How many euros a share were paid?", "They got 9.50 a share.", "9.50"),
        ("How tall is it?", "It is 2.50 m tall.", "2.50"),
        ("At what time did it begin?", "It began at 5.40.", "5.40"),
        ("At what time did it begin?", "It began at ten past six.", "ten past six"),
        ("Where was he found?", "He was found 2 km from the farm.", "2 km from the farm"),
        ("Who opened it?", "It was opened by two skiers.", "two skiers"),
        ("Who mended it?", "In the morning Jan mended it.", "Jan"),
        ("Who owns it?", "Owner: Jan", "Jan"),
        ("Who mended it?", "It was mended by May.", "May"),
        ("Who voted for it?", "61 per cent of the members did.", "61 per cent of the members"),
        ("Who voted for it?", "A third of the members did.", "A third of the members"),
        ("What caused it?", "Two metres of snow lie there.", "Two metres of snow"),
        ("What caused it?", "It was set off by two skiers.", "two skiers"),
        ("Which lift was hit?", "Lift 6 was hit.", "6"),
    ],
)
def test_what_may_answer(question: str, text: str, quote: str) -> None:
    assert fits(question, text, quote)


@pytest.mark.parametrize(
    ("question", "text", "quote"),
    [
        ("How many died?", "On 3 May five people died.", "3 May"),
        ("How many died?", "It cost 5 million crowns.", "5 million"),
        ("How many died?", "The mayor denied it.", "The mayor"),
        ("How many singers voted?", "Two thirds of the singers voted.", "Two thirds"),
        ("How many of the singers voted?", "Fees rise by 3 per cent.", "3 per cent"),
        ("How many kilometres is it?", "Two thirds of the singers walk.", "Two thirds"),
        ("How many per cent is it?", "It is 40 km.", "40 km"),
        ("How many died?", "The ship sank at 5.40.", "5.40"),
        ("How much does lunch cost?", "Lunch is served from 11.45 to 1.30.", "11.45"),
        ("How much does lunch cost?", "Lunch is over at 1.30 p.m.", "1.30"),
        ("How much did it cost?", "In 2019 it cost 9 million to 40 men.", "40"),
        ("How long was he mayor?", "He left on 3 May.", "3 May"),
        ("How many calendar days have I got?", "You have 30 forms.", "30 forms"),
        ("How long is it shut?", "It took 4 to 22 men.", "4 to 22 men"),
        ("How long is it shut?", "It weighs 65 mg.", "65 mg"),
        ("How long is it shut?", "It costs 5.40 to 7.90 euros.", "5.40 to 7.90 euros"),
        ("How many died?", "The report is of 16 October 2025.", "16"),
        ("How much is it?", "The price list is of 16th May.", "16"),
        ("When does the hotline open?", "Call +49 30 5550 1999.", "+49 30 5550 1999"),
        ("How long was he mayor?", "He left in 2008.", "2008"),
        ("How long was he mayor?", "It fell from 2100 to 1900.", "1900"),
        ("How long was he mayor?", "It fell from 2100 to 1900.", "2100 to 1900"),
        ("How long was he mayor?", "It rose from 1000 to 1500.", "from 1000 to 1500"),
        ("How long was he mayor?", "He came in May and July.", "May and July"),
        ("How long was he mayor?", "May to Jonas: go.", "May to Jonas"),
        ("How long is it shut?", "It costs 5.40 to 7.50 euros.", "5.40 to 7.50"),
        ("Since when has she led it?", "Ada Lind leads it.", "Ada Lind"),
        ("When did it begin?", "Ada Lind began it.", "Ada Lind"),
        ("When did it begin?", "It cost 400 crowns.", "400"),
        ("When is it due?", "The delivery of the goods is free.", "The delivery of the goods"),
        ("When is it due?", "Upon receipt call the board.", "the board"),
        ("When is it free?", "It is sent by delivery service.", "delivery service"),
        ("At what time did it begin?", "It began on 3 May 2020.", "3 May 2020"),
        ("Where was he found?", "He was found on 3 May.", "3 May"),
        ("Who opened it?", "It was opened at 10:30.", "10:30"),
        ("Who opened it?", "It was opened in May.", "May"),
        ("Who opened it?", "It was opened May 2024.", "May"),
        ("Who opened it?", "It was opened on 3 May.", "May"),
        ("Who opened it?", "The May-June issue tells.", "May"),
        ("Who opened it?", "It is 3 metres high.", "3 metres"),
        ("Who opened it?", "It may weigh a third of 90 tonnes.", "a third of 90 tonnes"),
        ("Who opened it?", "12 m above the level of the sea.", "12 m above the level of the sea"),
        ("Where did May go?", "May went there.", "May"),
        ("What caused it?", "Neither alcohol nor fog caused it.", "alcohol nor fog"),
        ("What caused it?", "Neither alcohol nor fog caused it.", "alcohol"),
        ("How many were at the fair?", "At the fair five people died.", "five"),
    ],
)
def test_what_surely_does_not(question: str, text: str, quote: str) -> None:
    assert not fits(question, text, quote)


@pytest.mark.parametrize(
    ("question", "noun"),
    [
        ("How many people died?", "people"),
        ("how many calendar days do I have", "days"),
        ("How many unused paid days are left?", "days"),
        ("How many euros is it?", "euros"),
        ("How many died three weeks later?", "died"),
        ("How many people work shorter hours?", "people"),
        ("How many cars an hour?", "cars"),
        ("How many escaped hours later?", "escaped"),
        ("How much is it?", None),
    ],
)
def test_what_is_counted(question: str, noun: str | None) -> None:
    assert counted_noun(question) == noun


def test_a_timetable_is_no_amount() -> None:
    text = "Buses leave at 14.10, 16.40 and 18.05. Fares are 4.10, 6.40 and 8.05 euros."
    assert not fits("How much is the bus?", text, "14.10, 16.40 and 18.05")
    assert fits("How much is the bus?", text, "4.10, 6.40 and 8.05")
