"""What can be trained can be applied without PyTorch: the same scores, in an interpreter that cannot import it."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from sigsimnet.model import SigSimNet
from sigsimnet.networks import ENCODERS, HEADS
from sigsimnet.segments import BeatCutter
from sigsimnet.simulation import simulate_one

BLOCK = """
import sys

class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ImportError("no PyTorch here")

sys.meta_path.insert(0, NoTorch())
"""
APPLY = (
    BLOCK
    + """
import json, numpy as np
from sigsimnet.model import load_model
from sigsimnet.simulation import simulate_one
found = {}
for folder in sys.argv[1:]:
    model = load_model(folder)
    a, b = (model.embed(simulate_one(person, 1, duration=12)) for person in (21, 22))
    found[folder] = {
        "score": model.score(a, b),
        "agreement": model.agreement(a, b)[0].tolist(),
        "similarity": float(model.similarity(a.embeddings, b.embeddings).sum()),
        "pairwise": model.similarity_pairwise(a.embeddings[:3], b.embeddings[:3]).tolist(),
        "template": model.template(a).tolist(),
    }
print(json.dumps(found))
"""
)
OPTIONS = {
    "rocket": {"dim": 16, "features": 500},
    "cnn": {"dim": 8, "widths": [4, 8]},
    "resnet": {"dim": 8, "widths": [4, 8]},
    "inception": {"dim": 8, "width": 4, "depth": 2},
    "transformer": {"dim": 8, "width": 16, "depth": 1, "heads": 2},
    "recurrent": {"dim": 8, "hidden": 8},
    "mlp": {"dim": 8, "widths": [16]},
    "identity": {},
}
HEADS_WITH_CNN = ("euclidean", "three_path")


def python(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def expected_of(model):
    a, b = (model.embed(simulate_one(person, 1, duration=12)) for person in (21, 22))
    return {
        "score": model.score(a, b),
        "agreement": model.agreement(a, b)[0],
        "similarity": float(model.similarity(a.embeddings, b.embeddings).sum()),
        "pairwise": model.similarity_pairwise(a.embeddings[:3], b.embeddings[:3]),
        "template": model.template(a),
    }


@pytest.mark.slow
def test_every_encoder_head_and_fusion(tmp_path):
    pytest.importorskip("torch", reason="pip install 'sigsimnet[train]'")
    assert set(OPTIONS) == set(ENCODERS)
    assert {"cosine", *HEADS_WITH_CNN} == set(HEADS)
    models = {
        f"{encoder}-cosine": SigSimNet(encoder, "cosine", BeatCutter(), encoder_options=options)
        for encoder, options in OPTIONS.items()
    }
    for head in HEADS_WITH_CNN:
        models[f"cnn-{head}"] = SigSimNet("cnn", head, encoder_options=OPTIONS["cnn"])
    models["mean"] = SigSimNet(encoder_options=OPTIONS["cnn"], fusion="mean")
    expected = {}
    for name, model in models.items():
        model.build(1, seed=3)
        model.save(tmp_path / name)
        expected[str(tmp_path / name)] = expected_of(model)
    people = [simulate_one(person, session, duration=12) for person in range(1, 7) for session in (1, 2)]
    learnt = SigSimNet(encoder_options=OPTIONS["cnn"], fusion="attention", normalisation="as")
    learnt.fit(people, epochs=1, steps=2, validation=0, progress=False)
    learnt.save(tmp_path / "learnt")
    expected[str(tmp_path / "learnt")] = expected_of(learnt)
    found = json.loads(python(APPLY, *expected))
    for folder, values in expected.items():
        for name, value in values.items():
            size = max(1.0, float(np.abs(value).max()))  # scores of three_path have no bounds
            np.testing.assert_allclose(found[folder][name], value, atol=1e-4 * size, err_msg=f"{folder}: {name}")


def test_the_bundled_model_compares_evaluates_and_calibrates():
    code = (
        BLOCK
        + """
import sigsimnet as ssn
from sigsimnet.model import load_model
people = ssn.simulate(6, 2, duration=15, seed=5)
print(ssn.compare(people[0], people[1]).verdict)
model = load_model("ecg")
assert 0 <= ssn.evaluate(model, people, n_resamples=0, progress=False).model.eer < 0.5
model.calibrate(people)
model.normalise(people, kind="s")
import tempfile, pathlib
folder = pathlib.Path(tempfile.mkdtemp()) / "m"
model.save(folder)
again = load_model(folder)
assert again.score(people[0], people[2]) == model.score(people[0], people[2])
"""
    )
    assert python(code).strip() in ("same", "different", "cannot tell")


@pytest.mark.parametrize(
    "code",
    [
        "ssn.SigSimNet().fit(ssn.simulate(4, 1, duration=9))",
        "ssn.SigSimNet().build(1)",
        "ssn.load_model('ecg').summary()",
        "import sigsimnet.training",
        "from sigsimnet.model import export_onnx; export_onnx(ssn.load_model('ecg'), 'never.onnx')",
    ],
)
def test_what_needs_it_says_the_line_to_type(code):
    text = (
        BLOCK
        + f"""
import sigsimnet as ssn
try:
    {code}
except ssn.SigSimNetError as error:
    print(type(error).__name__, error)
"""
    )
    said = python(text)
    assert said.startswith("MissingExtraError")
    assert "pip install 'sigsimnet[train]'" in said


@pytest.mark.parametrize(
    ("arguments", "extras"),
    [
        (["train", "m.csv", "-o", "m"], "train"),
        (["export", "ecg", "-o", "m.onnx"], "train"),
        (["tune", "m.csv", "-o", "m.toml"], "train|tune"),  # where Optuna is missing too, the line brings both
    ],
)
def test_commands_that_need_it_say_the_line_to_type(arguments, extras, tmp_path):
    (tmp_path / "m.csv").write_text("path,subject\na.csv,a\n")
    code = BLOCK + f"sys.argv = ['sigsimnet', *{arguments!r}]\nfrom sigsimnet.__main__ import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert re.search(rf"pip install 'sigsimnet\[({extras})\]'", done.stderr)
    assert "Traceback" not in done.stderr
    assert sorted(item.name for item in tmp_path.iterdir()) == ["m.csv"]
