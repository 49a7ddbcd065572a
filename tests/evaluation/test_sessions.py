"""Sessions in order: dates as dates, numbers as numbers, and a refusal where nothing tells."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigsimnet.datasets import Entry
from sigsimnet.errors import ManifestError
from sigsimnet.evaluation.sessions import days_of, recording_order, session_keys


def rows(sessions, person="anna"):
    return [Entry(f"{k}.csv", person, session) for k, session in enumerate(sessions)]


def in_order(sessions):
    return [sessions[k] for k in recording_order(rows(sessions))]


@pytest.mark.parametrize(
    "ordered",
    [
        ["1", "2", "10"],
        ["", "1"],
        ["day2", "day10"],
        ["day 2", "day 10"],
        ["2023-12-31", "2024-01-02", "2024-01-10"],
        ["2023/12/31", "2024/1/2"],
        ["s9-r2", "s9-r10", "s10-r1"],
        ["20050524", "20050601"],
        ["24.05.2005", "01.06.2005"],
        ["24.05.05", "01.06.05"],
        ["31.12.99", "01.01.00"],
        ["2005-05-24T09:00:00Z", "2005-05-24T15:00:00Z"],
        ["", "24.05.2005", "1.6.2005", "02.01.2006"],
        ["24/05/2005", "01/06/2005"],  # the 24 is no month
        ["05/24/2005", "06/01/2005"],  # nor here, where the month comes first
        ["24-05-2005", "01-06-2005"],
        ["2005-05-24", "01.06.2005", "2005-06-02"],  # styles may mix where each can be read
        ["2005-05-24 09:30", "2005-05-24 10:00", "2005-05-25"],
        ["24.05.2005 9:30", "24.05.2005 10:00", "01.06.2005 08:00:00"],
        ["05.13.2005", "05.14.2005", "06.01.2005"],  # dots, and there is no 13th month
    ],
)
def test_sessions_are_sorted_as_people_would(ordered):
    assert in_order(ordered) == ordered
    assert in_order(list(reversed(ordered))) == ordered


@given(st.lists(st.dates(date(1980, 1, 1), date(2040, 1, 1)), min_size=2, max_size=8, unique=True))
def test_dates_with_dots_sort_as_dates_and_as_their_iso_form(days):
    expected = sorted(range(len(days)), key=lambda k: days[k])
    for style in ("%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d"):
        assert recording_order(rows([day.strftime(style) for day in days])) == expected
    slashes = [day.strftime("%d/%m/%Y") for day in days]
    try:
        assert recording_order(rows(slashes)) == expected
    except ManifestError:
        assert all(day.day <= 12 for day in days)  # only then can a month come first


def test_within_a_session_the_order_of_the_table_holds():
    sessions = ["01.06.2005", "24.05.2005", "01.06.2005", "24.05.2005"]
    assert recording_order(rows(sessions)) == [1, 3, 0, 2]


def test_dates_that_can_be_read_in_two_ways_are_refused_where_it_matters():
    with pytest.raises(ManifestError, match=r"'anna' such as '03/04/2005'.*day or the month first.*2005-05-24"):
        session_keys(rows(["03/04/2005", "04/03/2005"]))
    # The third of the fourth and the fourth of the fifth come in this order either way.
    assert in_order(["04/05/2005", "03/04/2005"]) == ["03/04/2005", "04/05/2005"]
    # Another person's date tells how all of the table is written.
    table = [*rows(["03/04/2005", "04/03/2005"]), *rows(["24/05/2005"], "bert")]
    assert recording_order(table) == [1, 0, 2]
    # Orders are of people: two people's dates need no order between them.
    session_keys([*rows(["03/04/2005"]), *rows(["04/03/2005"], "bert")])


def test_dates_of_no_style_are_refused():
    with pytest.raises(ManifestError, match="'24/05/2005' and '05/24/2005' are not dates of one style"):
        session_keys(rows(["24/05/2005", "05/24/2005"]))
    with pytest.raises(ManifestError, match=r"'31.02.2005' and '31.02.2005' are not dates"):
        session_keys(rows(["31.02.2005"]))


def test_dates_beside_other_sessions_of_a_person_are_refused():
    with pytest.raises(ManifestError, match=r"'anna' has session '24.05.2005', a date, and session '2'"):
        session_keys(rows(["2", "24.05.2005"]))
    assert len(session_keys([*rows(["24.05.2005"]), *rows(["2"], "bert")])) == 2


def test_a_day_holds_its_times():
    keys = session_keys(rows(["2005-05-24 09:30", "24.05.2005 18:00", "2005-05-25", "3"][:3]))
    assert len(set(keys)) == 3
    assert len(set(days_of(keys))) == 2
    plain = session_keys(rows(["1", "2"]))
    assert days_of(plain) == plain


def test_ecg_id_as_its_headers_write_dates(shared_data):
    """Dates such as 24.05.2005, from the headers, against Python's own reading of them."""
    folder = shared_data / "ecg-id"
    if not folder.is_dir():
        pytest.skip("no ecg-id")
    found: list[Entry] = []
    for header in sorted(folder.glob("Person_*/rec_*.hea"), key=lambda p: (p.parent.name, int(p.stem[4:]))):
        line = next(line for line in header.read_text().splitlines() if "ECG date" in line)
        found.append(Entry(str(header), header.parent.name, line.split(":")[1].strip()))
    truth = [date(*(int(part) for part in reversed(entry.session.split(".")))) for entry in found]
    assert len(set(truth)) > 5
    order = recording_order(found)
    assert order == sorted(range(len(found)), key=lambda k: (truth[k], k))
    # Nobody's records were numbered against their dates: with dates read as text there are such people.
    people = {entry.subject for entry in found}
    by_person = {person: [k for k in order if found[k].subject == person] for person in people}
    assert all(mine == sorted(mine) for mine in by_person.values())
    as_text = sorted(range(len(found)), key=lambda k: (found[k].session, k))
    assert any((mine := [k for k in as_text if found[k].subject == person]) != sorted(mine) for person in people)
