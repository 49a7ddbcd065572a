"""Model folders of the first format, made by the code that wrote them: read, converted once, the same scores."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import pytest

from sigsimnet.model import load_model
from sigsimnet.simulation import simulate_one

pytest.importorskip("torch", reason="pip install 'sigsimnet[train]'")
DATA = Path(__file__).parent / "data"


@pytest.fixture
def folder(tmp_path):
    """Return a writable copy; its scores stand in ``format1_scores.json``, from the code that wrote it."""
    return shutil.copytree(DATA / "format1", tmp_path / "model")


def score(model, a, b):
    return model.score(simulate_one(a, 1, duration=20), simulate_one(b, 2, duration=20))


def test_scores_are_those_of_the_code_that_wrote_it(folder):
    model = load_model(folder)
    for a, b, expected, _ in json.loads((DATA / "format1_scores.json").read_text()):
        assert score(model, a, b) == pytest.approx(expected, abs=1e-4)
    assert model.card.training["within_recording_weight"] == 0.5
    assert model.card.training["augment"]["n_passthrough"] == 0
    assert model.card.extra["n_low_quality"] == 0


def test_it_is_converted_once_and_the_log_says_so(folder, caplog):
    with caplog.at_level(logging.WARNING):
        load_model(folder)
    assert "converted" in caplog.text
    assert json.loads((folder / "config.json").read_text())["format"] == 2
    assert sorted(item.name for item in folder.iterdir()) == [
        "attention.onnx",
        "config.json",
        "encoder.onnx",
        "weights.safetensors",
    ]
    caplog.clear()
    again = load_model(folder)
    assert not caplog.records
    for a, b, expected, _ in json.loads((DATA / "format1_scores.json").read_text()):
        assert score(again, a, b) == pytest.approx(expected, abs=1e-4)


def test_a_folder_that_cannot_be_written_is_read_all_the_same(folder, monkeypatch, caplog):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with caplog.at_level(logging.WARNING):
        model = load_model(folder)
    assert "cannot be written" in caplog.text
    assert json.loads((folder / "config.json").read_text())["format"] == 1
    assert model.card.same == "subject"


def test_a_folder_with_notes_in_it_is_read_and_left_as_it_is(folder, caplog):
    (folder / "notes.txt").write_text("mine")
    with caplog.at_level(logging.WARNING):
        model = load_model(folder)
    assert "was not converted" in caplog.text
    assert model.card.same == "subject"
    assert sorted(item.name for item in folder.iterdir()) == ["config.json", "notes.txt", "weights.safetensors"]
