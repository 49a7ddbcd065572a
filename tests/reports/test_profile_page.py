"""The page of a profile: complete, self-contained, escaped, written whole."""

from __future__ import annotations

import re

import numpy as np
import pytest

import sigsimnet as ssn
from sigsimnet.errors import WriteError
from sigsimnet.recording import Recording
from sigsimnet.reports import profile_page, signals_page
from sigsimnet.simulation import simulate_one


@pytest.fixture(scope="module")
def found():
    return ssn.profile(simulate_one(3, duration=40, leads=("I", "II")))


def test_everything_is_on_the_page(found, tmp_path):
    profile_page(found, tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    for title in (
        "Overview", "Channels", "Signals", "Gaps", "Quality by second", "Statistics", "Spectrum", "Rolling windows",
        "Channels together", "Beats and heart rate", "What cleaning would do", "How to get this again",
    ):  # fmt: skip
        assert f">{title}</h2>" in text
    assert "Shapiro–Wilk" in text
    assert "KPSS" in text
    assert "sigsimnet profile" in text
    assert len(text) < 8_000_000


def test_nothing_is_fetched(found, tmp_path):
    profile_page(found, tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    ours = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert len(ours) < len(text) - 4_000_000  # Plotly
    for word in ("http:", "https:", "<script", "<link", "@import"):
        assert word not in ours


def test_text_of_a_file_is_escaped(tmp_path):
    strange = Recording(
        np.random.default_rng(0).normal(size=900),
        100,
        channel_names=["<script>alert(1)</script>"],
        metadata={"comment": "<b>bold</b>"},
        source="<i>x</i>",
    )
    profile_page(ssn.profile(strange), tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in text
    assert "<b>bold" not in text
    assert "<i>x" not in text


@pytest.mark.parametrize("n", [3, 40, 400])
def test_short_recordings_have_a_page_too(tmp_path, n):
    profile_page(ssn.profile(Recording(np.arange(n) % 7, 100)), tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert ("holds 3 samples" in text) == (n == 3)  # no spectrum of so few


def test_signals_alone(found, tmp_path):
    assert signals_page(found.recording, tmp_path / "s.html") == ()
    text = (tmp_path / "s.html").read_text(encoding="utf-8")
    assert 'id="signals"' in text
    assert "Statistics" not in text


def test_pages_are_written_whole_or_not_at_all(found, tmp_path):
    with pytest.raises(WriteError):
        profile_page(found, tmp_path / "nowhere" / "p.html")
    assert not list(tmp_path.iterdir())


def test_how_to_get_this_again_names_every_option(found, tmp_path):
    options = "--modality ecg --channels I,II --sampling-rate 250"
    profile_page(found, tmp_path / "p.html", options=options)
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert f"{options} -o profile.html" in text
    assert "--channels I,II --sampling-rate 250 -o clean.npz --preset ecg" in text
