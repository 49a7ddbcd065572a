"""Times as people and programs write them: compact, with names of months, AM and PM, day or month first."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from typer.testing import CliRunner

from sigsimnet.cli import app
from sigsimnet.errors import ReadError
from sigsimnet.io import read
from sigsimnet.io.clock._moments import parse_moment

START = datetime(2021, 3, 4, 23, 59, 55)  # noqa: DTZ001 - the files say no zone
N, RATE = 2500, 250


def moments():
    return [START + timedelta(seconds=i / RATE) for i in range(N)]


def milli(moment):
    return f"{moment.microsecond // 1000:03d}"


def write(tmp_path, cells, separator=";", heading="time"):
    path = tmp_path / "a.csv"
    rows = (f"{cell}{separator}{value:.4f}" for cell, value in zip(cells, np.sin(np.arange(N) / 9), strict=True))
    path.write_text(f"{heading}{separator}ECG (mV)\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


FORMS = {
    "compact": lambda m: f"{m:%Y%m%d%H%M%S}{milli(m)}",
    "compact, point": lambda m: f"{m:%Y%m%d%H%M%S}.{milli(m)}",
    "compact, blank": lambda m: f"{m:%Y%m%d %H%M%S}.{milli(m)}",
    "colon before ms": lambda m: f"{m:%Y-%m-%d %H:%M:%S}:{milli(m)}",
    "day, English month": lambda m: f"{m.day} Mar {m:%Y %H:%M:%S}.{milli(m)}",
    "English month, day": lambda m: f'"Mar {m:%d, %Y %I:%M:%S}.{milli(m)} {m:%p}"',
    "German month": lambda m: f"{m.day}. März {m:%Y %H:%M:%S}.{milli(m)}",
    "Spanish month": lambda m: f"{m.day} de marzo de {m:%Y %H:%M:%S}.{milli(m)}",
    "ctime": lambda m: f"Thu Mar {m.day} {m:%H:%M:%S}.{milli(m)} 2021",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_forms(tmp_path, form, separator):
    recording = read(write(tmp_path, map(FORMS[form], moments()), separator))
    assert recording.sampling_rate == pytest.approx(RATE)
    assert recording.start_time == START
    assert len(recording.spans) == 1  # midnight lies inside


@pytest.mark.parametrize("digits", [1, 3, 6])
def test_half_days(tmp_path, digits):
    cells = (f"{m:%I:%M:%S}.{m.microsecond:06d}"[: 9 + digits] + f" {m:%p}" for m in moments())
    recording = read(write(tmp_path, cells))
    assert recording.sampling_rate == pytest.approx(RATE, rel=0.01)
    assert len(recording.spans) == 1


def test_zone_of_the_start_is_kept(tmp_path):
    cells = (f"{m:%Y-%m-%dT%H:%M:%S}.{milli(m)}+02:00" for m in moments())
    start = read(write(tmp_path, cells)).start_time
    assert start == START.replace(tzinfo=timezone(timedelta(hours=2)))
    assert start.utcoffset() == timedelta(hours=2)


def test_cells_that_are_no_time_are_shown(tmp_path):
    with pytest.raises(ReadError, match=r"the cells of column 'time' cannot be read as time \('noon 0', …\)"):
        read(write(tmp_path, (f"noon {i}" for i in range(N))))


@pytest.mark.parametrize(("year", "said"), [(2061, "in the future"), (1980, "before 1990")])
def test_start_that_cannot_be(tmp_path, year, said):
    cells = (f"{m:{year}-%m-%d %H:%M:%S}.{milli(m)}" for m in moments())
    assert any(said in note for note in read(write(tmp_path, cells)).warnings)


class TestDayFirst:
    @pytest.fixture
    def path(self, tmp_path):
        return write(tmp_path, (f"04/03/2021 10:00:{i / RATE:06.3f}" for i in range(N)))

    def test_is_left_open(self, path):
        recording = read(path)
        assert recording.start_time is None
        assert any("may be day first or month first" in note and "day_first=" in note for note in recording.warnings)

    @pytest.mark.parametrize(("day_first", "month"), [(True, 3), (False, 4)])
    def test_user_says_it(self, path, day_first, month):
        recording = read(path, day_first=day_first)
        assert recording.start_time.month == month
        assert not recording.warnings

    @pytest.mark.parametrize(("day_first", "month"), [(True, 3), (False, 4)])
    def test_start_of_a_header(self, tmp_path, day_first, month):
        path = tmp_path / "b.txt"
        path.write_text("Start time: 04/03/2021 10:00:00\nSampling rate: 250\nECG (mV)\n" + "0.1\n0.2\n" * 300)
        assert read(path).start_time is None
        assert read(path, day_first=day_first).start_time.month == month

    def test_on_the_command_line(self, path):
        run = CliRunner().invoke(app, ["info", str(path)])
        assert "--day-first" in " ".join((run.stdout + run.stderr).split())
        run = CliRunner().invoke(app, ["info", str(path), "--month-first", "--json"])
        assert '"2021-04-03T10:00:00"' in run.stdout

    def test_order_that_the_file_shows_stays(self, tmp_path):
        path = write(tmp_path, (f"{25 + i // 1250}/03/2021 10:00:{i / RATE:06.3f}" for i in range(N)))
        assert read(path).start_time == datetime(2021, 3, 25, 10)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("3. März 2021 10:00:00,5", "2021-03-03T10:00:00.500000"),
        ("Apr 03, 2021 1:00:00 PM", "2021-04-03T13:00:00"),
        ("12 août 2020", "2020-08-12T00:00:00"),
        ("20210304T235955Z", "2021-03-04T23:59:55+00:00"),
        ("Mon, 12 Dec 2022 12:00:00 am", "2022-12-12T00:00:00"),
    ],
)
def test_one_moment(text, iso):
    assert parse_moment(text).time.isoformat() == iso


@pytest.mark.parametrize("text", ["10 mm 2021", "lead 3, 2021", "20211304235955", "12 tests 1990"])
def test_what_is_no_moment(text):
    assert parse_moment(text).time is None
