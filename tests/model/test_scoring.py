"""Fusion into templates, score normalisation, and training on top of another model."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="pip install 'sigsimnet[train]'")

from sigsimnet.errors import LeakageError, ModelError, ParameterError
from sigsimnet.model import ScoreNormalisation, Scoring, SigSimNet, load_model
from sigsimnet.model._adapt import cohort_of
from sigsimnet.networks.attention import Attention
from sigsimnet.networks.network import TorchNetwork, build_network
from sigsimnet.segments import BeatCutter, LabelledSegments
from sigsimnet.simulation import simulate_one
from sigsimnet.training._attention import fit_attention

SMALL = {"dim": 8, "widths": [4, 8]}


def scoring(head="cosine", dim=8, attention=None, **options):
    network = build_network("identity", head, 1, dim)
    return Scoring(TorchNetwork(network.encoder, network.head, attention), head, **options)


@pytest.fixture
def vectors():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(12, 8)).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_an_untrained_attention_weighs_by_quality(vectors):
    quality = np.linspace(0.1, 1.0, 12)
    plain = scoring().template(vectors, quality)
    learnt = scoring(attention=Attention(8).eval(), fusion="attention").template(vectors, quality)
    np.testing.assert_allclose(learnt, plain, atol=1e-6)
    mean = scoring(fusion="mean").template(vectors, quality)
    assert not np.allclose(mean, plain, atol=1e-3)
    np.testing.assert_allclose(mean, vectors.mean(0) / np.linalg.norm(vectors.mean(0)), atol=1e-6)


def test_attention_learns_to_leave_out_what_carries_nothing():
    """Half of the segments of every class are one and the same artefact: a trained attention looks past them."""
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(24), 32)
    centres = rng.normal(size=(24, 1, 16))
    segments = centres[labels] + 0.3 * rng.normal(size=(len(labels), 1, 16))
    bad = np.arange(len(labels)) % 2 == 0
    artefact = 3.0 * rng.normal(size=(1, 16))
    segments[bad] = artefact + 0.3 * rng.normal(size=(bad.sum(), 1, 16))
    order = rng.permutation(len(labels))
    data = LabelledSegments(*(x[order] for x in (segments.astype(np.float32), labels, labels, labels)))
    model = SigSimNet("identity", segments=BeatCutter(sampling_rate=20)).build(1)
    attention = fit_attention(model.network.encoder, data, np.ones(len(labels)), augment=None, seed=0, steps=60)
    embeddings = model.network.encoder(torch.from_numpy(data.segments)).detach()
    with torch.inference_mode():
        weight = attention.judge(torch.tanh(attention.look(embeddings))).squeeze(-1).numpy()
    assert weight[~bad[order]].mean() > weight[bad[order]].mean() + 1


@pytest.mark.parametrize("kind", ["z", "t", "s", "as"])
def test_normalisation_is_its_formula(vectors, kind):
    cohort = np.random.default_rng(2).normal(size=(40, 8)).astype(np.float32)
    cohort /= np.linalg.norm(cohort, axis=1, keepdims=True)
    norm = ScoreNormalisation(kind, cohort, top=15)
    a, b = vectors[:5], vectors[5:]
    found = scoring(fusion="mean", normalisation=norm)(a, b)
    sides = [x.mean(0) / np.linalg.norm(x.mean(0)) for x in (a, b)]
    raw = sides[0] @ sides[1]
    z = []
    for side in sides:
        against = np.sort(cohort @ side)[-15:] if kind == "as" else cohort @ side
        z.append((raw - against.mean()) / against.std())
    expected = {"z": z[0], "t": z[1]}.get(kind, np.mean(z))
    assert found == pytest.approx(expected, rel=1e-4)


def test_other_heads_are_normalised_too(vectors):
    plain = scoring("three_path")
    cohort = np.random.default_rng(2).normal(size=(20, 8)).astype(np.float32)
    found = Scoring(plain.network, "three_path", normalisation=ScoreNormalisation("s", cohort))(
        vectors[:5], vectors[5:]
    )
    against = [plain.network.score_matrix(x, cohort).mean(axis=0) for x in np.split(vectors, [5])]
    raw = plain(vectors[:5], vectors[5:])
    expected = np.mean([(raw - float(s.mean())) / float(s.std()) for s in against])
    assert found == pytest.approx(expected, rel=1e-3)


def test_a_cohort_must_be_a_crowd(vectors):
    with pytest.raises(ParameterError, match="at least 10"):
        ScoreNormalisation("s", vectors[:5])
    with pytest.raises(ParameterError, match="z, t, s, as"):
        ScoreNormalisation("q", vectors)
    with pytest.raises(ParameterError, match="none, z"):
        SigSimNet(normalisation="q")
    with pytest.raises(ParameterError, match="quality, mean, attention"):
        SigSimNet(fusion="sum")


def test_the_cohort_takes_every_class_before_any_twice():
    labels = np.repeat(np.arange(6), 40)
    recordings = np.arange(240) // 10
    data = LabelledSegments(
        np.random.default_rng(0).normal(size=(240, 1, 16)).astype(np.float32), labels, labels, recordings
    )
    model = SigSimNet("identity", segments=BeatCutter(sampling_rate=20)).build(1)
    cohort = cohort_of(model.encode(data.segments), model.scoring(), data, np.ones(240), seed=0, most=6)
    each = [model.scoring().template(model.encode(data.segments[recordings == r])) for r in range(24)]
    owner = [int(np.argmax([c @ e for e in each])) // 4 for c in cohort]
    assert sorted(owner) == list(range(6))


def test_fusion_and_cohort_are_kept_with_the_model(learners, strangers, tmp_path):
    model = SigSimNet(encoder_options=SMALL, fusion="attention", normalisation="as")
    model.fit(learners, epochs=1, steps=3, validation=0.2, calibration="isotonic")
    assert model.cohort.shape[1] == 8
    assert len(model.cohort) >= 10
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    a, b = (model.cut(r) for r in strangers[:2])
    assert again.score(a, b) == pytest.approx(model.score(a, b), abs=1e-4)
    assert again.probability(0.3) == model.probability(0.3)
    pairs = np.array([[0, 1], [1, 0]])
    np.testing.assert_allclose(model.score_pairs([a, b], pairs), [model.score(a, b)] * 2, rtol=1e-6)


def test_another_cohort_voids_the_calibration(learners, strangers):
    model = SigSimNet(encoder_options=SMALL).fit(learners, epochs=1, steps=2, validation=0.4)
    assert model.probability(0.5) is not None
    a, b = (model.cut(r) for r in strangers[:2])
    before = model.score(a, b)
    model.normalise(learners, kind="s")
    assert model.score(a, b) != before
    assert model.probability(0.5) is None
    with pytest.raises(ParameterError, match="at least 10"):
        model.normalise(strangers[:2])


def test_a_frozen_encoder_stays_and_the_head_learns(learners, tiny):
    options = tiny.network.options
    model = SigSimNet(head="three_path", encoder_options=options)
    model.fit(learners, loss="mse", epochs=1, steps=4, validation=0, start=tiny, freeze=True)
    for name, value in tiny.network.encoder.state_dict().items():
        assert torch.equal(model.network.encoder.state_dict()[name], value), name
    fresh = SigSimNet(head="three_path", encoder_options=options).build(1, seed=0)
    assert not torch.equal(model.network.head.score.weight, fresh.network.head.score.weight)
    assert set(tiny.card.people) <= set(model.card.people)
    assert "started from" in model.card.trained_on


def test_what_cannot_be_started_from(learners, tiny):
    with pytest.raises(ParameterError, match="name it with start"):
        SigSimNet(encoder_options=SMALL).fit(learners, epochs=1, freeze=True)
    with pytest.raises(ParameterError, match="not like this one"):
        SigSimNet(encoder_options={"dim": 9}).fit(learners, epochs=1, start=tiny)
    with pytest.raises(ModelError, match="nothing to train"):
        SigSimNet(encoder_options=tiny.network.options).fit(learners, epochs=1, validation=0, start=tiny, freeze=True)
    with pytest.raises(LeakageError, match="held out"):
        SigSimNet(encoder_options=tiny.network.options).fit(learners, epochs=1, start=tiny)


def test_stretches_of_ten_seconds_are_templates_of_their_beats(tiny, strangers):
    recording = strangers[0]
    segments = tiny.cut(recording)
    found, times = tiny.encode_windows(recording)
    assert times[0] == 0
    mine = (segments.times >= 0) & (segments.times < 10)
    expected = tiny.scoring().template(tiny.encode(segments)[mine], segments.quality[mine])
    np.testing.assert_array_equal(found[0], expected)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    with pytest.raises(ParameterError, match="length"):
        tiny.encode_windows(recording, length=0)


def test_calibrating_within_recordings_too_weighs_both_kinds_alike(learners, strangers, tiny):
    """People with one recording add trials of its beginning against its end, and half of the weight."""
    model = SigSimNet(encoder_options=tiny.network.options).fit(learners, epochs=1, steps=2, validation=0, start=tiny)
    single = [simulate_one(seed, duration=40).replace(metadata={"subject": f"one{seed}"}) for seed in range(70, 76)]
    model.calibrate([*strangers, *single], within=True)
    assert "the rest within one" in model.card.calibrated_on
    mixed = model.probability(0.8)
    model.calibration = None
    again = SigSimNet(encoder_options=tiny.network.options).fit(learners, epochs=1, steps=2, validation=0, start=tiny)
    again.calibrate([*strangers, *single])
    assert "the rest within one" not in again.card.calibrated_on
    assert again.probability(0.8) != mixed


def test_views_need_no_table(learners, strangers):
    """Two changed copies of a beat are the same: learning that alone tells recordings apart better than chance."""
    bare = [r.replace(metadata={}) for r in learners]
    model = SigSimNet(encoder_options=SMALL)
    model.fit(bare, same="view", loss="ntxent", epochs=6, steps=20, per_class=2, classes_per_batch=64, validation=0.25)
    assert model.card.same == "view"
    assert model.card.history[-1]["auc"] > 0.7
    assert model.probability(0.9) is not None
    with pytest.raises(ParameterError, match="give an Augment"):
        SigSimNet(encoder_options=SMALL).fit(bare, same="view", epochs=1, augment=False)


def test_few_segments_have_a_calibration_of_their_own(tiny, tmp_path):
    assert sorted(tiny.calibration_by_count) == [1, 4]
    score = 0.95
    full = tiny.probability(score)
    assert tiny.probability(score, n_segments=16) == tiny.probability(score, n_segments=500) == full
    for n in (1, 4):
        assert tiny.probability(score, n_segments=n) == pytest.approx(
            float(tiny.calibration_by_count[n].probability([score])[0])
        )
    # Between two counts the answer lies between theirs; a prior moves all alike.
    one, two, four = (tiny.probability(score, n_segments=n) for n in (1, 2, 4))
    assert min(one, four) <= two <= max(one, four)
    assert tiny.probability(score, prior=0.01, n_segments=1) < one
    tiny.save(tmp_path / "again")
    again = load_model(tmp_path / "again")
    assert again.probability(score, n_segments=2) == pytest.approx(two)


def test_scores_of_single_beats_scatter_more_in_the_bundled_model():
    model = load_model("ecg")
    assert model.calibration_by_count[1].slope < min(model.calibration_by_count[4].slope, model.calibration.slope)
    for lines in model.calibration_by_leads.values():
        assert lines[1].slope < lines[0].slope
