"""Whether a text tells of another than the one that is asked for."""

from __future__ import annotations

import pytest

from qa.rivals import tells_of_another

HERON = "Project Heron status. Irene Falk leads it. The budget for Heron is 1.4 million euros."


def told(name: str, home: str, other: str) -> bool:
    return tells_of_another([name], home, other)


@pytest.mark.parametrize(
    ("name", "home", "other"),
    [
        ("Heron", HERON, "The budget for Falcon is 2.1 million euros."),
        ("Project Heron", HERON, "Project Falcon status. It costs 2.1 million euros."),
        ("X200", "The Lumen X200 has a tank.", "The Lumen X300 has a tank."),
        ("Lumen X200", "The Lumen X200 has a tank.", "The Lumen X300 has a tank."),
        ("Kelmar", "It stood at Kelmar and burned.", "It stood at Lodden and fell."),
        ("Acme", "Made between Northmill and Acme Ltd", "Made between Northmill and Bolt Ltd"),
        ("Berlin", "The Berlin office is open from 8.", "The Madrid office is open from 9."),
        ("Acme Ltd", "Made between Northmill and Acme Ltd", "Made between Northmill and Bolt Ltd"),
    ],
)
def test_where_one_names_heron_the_other_names_falcon(name: str, home: str, other: str) -> None:
    assert told(name, home, other)


@pytest.mark.parametrize(
    ("name", "home", "other"),
    [
        ("Heron", HERON, "The budget for it is 2.1 million euros."),  # in other words
        ("Heron", HERON, "The budget for Falcon is that for Heron, too."),
        ("Heron", HERON, "Nobody knows what Falcon costs."),  # in another place
        ("Falcon", HERON, "The budget for Falcon is 2.1 million euros."),  # both asked for
        ("Heron", HERON + " Falcon is its name, too.", "The budget for Falcon is 2.1 million."),
        ("Zelensky", "President Zelensky said no.", "President Zelenskyy said no."),
        ("Landbank", "The boxes of the Landbank were open.", "The boxes of the bank were open."),
        ("Kelmar", "They met in Kelmar on Tuesday.", "in Lodden on Tuesday."),
        ("Maria Sand", "So Maria Sand said no.", "So Mario Sand said no."),  # or a short form
        ("Benedikt Roan", "The miner Benedikt Roan said no.", "The miner Tom Roan said no."),
        ("Roan", "On Friday Roan said no to it.", "Friday. Nobody said no to it."),
        ("Roan", "Roan said no to it.", "Yesterday said no to it."),
        ("March", "In March sales rose.", "In April sales rose."),
        ("Ministry", "The Ministry denied it.", "The Embassy denied it."),
        ("", HERON, "The budget for Falcon is 2.1 million euros."),
    ],
)
def test_another_word_for_it_is_not_another(name: str, home: str, other: str) -> None:
    assert not told(name, home, other)
