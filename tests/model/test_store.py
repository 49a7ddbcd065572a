"""Models on disk: the same scores after, no pickle, and nothing else harmed."""

from __future__ import annotations

import contextlib
import json
import shutil

import numpy as np
import pytest

import sigsimnet
from sigsimnet.errors import ModelError, WriteError
from sigsimnet.model import SigSimNet, bundled_models, load_model
from sigsimnet.segments import WindowCutter


@pytest.fixture
def copy(tiny_path, tmp_path):
    return shutil.copytree(tiny_path, tmp_path / "model")


def change(folder, **entries):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | entries))


def test_a_loaded_model_scores_the_same(tiny, tiny_path, strangers, tmp_path):
    again = load_model(tiny_path)
    for a, b in ((0, 1), (0, 2), (3, 3)):
        first, second = strangers[a], strangers[b]
        np.testing.assert_allclose(again.encode(first), tiny.encode(first), atol=1e-5)
        score = tiny.score(tiny.cut(first), tiny.cut(second))
        assert again.score(again.cut(first), again.cut(second)) == pytest.approx(score, abs=1e-5)
        assert again.probability(score) == tiny.probability(score)
    assert again.card == tiny.card
    assert again.cutter == tiny.cutter
    assert again.name == str(tiny_path)
    assert again.get_params() | {"segments": None, "encoder_options": None} == tiny.get_params() | {
        "segments": None,
        "encoder_options": None,
    }
    twice = load_model(tiny_path)
    twice.save(tmp_path / "twice")  # no PyTorch takes part in it
    for item in tiny_path.iterdir():
        assert (tmp_path / "twice" / item.name).read_bytes() == item.read_bytes()


@pytest.mark.needs_torch
@pytest.mark.parametrize("head", ["cosine", "euclidean", "three_path"])
@pytest.mark.parametrize("encoder", ["cnn", "identity"])
def test_every_kind_of_network_comes_back(tmp_path, encoder, head, strangers):
    cutter = WindowCutter(length=1.0, step=2.0, sampling_rate=50, normalise="asinh")
    model = SigSimNet(encoder, head, cutter, channels=["I"]).build(1, seed=3)
    model.save(tmp_path / "m")
    again = SigSimNet.load(tmp_path / "m")
    a, b = (model.cut(r) for r in strangers[:2])
    assert again.score(a, b) == pytest.approx(model.score(a, b), rel=1e-4, abs=1e-4)
    assert again.probability(0.5) is None
    assert (again.cutter, list(again.channels), again.head) == (cutter, ["I"], head)


def test_nothing_in_the_folder_can_run_code(tiny_path):
    names = sorted(item.name for item in tiny_path.iterdir())
    assert names == ["config.json", "encoder.onnx", "weights.safetensors"]
    config = json.loads((tiny_path / "config.json").read_text())
    assert config["card"]["same"] == "subject"
    weights = (tiny_path / "weights.safetensors").read_bytes()
    assert not weights.startswith((b"\x80", b"PK"))
    from safetensors.numpy import load_file

    assert all(isinstance(v, np.ndarray) for v in load_file(tiny_path / "weights.safetensors").values())


def test_names_of_people_stay_at_home(tiny_path):
    config = (tiny_path / "config.json").read_text()
    assert '"S01"' not in config
    assert "S03" not in config


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"format": 3}, "newer version"),
        ({"encoder": "transformer9"}, "unknown encoder 'transformer9'"),
        ({"head": "hand"}, "unknown head"),
        ({"segments": {"kind": "notes"}}, "notes"),
        ({"segments": {"kind": "beats", "colour": 1}}, "unknown field colour"),
        ({"dim": 17}, "17"),
        ({"encoder_options": 5}, "cannot be loaded"),
        ({"n_channels": 2}, "takes segments of shape"),
        ({"segments": {"kind": "beats", "before": 0.1}}, "missing required field"),
        ({"calibration": {"nonsense": 1}}, "cannot be loaded|nonsense"),
        ({"card": {"nonsense": 1}}, "unknown entries nonsense"),
    ],
)
def test_a_changed_config_is_refused_in_one_line(copy, entries, says):
    change(copy, **entries)
    with pytest.raises(ModelError, match=says) as caught:
        load_model(copy)
    assert str(copy) in str(caught.value)


def test_errors_are_one_line(copy):
    change(copy, n_channels=2)
    with pytest.raises(ModelError) as caught:
        load_model(copy)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "{", "[]", "7", "{}"])
def test_what_is_no_config_is_refused(copy, content):
    (copy / "config.json").write_text(content)
    with pytest.raises(ModelError, match="model"):
        load_model(copy)


def test_missing_and_damaged_parts(copy):
    weights = copy / "weights.safetensors"
    content = weights.read_bytes()
    for damaged in (b"", content[:100], b"\xff" * 100):
        weights.write_bytes(damaged)
        with pytest.raises(ModelError, match="is damaged"):
            load_model(copy)
    weights.unlink()
    with pytest.raises(ModelError, match=r"no weights.safetensors"):
        load_model(copy)
    (copy / "config.json").unlink()
    with pytest.raises(ModelError, match=r"no config.json"):
        load_model(copy)


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(ModelError, match="nowhere"):
        load_model(tmp_path / "nowhere")


def test_an_untrained_model_without_weights_cannot_be_saved(tmp_path):
    with pytest.raises(ModelError, match="never fitted"):
        SigSimNet().save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_an_older_model_is_replaced(copy, tmp_path):
    SigSimNet(encoder_options={"dim": 4}).build(1).save(copy)
    assert load_model(copy).network.dim == 4
    assert sorted(item.name for item in tmp_path.iterdir()) == ["model"]


def test_a_folder_of_other_things_is_left_alone(tiny, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(WriteError, match="other things"):
        tiny.save(tmp_path)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(WriteError, match="is a file"):
        tiny.save(tmp_path / "file")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["file", "notes.txt"]
    (tmp_path / "empty").mkdir()
    tiny.save(tmp_path / "empty")
    load_model(tmp_path / "empty")


def test_a_folder_of_another_program_with_a_config_json_is_left_alone(tiny, tmp_path):
    (tmp_path / "config.json").write_text('{"name": "my web site"}')
    (tmp_path / "index.html").write_text("years of work")
    with pytest.raises(WriteError):
        tiny.save(tmp_path)
    assert (tmp_path / "index.html").read_text() == "years of work"


def test_notes_beside_a_model_are_not_lost(tiny, copy):
    (copy / "notes.txt").write_text("mine")
    with contextlib.suppress(WriteError):
        tiny.save(copy)
    assert (copy / "notes.txt").read_text() == "mine"


# -- the model in the package -----------------------------------------------------------------------------------------


def test_the_package_brings_an_ecg_model(strangers):
    assert "ecg" in bundled_models()
    model = load_model()
    assert model.card.same == "subject"
    assert model.card.calibrated_on
    assert model.card.trained_on
    assert "ecg-id" not in model.card.trained_on.lower()
    assert model.calibration is not None
    with pytest.raises(ModelError, match=r"nonsense.*models in the package: .*ecg"):
        load_model("nonsense")


def test_a_folder_of_data_called_ecg_does_not_hide_the_model(tmp_path, monkeypatch):
    (tmp_path / "ecg").mkdir()
    (tmp_path / "ecg" / "a.csv").write_text("I\n0\n")
    monkeypatch.chdir(tmp_path)
    assert load_model("ecg").card.same == "subject"


def test_public_names():
    assert sigsimnet.load_model is load_model
    assert sigsimnet.SigSimNet is SigSimNet
