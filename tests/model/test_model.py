"""The twin in use: encode, similarity, cut, cards, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="pip install 'sigsimnet[train]'")

from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import LeakageError, ManifestError, ModelError, ParameterError, SignalError, UnknownNameError
from sigsimnet.io import write
from sigsimnet.model import SigSimNet
from sigsimnet.model._card import digests_of_person
from sigsimnet.recording import Recording
from sigsimnet.segments import BeatCutter, WindowCutter, fingerprint_of
from sigsimnet.simulation import simulate_one

# -- making one -------------------------------------------------------------------------------------------------------


def test_unknown_names_list_the_known():
    with pytest.raises(UnknownNameError, match="cnn, identity"):
        SigSimNet(encoder="cnm")
    with pytest.raises(UnknownNameError, match="cosine, euclidean, three_path"):
        SigSimNet(head="foot")
    with pytest.raises(ParameterError, match="beats, windows"):
        SigSimNet(segments="notes")


def test_an_unknown_option_is_refused_at_once():
    with pytest.raises(ParameterError, match="colour"):
        SigSimNet(encoder_options={"colour": "red"}).fit("never-read.csv")


def test_it_needs_weights():
    model = SigSimNet()
    for use in (
        lambda: model.encode(np.zeros((1, 1, 160))),
        model.summary,
        lambda: model.similarity(np.zeros((1, 4)), np.zeros((1, 4))),
        lambda: model.similarity_pairwise(np.zeros((1, 4)), np.zeros((1, 4))),
    ):
        with pytest.raises(ModelError, match="no network yet"):
            use()


def test_building_is_seeded_and_leaves_the_callers_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    first, second, third = (SigSimNet().build(1, seed=s) for s in (0, 0, 1))
    assert torch.equal(torch.rand(2), expected)
    x = np.random.default_rng(0).normal(size=(2, 1, 160))
    np.testing.assert_array_equal(first.encode(x), second.encode(x))
    assert not np.allclose(first.encode(x), third.encode(x))


def test_repr(tiny):
    assert repr(tiny) == "<SigSimNet cnn + cosine on beats, same subject>"
    assert repr(SigSimNet("identity", "three_path", "windows")) == (
        "<SigSimNet identity + three_path on windows, untrained>"
    )


# -- encode -----------------------------------------------------------------------------------------------------------


def test_encode_takes_recordings_segments_and_arrays(tiny, strangers):
    cut = tiny.cut(strangers[0])
    embeddings = tiny.encode(strangers[0])
    assert embeddings.shape == (len(cut), 16)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(tiny.encode(cut), embeddings)
    np.testing.assert_array_equal(tiny.encode(cut.data), embeddings)
    np.testing.assert_array_equal(tiny.encode(cut.data.astype(np.float64)), embeddings)
    assert tiny.encode(cut.data[:0]).shape == (0, 16)


def test_encode_does_not_depend_on_what_else_is_encoded(tiny, strangers):
    cut = tiny.cut(strangers[0])
    np.testing.assert_allclose(tiny.encode(cut.data[3:4])[0], tiny.encode(cut)[3], atol=1e-5)


@pytest.mark.parametrize("shape", [(4, 160), (4, 2, 160), (160,)])
def test_encode_refuses_other_shapes(tiny, shape):
    with pytest.raises(SignalError, match="this network takes"):
        tiny.encode(np.zeros(shape))


def test_template_is_the_unit_mean(tiny, strangers):
    cut = tiny.cut(strangers[0])
    template = tiny.template(strangers[0])
    np.testing.assert_array_equal(tiny.template(cut), template)
    assert np.linalg.norm(template) == pytest.approx(1, abs=1e-5)
    mean = np.average(tiny.encode(cut), axis=0, weights=cut.quality)
    np.testing.assert_allclose(template, mean / np.linalg.norm(mean), atol=1e-5)


# -- similarity -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", ["cosine", "euclidean", "three_path"])
def test_similarity_is_every_pair_and_pairwise_is_the_diagonal(head, strangers):
    model = SigSimNet(head=head, encoder_options={"dim": 8}).build(1)
    a, b = model.encode(strangers[0])[:12], model.encode(strangers[2])[:12]
    matrix = model.similarity(a, b)
    assert matrix.shape == (12, 12)
    np.testing.assert_allclose(model.similarity_pairwise(a, b), matrix.diagonal(), atol=1e-5)
    np.testing.assert_allclose(model.similarity(b, a), matrix.T, atol=1e-5)
    assert model.similarity(a[0], b).shape == (1, 12)
    with pytest.raises(ParameterError, match=r"\(12, 8\) and \(5, 8\)"):
        model.similarity_pairwise(a, b[:5])


@pytest.mark.parametrize("head", ["cosine", "euclidean", "three_path"])
def test_score_does_not_depend_on_the_order_of_the_sides(head, strangers):
    model = SigSimNet(head=head, encoder_options={"dim": 8}).build(1)
    a, b = model.cut(strangers[0]), model.cut(strangers[2])
    assert model.score(a, b) == pytest.approx(model.score(b, a), abs=1e-5)


def test_cosine_score_is_that_of_the_templates(tiny, strangers):
    a, b = tiny.cut(strangers[0]), tiny.cut(strangers[2])
    assert tiny.score(a, b) == pytest.approx(float(tiny.template(a) @ tiny.template(b)), abs=1e-5)
    assert tiny.score(a, a) == pytest.approx(1, abs=1e-5)


def test_score_of_other_heads_is_the_mean_over_pairs(strangers):
    model = SigSimNet(head="euclidean", encoder_options={"dim": 8}).build(1)
    a, b = model.cut(strangers[0]), model.cut(strangers[2])
    expected = model.similarity(model.encode(a), model.encode(b)).mean()
    assert model.score(a, b) == pytest.approx(float(expected), abs=1e-5)


@pytest.mark.parametrize("head", ["cosine", "three_path"])
def test_many_scores_are_each_score(head, strangers):
    model = SigSimNet(head=head, encoder_options={"dim": 8}).build(1)
    cuts = [model.cut(r) for r in strangers[:4]]
    pairs = np.array([[0, 1], [1, 0], [2, 3], [3, 3]])
    scores = model.score_pairs(cuts, pairs)
    assert scores.tolist() == [model.score(cuts[i], cuts[j]) for i, j in pairs]
    assert model.score_pairs(cuts, pairs[:0]).shape == (0,)


def test_sessions_of_one_person_are_more_alike_than_those_of_two(tiny, strangers):
    cuts = [tiny.cut(r) for r in strangers]
    scores = np.array([[tiny.score(a, b) for b in cuts] for a in cuts])
    person = np.repeat(np.arange(4), 2)
    same = (person[:, None] == person) & ~np.eye(8, dtype=bool)
    assert np.median(scores[same]) > np.median(scores[person[:, None] != person])


# -- channels ---------------------------------------------------------------------------------------------------------


def test_beats_come_from_the_first_ecg_channel(tiny):
    record = simulate_one(30, duration=10, leads=("I", "II"))
    noise = Recording(
        np.vstack([np.random.default_rng(0).normal(size=2500), record.data]), 250, channel_names=["resp", "II", "V1"]
    )
    assert tiny.cut(noise).channel_names == ("II",)
    assert tiny.cut(noise, "V1").channel_names == ("V1",)
    with pytest.raises(SignalError, match="no channel"):
        tiny.cut(noise, "V6")
    with pytest.raises(SignalError, match=r"2 channels.*for a network of 1"):
        tiny.cut(noise, ["II", "V1"])


def test_windows_of_several_channels(tmp_path):
    records = [
        simulate_one(person, session, duration=12, leads=("I", "V2")) for person in range(1, 6) for session in (1, 2)
    ]
    model = SigSimNet(segments=WindowCutter(length=2.0), encoder_options={"dim": 8, "widths": [4, 8]})
    model.fit(records, epochs=1, steps=3, validation=0.4)
    assert model.n_channels == 2
    assert model.encode(records[0]).shape == (6, 8)
    model.save(tmp_path / "m")
    again = SigSimNet.load(tmp_path / "m")
    np.testing.assert_allclose(again.encode(records[0]), model.encode(records[0]), atol=1e-5)
    with pytest.raises(SignalError, match=r"1 of 2 channels are missing \(V2"):
        again.encode(records[0].pick("I"))


def test_channels_are_told_apart_by_name_not_by_place():
    record = simulate_one(1, duration=12, leads=("I", "V2"))
    model = SigSimNet(segments=WindowCutter(length=2.0), channels=["I", "V2"], encoder_options={"dim": 8}).build(2)
    np.testing.assert_array_equal(model.encode(record.pick(["V2", "I"])), model.encode(record))


def test_channels_learnt_in_one_order_are_not_taken_in_another():
    records = [simulate_one(person, session, duration=12, leads=("I", "V2")) for person in (1, 2) for session in (1, 2)]
    model = SigSimNet(segments=WindowCutter(length=2.0), encoder_options={"dim": 8, "widths": [4, 8]})
    model.fit(records, epochs=1, steps=2, validation=0)
    assert model.channels_ == ("I", "V2")
    swapped = records[0].pick(["V2", "I"])
    assert model.cut(swapped).channel_names == ("I", "V2")
    np.testing.assert_array_equal(model.encode(swapped), model.encode(records[0]))
    data = model.cut(swapped).data
    assert not np.allclose(model.encode(data[:, ::-1]), model.encode(data), atol=1e-3)  # the order matters to it


# -- summary ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("encoder", "head"), [("cnn", "cosine"), ("cnn", "three_path"), ("identity", "three_path")])
def test_summary_adds_up(encoder, head):
    model = SigSimNet(encoder, head).build(1)
    lines = model.summary().splitlines()
    rows = [line.rsplit(None, 1) for line in lines[2:-2]]
    numbers = [int(number.replace(",", "")) for _, number in rows]
    in_encoder = sum(p.numel() for p in model.network.encoder.parameters())
    in_head = sum(p.numel() for p in model.network.head.parameters())
    assert sum(numbers) == in_encoder + in_head
    assert f"{in_encoder + in_head:,} parameters: {in_encoder:,} in the encoder" in lines[-1]
    assert f"{in_head:,} in the head" in lines[-1]
    assert lines[0].split() == ["Layer", "Kind", "Output", "shape", "Parameters"]
    assert "(1, 160)" in lines[2]


def test_summary_shows_the_articles_network():
    model = SigSimNet("identity", "three_path", WindowCutter(length=0.05, sampling_rate=100, normalise="none")).build(1)
    text = model.summary()
    assert text.count("BatchNorm1d") == 4
    assert text.count("Dropout") == 4
    assert "(n, 256)" in text
    assert "384" in text  # Dense(64) of five samples
    model.network.head.train()
    model.summary()
    assert model.network.head.training


# -- training, calibration, leaks -------------------------------------------------------------------------------------


def test_the_card_says_what_was_done(tiny, learners):
    card = tiny.card
    assert card.same == "subject"
    assert card.n_people + card.n_held_out == 8
    assert card.n_held_out == 2
    assert card.n_recordings == 12
    assert len(card.people) == 8
    assert len(card.recordings) == 16
    assert "6 people, 12 recordings" in card.trained_on
    assert "2 people held out" in card.calibrated_on
    assert "across recordings" in card.calibrated_on
    assert len(card.history) == 4
    assert card.training["epochs"] == 4
    assert card.training["seed"] == 0
    assert card.n_segments > 12 * 20


def test_the_same_seed_gives_the_same_model(learners):
    some = learners[:10]
    settings = {"epochs": 2, "steps": 3, "validation": 0.4, "seed": 3}
    first, second = (SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]}).fit(some, **settings) for _ in range(2))
    np.testing.assert_array_equal(first.encode(some[0]), second.encode(some[0]))
    assert first.card == second.card
    assert first.probability(0.5) == second.probability(0.5)


def test_probability_rises_with_the_score(tiny):
    values = [tiny.probability(s) for s in (-1.0, 0.0, 0.5, 0.9, 1.0)]
    assert values == sorted(values)
    assert all(0 <= p <= 1 for p in values)
    assert tiny.probability(0.9, prior=0.01) < tiny.probability(0.9) < tiny.probability(0.9, prior=0.99)


def test_without_held_out_people_there_is_no_probability(learners):
    model = SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]})
    model.fit(learners[:6], epochs=1, steps=2, validation=0)
    assert model.calibration is None
    assert model.probability(0.9) is None
    assert model.card.calibrated_on == ""
    assert model.card.n_held_out == 0
    assert model.card.n_people == 3


def test_calibrating_anew(learners, strangers):
    model = SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]})
    with pytest.raises(ModelError):
        model.calibrate(strangers)
    model.build(1)
    with pytest.raises(ModelError, match="never trained"):
        model.calibrate(strangers)
    model.fit(learners[:6], epochs=1, steps=2, validation=0)
    with pytest.raises(SignalError, match="too few"):
        model.calibrate(strangers[:2])
    model.calibrate(strangers)
    assert 0 <= model.probability(0.9) <= 1
    assert model.card.calibrated_on
    assert leak(model, Entry("x", subject="S21"), strangers[0])


def leak(model, entry, recording=None):
    """Return what the refusal says; empty when there is none."""
    try:
        model.check_leakage(entry, fingerprint_of(recording) if recording is not None else "")
    except LeakageError as error:
        return str(error)
    return ""


def test_it_knows_people_and_recordings(tiny, learners, strangers):
    fresh = simulate_one(50, duration=5)
    assert "S01" in leak(tiny, Entry("x.csv", subject="S01"), fresh)
    assert leak(tiny, Entry("x.csv", subject="another name"), learners[0])
    assert leak(tiny, Entry("x.csv"), learners[0])
    held_out = {r.metadata["subject"] for r in learners}
    assert all(leak(tiny, Entry("x.csv", subject=name), fresh) for name in held_out)
    assert leak(tiny, Entry("x.csv", subject="S21"), strangers[0]) == ""
    # Trained without a database: S01 of any may be the one. Trained with one: S01 of another is somebody else.
    assert "database" not in leak(tiny, Entry("x.csv", subject="S01", database="elsewhere"), fresh)
    assert leak(tiny, Entry("x.csv", subject="S01", database="elsewhere"), fresh)
    named = replace(tiny.card, people=digests_of_person("S01", "here", tiny.card.salt))
    other = SigSimNet()
    other.card = named
    assert leak(other, Entry("x.csv", subject="S01", database="elsewhere")) == ""
    assert leak(other, Entry("x.csv", subject="S01", database="here"))
    assert "name it in 'database'" in leak(other, Entry("x.csv", subject="S01"))


def test_unusable_recordings_are_skipped_and_listed(learners, tmp_path):
    quiet = Recording(np.zeros(5000), 250, metadata={"subject": "quiet"}, source="quiet.csv")
    model = SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]})
    model.fit([*learners[:6], quiet], epochs=1, steps=2, validation=0)
    assert model.card.n_people == 3
    assert any("quiet.csv" in line for line in model.card.extra["skipped"])
    model.save(tmp_path / "m")
    assert SigSimNet.load(tmp_path / "m").card == model.card


def test_what_cannot_be_trained_on(learners):
    from sigsimnet.errors import ManifestError

    model = SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]})
    with pytest.raises(ParameterError, match="subject, label, recording"):
        model.fit(learners, same="mood")
    with pytest.raises(ManifestError, match="no label"):
        model.fit([r.replace(metadata={"subject": "a"}) for r in learners], same="label")
    with pytest.raises(SignalError, match="at least 2"):
        model.fit(learners[:2], validation=0)
    with pytest.raises(SignalError, match="too few to hold some out"):
        model.fit(learners[:4])
    with pytest.raises(ParameterError, match=r"no such setting.*momentum"):
        model.fit(learners, momentum=0.9)
    with pytest.raises(ManifestError, match="nothing could be used"):
        model.fit([Recording(np.zeros(2500), 250, metadata={"subject": "x"})])
    with pytest.raises(ManifestError, match="no recordings"):
        model.fit([])


def test_other_relations(learners):
    labelled = [r.replace(metadata={**r.metadata, "label": "a" if i % 2 else "b"}) for i, r in enumerate(learners[:8])]
    for same in ("label", "recording"):
        model = SigSimNet(segments=BeatCutter(sampling_rate=100), encoder_options={"dim": 8, "widths": [4, 8]})
        model.fit(labelled, same=same, epochs=1, steps=2, validation=0.5)
        assert model.card.same == same


# -- calibration ------------------------------------------------------------------------------------------------------


def test_calibration_on_people_of_the_training_is_refused(tiny, learners):
    with pytest.raises(LeakageError, match="calibrate on other people"):
        load_copy(tiny).calibrate(learners)
    nameless = [r.replace(metadata={"subject": f"new {k}"}) for k, r in enumerate(learners)]
    with pytest.raises(LeakageError, match=r"on the recording .*calibrate on other people"):
        load_copy(tiny).calibrate(nameless)


def test_calibration_on_others_is_kept_with_their_number(tiny, strangers):
    model = load_copy(tiny).calibrate(strangers)
    people = {r.metadata["subject"] for r in strangers}
    assert model.card.n_calibrated == len(people)
    assert f"of {len(people)} people" in model.card.calibrated_on
    with pytest.raises(LeakageError, match="trained or calibrated on person"):
        model.check_leakage(Entry("x.csv", subject=next(iter(people))))
    assert model.probability(1.0) > model.probability(-1.0)


def load_copy(model):
    """Return a model with the same parts that can be changed without changing the other."""
    twin = model.clone()
    for name in ("network", "n_channels", "card", "calibration", "calibration_by_count"):
        setattr(twin, name, getattr(model, name))
    return twin


def test_segments_of_ones_own_kind_are_not_saved(tmp_path, tiny):
    class Own(WindowCutter):
        kind = "heartbeats of mice"

    model = load_copy(tiny)
    model.segments = Own()
    with pytest.raises(ModelError, match="heartbeats of mice"):
        model.save(tmp_path / "m")
    assert not list(tmp_path.iterdir())


# -- habits of scikit-learn, and what people have ---------------------------------------------------------------------


def test_the_constructor_stores_what_it_is_given_and_clone_forgets_what_was_learnt(tiny):
    cutter, options = BeatCutter(sampling_rate=100), {"dim": 8, "widths": [4, 8]}
    model = SigSimNet("cnn", "cosine", cutter, encoder_options=options, fusion="mean")
    params = model.get_params()
    assert params["segments"] is cutter
    assert params["encoder_options"] is options
    assert params == {
        "encoder": "cnn",
        "head": "cosine",
        "segments": cutter,
        "channels": None,
        "encoder_options": options,
        "fusion": "mean",
        "normalisation": "none",
    }
    again = tiny.clone()
    assert again.get_params() == tiny.get_params()
    assert again.network is None
    assert again.card.same == ""
    assert model.set_params(fusion="quality", head="euclidean") is model
    assert (model.fusion, model.head) == ("quality", "euclidean")
    with pytest.raises(ParameterError, match="no parameter 'colour'"):
        model.set_params(colour="red")
    with pytest.raises(ParameterError, match="only the cosine head"):
        model.set_params(fusion="attention")
    assert model.fusion == "quality"


def test_scikit_learn_can_clone_it(tiny):
    base = pytest.importorskip("sklearn.base", reason="pip install 'sigsimnet[baselines]'")
    again = base.clone(tiny)
    assert again.get_params() == tiny.get_params()
    assert again.network is None


def test_many_recordings_at_once(tiny, strangers, people_on_disk):
    found = tiny.encode([strangers[0], str(people_on_disk / "strangers-1.npz"), (strangers[2].data[0], 250.0)])
    assert len(found) == 3
    for one, recording in zip(found, strangers, strict=False):
        np.testing.assert_allclose(one, tiny.encode(recording), atol=1e-4)
    embedded = tiny.embed(strangers[:2])
    assert tiny.embed(embedded[0]) is embedded[0]
    assert tiny.score(*embedded) == pytest.approx(tiny.score(strangers[0], strangers[1]), abs=1e-6)


def test_fit_heeds_the_split_of_a_table(tmp_path, learners):
    """Rows that are marked ``test`` teach nothing, and their people stay unknown to the model."""
    splits = ["train" if recording.metadata["subject"] in ("S01", "S02", "S03") else "test" for recording in learners]
    rows = ["path,subject,session,split"]
    for number, (recording, split) in enumerate(zip(learners, splits, strict=True)):
        write(recording, tmp_path / f"{number}.npz")
        rows.append(f"{number}.npz,{recording.metadata['subject']},{recording.metadata['session']},{split}")
    table = tmp_path / "table.csv"
    table.write_text("\n".join(rows) + "\n")
    model = SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]})
    model.fit(table, epochs=1, steps=2, validation=0, progress=False)
    assert model.card.n_people == 3
    assert model.card.n_recordings == splits.count("train") == 6
    assert leak(model, Entry("x.csv", subject="S01"))
    assert not leak(model, Entry("x.csv", subject="S08"))


def test_a_changed_parameter_makes_a_model_forget(tiny):
    model = load_copy(tiny)
    assert model.set_params(fusion=model.fusion).network is tiny.network
    assert model.set_params(head="euclidean").network is None
    assert model.card.same == ""


@pytest.mark.parametrize("column", ["train", "test"])
def test_calibrate_and_normalise_heed_the_split_of_a_table(tiny, strangers, column):
    entries = [
        Entry(f"{k}", subject=str(r.metadata["subject"]), session="1", split=column if k < 6 else "test", recording=r)
        for k, r in enumerate(strangers)
    ]
    model = load_copy(tiny)
    if column == "test":
        with pytest.raises(ManifestError, match="no row has split 'train'"):
            model.calibrate(Manifest(tuple(entries)))
        return
    model.calibrate(Manifest(tuple(entries)))
    assert model.card.n_calibrated == 3
    assert not leak(model, Entry("x.csv", subject=str(strangers[-1].metadata["subject"])))


def test_intervals_of_a_file_that_was_learnt_from_are_known(tmp_path):
    people = [simulate_one(person, 1, duration=40) for person in range(1, 5)]
    entries = []
    for number, recording in enumerate(people):
        write(recording.replace(metadata={}), tmp_path / f"{number}.npz")
        entries.append(Entry(str(tmp_path / f"{number}.npz"), subject=f"p{number}", start=0.0, stop=20.0))
    model = SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]})
    model.fit(Manifest(tuple(entries)), epochs=1, steps=2, validation=0, progress=False)
    with pytest.raises(LeakageError, match="trained or calibrated on the recording"):
        model.calibrate([Entry(str(tmp_path / f"{n}.npz"), subject=f"another {n}") for n in range(4)])
