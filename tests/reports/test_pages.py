"""Pages: one file, no network, nothing of the user's taken for markup."""

from __future__ import annotations

import re

import numpy as np
import pytest

import sigsimnet
from sigsimnet.comparison import compare
from sigsimnet.errors import WriteError
from sigsimnet.plotting import plot_matrix
from sigsimnet.reports import Section, Table, comparison_page, write_page
from sigsimnet.simulation import simulate_one


def cells(page):
    return [cell.strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)]


def self_contained(page):
    assert page.lstrip().startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    outside = [link for link in re.findall(r"(?:src|href)\s*=\s*[\"']?([^\"'> ]+)", page) if link[:5] != "data:"]
    assert outside == []
    assert "@import" not in page
    assert "<script" not in page


def test_a_page(tmp_path):
    rows = [("a", 0.12345, None), ("b", 3, "cannot tell")]
    sections = [
        Section(
            "First", ("one", "two"), [("a figure", plot_matrix([[1.0]], ["a"]))], Table(("x", "y", "verdict"), rows)
        ),
        Section("Code", code="a < b && c"),
    ]
    write_page(tmp_path / "p.html", "Title", sections, lead="Lead")
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    self_contained(page)
    assert cells(page) == ["a", "0.123", "–", "b", "3", "cannot tell"]
    assert 'class="cannot-tell"' in page
    assert "a &lt; b &amp;&amp; c" in page
    assert page.count("data:image/png;base64,") == 1
    assert sigsimnet.__version__ in page
    assert [item.name for item in tmp_path.iterdir()] == ["p.html"]


def test_names_are_not_markup(tmp_path):
    evil = '<script>alert("x")</script>'
    figures = [(evil, plot_matrix([[1.0]], ["a"]))]
    write_page(tmp_path / "p.html", evil, [Section(evil, (evil,), figures, Table((evil,), [(evil,)]), evil)], lead=evil)
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 7


def test_nothing_is_left_where_nothing_can_be_written(tmp_path):
    with pytest.raises(WriteError):
        write_page(tmp_path / "gone" / "p.html", "t", [])
    with pytest.raises(WriteError, match="is a folder"):
        write_page(tmp_path, "t", [])
    assert list(tmp_path.iterdir()) == []


def test_a_comparison(tmp_path, tiny, strangers):
    found = compare(strangers[0], strangers[3].replace(source="<b>.csv", warnings=["guessed & mended"]), model=tiny)
    comparison_page(found, tmp_path / "c.html")
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    self_contained(page)
    shown = cells(page)
    headline = {"same": "Same person", "different": "Different people"}.get(found.verdict, "Cannot tell")
    assert f"<h1>{headline}</h1>" in page
    assert f"probability {found.probability:.3f}</text>" in page
    assert f"Score {found.score:.3f}." in page
    assert "&lt;b&gt;.csv" in shown
    assert "Guessed &amp; mended." in page
    assert "are they of the same subject?" in page
    assert page.count("<details>") == 2  # notes on a file, and the settings
    for reason in found.reasons:
        assert reason.split(":")[0][1:] in page


def test_a_single_beat_has_no_heart_rate(tmp_path, tiny, strangers):
    short = simulate_one(21, duration=30).crop(0.0, 4.0)
    data = short.data.copy()
    data[:, (short.times() < 0.4) | (short.times() > 1.55)] = np.nan  # beats at 0.12, 0.89 and 1.72 s: one is left
    short = short.replace(data=data)
    cut = tiny.cut(short)
    assert cut.n_r_peaks == len(cut) == 1
    comparison_page(compare(short, strangers[3], model=tiny), tmp_path / "c.html")
    assert "nan" not in cells((tmp_path / "c.html").read_text(encoding="utf-8"))
