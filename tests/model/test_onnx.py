"""The encoder as ONNX: the same embeddings, by another runtime."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np
import pytest

from sigsimnet.errors import ModelError, ParameterError
from sigsimnet.model import Graph, SigSimNet, export_onnx, load_model
from sigsimnet.simulation import simulate

onnx = pytest.importorskip("onnx", reason="pip install 'sigsimnet[train]'")
pytest.importorskip("onnxscript", reason="pip install 'sigsimnet[train]'")
pytest.importorskip("onnxruntime", reason="pip install 'sigsimnet[train]'")


def test_the_bundled_model(tmp_path):
    model = load_model("ecg")
    path = tmp_path / "ecg.onnx"
    assert export_onnx(model, path) < 1e-5
    x = np.random.default_rng(1).normal(size=(1500, 1, model.cutter.n_samples)).astype(np.float32)
    encoder = Graph(path.read_bytes(), str(path), threads=1)
    for n in (1, 7, 1500):
        np.testing.assert_allclose(encoder(segments=x[:n]), model.encode(x[:n]), atol=1e-5)
    about = {item.key: item.value for item in onnx.load(path).metadata_props}
    assert json.loads(about["sigsimnet_segments"]) == json.loads(json.dumps(model.cutter.to_dict()))
    assert json.loads(about["sigsimnet_calibration"]) == model.calibration.to_dict()
    assert about["sigsimnet_same"] == "subject"
    assert [item.name for item in tmp_path.iterdir()] == ["ecg.onnx"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet", "inception", "mlp", "transformer", "recurrent"])
def test_every_encoder(name, tmp_path):
    model = SigSimNet(name).build(2, seed=3)
    assert export_onnx(model, tmp_path / "m.onnx") < 1e-5
    x = np.random.default_rng(1).normal(size=(5, 2, model.cutter.n_samples)).astype(np.float32)
    np.testing.assert_allclose(Graph((tmp_path / "m.onnx").read_bytes(), "m")(segments=x), model.encode(x), atol=1e-5)


def test_graphs_do_not_say_where_they_were_made(tmp_path):
    export_onnx(load_model("ecg"), tmp_path / "ecg.onnx")
    SigSimNet("cnn", fusion="attention").build(2, seed=3).save(tmp_path / "model")
    bundled = resources.files("sigsimnet.model") / "bundled" / "ecg" / "encoder.onnx"
    graphs = [tmp_path / "ecg.onnx", *(tmp_path / "model").glob("*.onnx"), bundled]
    assert len(graphs) > 2
    for path in graphs:
        content = path.read_bytes()
        assert b".py" not in content, path  # as the exporter's stack traces have


def test_in_eight_bits_it_hardly_moves(tmp_path):
    model, recordings = load_model("ecg"), simulate(8, 2, duration=15, seed=5)
    path = tmp_path / "small.onnx"
    export_onnx(model, path, int8=True)
    export_onnx(model, tmp_path / "whole.onnx")
    assert path.stat().st_size < 0.5 * (tmp_path / "whole.onnx").stat().st_size
    sets = [model.cut(r) for r in recordings]
    pairs = np.array([(i, j) for i in range(16) for j in range(i)])
    before = model.score_pairs(sets, pairs)
    fast = load_model("ecg").accelerate(path, threads=1)
    after = fast.score_pairs(sets, pairs)
    assert np.corrcoef(before, after)[0, 1] > 0.99
    assert not np.array_equal(before, after)
    same = load_model("ecg").accelerate(tmp_path / "whole.onnx")
    np.testing.assert_allclose(same.score_pairs(sets, pairs), before, atol=1e-4)


def test_a_foreign_file_does_not_speed_anything_up(tmp_path):
    export_onnx(SigSimNet("mlp").build(1, seed=9), tmp_path / "other.onnx")
    with pytest.raises(ModelError, match="not those of this network"):
        load_model("ecg").accelerate(tmp_path / "other.onnx")
    with pytest.raises(ParameterError, match="give some of your own"):
        export_onnx(SigSimNet(segments="windows").build(2), tmp_path / "w.onnx", int8=True)
    with pytest.raises(ParameterError, match="at least 50"):
        export_onnx(load_model("ecg"), tmp_path / "w.onnx", int8=True, segments=np.zeros((3, 1, 160), np.float32))


def test_what_cannot_be(tmp_path):
    with pytest.raises(ModelError, match="no network yet"):
        export_onnx(SigSimNet(), tmp_path / "m.onnx")
    (tmp_path / "bad.onnx").write_text("nothing")
    with pytest.raises(ModelError, match=r"bad\.onnx: is not an ONNX model"):
        load_model("ecg").accelerate(tmp_path / "bad.onnx")


def test_command(run_cli, tmp_path):
    ran = run_cli("export", "ecg", "-o", tmp_path / "ecg.onnx", "--json")
    assert ran.code == 0, ran.err
    values = json.loads(ran.out)
    assert values["input"] == ["batch", 1, 160]
    assert values["largest_difference"] < 1e-5
    assert values["bytes"] == (tmp_path / "ecg.onnx").stat().st_size
    bad = run_cli("export", "ecg", "-o", tmp_path / "ecg.bin")
    assert bad.code == 2
    assert "name it .onnx" in bad.err
