"""Baselines against other libraries and closed forms."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import pearsonr

from sigsimnet.datasets import Manifest
from sigsimnet.errors import LeakageError, ManifestError, ParameterError, UnknownNameError
from sigsimnet.evaluation import BASELINES, Baseline, evaluate, evaluate_identity
from sigsimnet.evaluation.baselines.minirocket import MiniRocket
from sigsimnet.segments import BeatCutter, Segments

LEARNERS = ("article", "lda", "minirocket")


def segments(seed, n=5, channels=2, flat=False, length=40):
    data = np.random.default_rng(seed).normal(size=(n, channels, length)).astype(np.float32)
    if flat:
        data[:] = 3.0
    return of(data)


def of(data):
    n, channels, _ = data.shape
    return Segments(data, 100.0, np.arange(n, dtype=float), np.ones(n), "windows", tuple("abc"[:channels]))


def score(name, a, b):
    baseline = BASELINES.get(name)()
    return baseline.compare(baseline.represent(a), baseline.represent(b))


def test_pearson_of_means():
    a, b = segments(0), segments(1, n=9)
    mean_a, mean_b = (s.data.astype(np.float64).mean(axis=0) for s in (a, b))
    expected = np.mean([pearsonr(x, y).statistic for x, y in zip(mean_a, mean_b, strict=True)])
    assert score("pearson", a, b) == pytest.approx(expected, abs=1e-9)
    assert score("pearson", a, b) == pytest.approx(score("pearson", b, a))
    assert score("pearson", a, a) == pytest.approx(1)


@pytest.mark.parametrize("name", ["pearson", "cross_correlation"])
def test_flat_means_say_nothing(name):
    assert score(name, segments(0, flat=True), segments(1)) == 0


def test_cross_correlation_finds_a_shift():
    t = np.arange(100)
    bump = np.exp(-0.5 * ((t - 50) / 4) ** 2)[None, None]
    late = np.exp(-0.5 * ((t - 60) / 4) ** 2)[None, None]
    assert score("pearson", of(bump), of(late)) < 0.3
    assert score("cross_correlation", of(bump), of(late)) > 0.9


def test_dtw_against_the_recurrence():
    pytest.importorskip("dtaidistance")
    a, b = segments(0, n=1, channels=1), segments(1, n=1, channels=1)
    x, y = ((s.data[0, 0] - s.data[0, 0].mean()).astype(float) for s in (a, b))
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    n, window = len(x), 4
    cost = np.full((n + 1, n + 1), np.inf)
    cost[0, 0] = 0
    for i in range(n):
        for j in range(max(0, i - window + 1), min(n, i + window)):
            before = min(cost[i, j], cost[i, j + 1], cost[i + 1, j])
            cost[i + 1, j + 1] = (x[i] - y[j]) ** 2 + before
    assert score("dtw", a, b) == pytest.approx(-np.sqrt(cost[n, n]), rel=1e-5)
    assert score("dtw", a, a) == pytest.approx(0, abs=1e-6)


def test_minirocket_against_plain_loops():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 1, 60)).astype(np.float32)
    rocket = MiniRocket(500, seed=3).fit(x)
    found = rocket.transform(x)
    assert found.shape == (6, 420)
    assert (found >= 0).all()
    assert (found <= 1).all()
    column = 0
    for number, (dilation, biases) in enumerate(zip(rocket.dilations, rocket.biases[0], strict=True)):
        for k in range(biases.shape[1]):
            for kernel, three in enumerate(combinations(range(9), 3)):
                weights = np.full(9, -1.0)
                weights[list(three)] = 2.0
                padded = np.concatenate([np.zeros(4 * dilation), x[2, 0], np.zeros(4 * dilation)])
                out = np.array([weights @ padded[i : i + 8 * dilation + 1 : dilation] for i in range(60)])
                if (kernel + number) % 2 and 8 * dilation < 60:
                    out = out[4 * dilation : 60 - 4 * dilation]
                expected = (out > biases[kernel, k]).mean()
                assert found[2, column + kernel] == pytest.approx(expected, abs=2 / 60)
            column += 84


@pytest.mark.needs_torch
@pytest.mark.parametrize("name", LEARNERS)
def test_what_learns_tells_new_people_apart_better_than_before(name):
    """People differ in one direction, beats in many others that are louder."""
    rng = np.random.default_rng(0)
    t = np.linspace(0, 1, 40)
    loud = np.stack([np.sin(2 * np.pi * k * t) for k in (1, 2, 3)])

    def crowd(n):
        of_person = rng.normal(size=n)
        beats = of_person[:, None, None] * np.sin(2 * np.pi * 9 * t) + rng.normal(size=(n, 30, 3)) @ (2 * loud)
        return (beats + 0.1 * rng.normal(size=beats.shape)).astype(np.float32)

    train, test = crowd(40), crowd(25)
    baseline = BASELINES.get(name)()
    assert baseline.learns
    baseline.fit(train.reshape(-1, 1, 40), np.repeat(np.arange(40), 30), 0)
    sides = [[baseline.represent(of(person[half, None])) for person in test] for half in (slice(15), slice(15, 30))]
    values = np.array([[baseline.compare(a, b) for b in sides[1]] for a in sides[0]])
    same = np.eye(25, dtype=bool)
    assert (values[same][:, None] > values[~same][None]).mean() > 0.75


@pytest.mark.needs_torch
def test_the_articles_network_untrained_is_a_number_at_random():
    a, b = segments(0), segments(1)
    assert np.isfinite(score("article_untrained", a, b))
    assert score("article_untrained", a, b) == score("article_untrained", a, b)


def test_known_baselines():
    assert all(issubclass(BASELINES.get(name), Baseline) for name in BASELINES)
    with pytest.raises(UnknownNameError, match=r"known: .*pearson"):
        BASELINES.get("dtw2")


# -- beside a model ---------------------------------------------------------------------------------------------------


def test_all_baselines_on_the_same_trials(tiny, strangers):
    test, train = strangers[:4], strangers[4:]
    found = evaluate(tiny, Manifest.of(test), baselines="all", train=Manifest.of(train), n_resamples=20)
    assert set(found.baselines) | set(found.left_out) == set(BASELINES)
    assert set(LEARNERS) <= set(found.baselines)
    assert "pearson_plain" in found.baselines
    assert {result.n_genuine for result in found.baselines.values()} == {found.model.n_genuine}
    assert found.paired.keys() == found.baselines.keys()
    for name, paired in found.paired.items():
        assert paired["difference"] == pytest.approx(found.baselines[name].eer - found.model.eer)
    assert found.model.protocol["people_baselines_learnt_from"] == len({r.metadata["subject"] for r in train})


def test_without_people_to_learn_from_the_learners_are_left_out(tiny, strangers):
    found = evaluate(tiny, Manifest.of(strangers), baselines="all", n_resamples=0)
    assert set(LEARNERS) <= set(found.left_out)
    assert "split 'train'" in found.left_out["lda"]
    with pytest.raises(ParameterError, match=r"'lda'.*has to learn"):
        evaluate(tiny, Manifest.of(strangers), baselines=["lda"], n_resamples=0)


def test_nobody_learns_from_the_test(tiny, strangers):
    with pytest.raises(LeakageError, match="in the test too"):
        evaluate(tiny, Manifest.of(strangers), baselines=["lda"], train=Manifest.of(strangers), n_resamples=0)
    renamed = [r.replace(metadata={"subject": f"new {k}"}, source=f"{k}") for k, r in enumerate(strangers[:4])]
    with pytest.raises(LeakageError, match="under another name"):
        evaluate(tiny, Manifest.of(strangers), baselines=["lda"], train=Manifest.of(renamed), n_resamples=0)
    with pytest.raises(ManifestError, match="at least two subjects"):
        evaluate(tiny, Manifest.of(strangers[:4]), baselines=["lda"], train=Manifest.of(strangers[4:5]), n_resamples=0)


@pytest.mark.parametrize(
    ("module", "extra", "names"),
    [("torch", "train", {"article", "article_untrained"}), ("sklearn", "baselines", {"lda", "minirocket"})],
)
def test_without_a_library_its_baselines_are_left_out_with_the_line_to_type(module, extra, names, tmp_path):
    code = f"""
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *more: None if name.partition(".")[0] == {module!r} else find(name, *more)
from sigsimnet.errors import MissingExtraError
from sigsimnet.evaluation._baseline_scores import choose_baselines
from sigsimnet.segments import BeatCutter
chosen = choose_baselines("all", BeatCutter(), can_learn=True)
for name in {sorted(names)!r}:
    assert "pip install 'sigsimnet[{extra}]'" in chosen.left_out[name], chosen.left_out
    try:
        choose_baselines([name], BeatCutter(), can_learn=True)
    except MissingExtraError as error:
        assert "pip install" in str(error)
    else:
        raise AssertionError(name)
assert {{"pearson", "pearson_plain", "cross_correlation"}} <= set(chosen.methods)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_wants_another_cutter_cuts_each_recording_once_more(tiny, strangers, monkeypatch):
    cuts = []
    original = BeatCutter.cut

    def cut(self, recording, **options):
        cuts.append((self.rate_normalise, recording.source))
        return original(self, recording, **options)

    monkeypatch.setattr(BeatCutter, "cut", cut)
    found = evaluate_identity(tiny, strangers, baselines=["pearson_plain"], n_resamples=0)
    assert sorted(cuts) == sorted((own, r.source) for r in strangers for own in (True, False))
    assert "pearson_plain" in found["single_shot_long_term"].baselines
    assert "pearson_plain" not in found["beats"].baselines  # single beats cannot be cut otherwise
