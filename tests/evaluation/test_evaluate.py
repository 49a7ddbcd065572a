"""A model on people it has never seen: refusals, failures to acquire, and scorers whose answer is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sigsimnet as ssn
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import LeakageError, ManifestError, ReadError, UnknownNameError
from sigsimnet.evaluation import evaluate
from sigsimnet.metrics import MIN_PEOPLE
from sigsimnet.model import Embedded
from sigsimnet.recording import Recording
from sigsimnet.segments import Segments

N_PEOPLE = 12


class OneSegment:
    """A cutter of one segment that holds the person's number."""

    kind, n_samples, sampling_rate, band, reach, extra_channels = "windows", 4, 1.0, (None, None), (0.0, 4.0), ()

    def cut(self, recording):
        data = recording.data[None, :, :4].astype(np.float32)
        return Segments(data, 1.0, np.zeros(1), np.ones(1), "windows", recording.channel_names)

    def to_dict(self):
        return {"kind": "one segment"}


class Scorer:
    """All that can be evaluated has to have; knows nobody."""

    def __init__(self, score, probability=None, cutter=None):
        self._score, self._probability = score, probability
        self.cutter = cutter or OneSegment()

    def channels_of(self, recording, channels=None):
        return recording.channel_names[:1]

    def embed(self, segments):
        return Embedded(segments, segments.data[:, 0])

    def score_pairs(self, sets, pairs):
        people = [float(one.embeddings[0, 0]) for one in sets]
        return np.array([self._score(people[i], people[j]) for i, j in pairs.tolist()])

    def probability(self, score, prior=0.5, n_segments=None):
        return self._probability(score) if self._probability else None

    def check_leakage(self, entry, fingerprint=""):
        return None


def crowd(n_people=N_PEOPLE, **more):
    rng = np.random.default_rng(0)
    return [
        Recording(
            np.concatenate([[k], rng.normal(size=7)]),
            1.0,
            metadata={"subject": f"p{k}", "session": session, **more},
            source=f"p{k}-{session}",
        )
        for k in range(n_people)
        for session in (1, 2)
    ]


def test_a_perfect_scorer_makes_no_errors():
    found = evaluate(Scorer(lambda a, b: float(a == b)), Manifest.of(crowd()), n_resamples=20)
    assert found.model.eer == 0
    assert found.model.auc == 1
    assert found.model.n_genuine == N_PEOPLE
    assert found.model.n_impostor == 24 * 23 // 2 - N_PEOPLE
    assert found.model.n_people == N_PEOPLE
    # No errors of twelve people do not mean none of all.
    assert found.model.intervals["eer"].high == pytest.approx(1 - 0.025 ** (1 / N_PEOPLE))
    assert len(found.scores) == len(found.trials)
    assert found.failed == ()


def test_the_worst_scorer_is_always_wrong():
    found = evaluate(Scorer(lambda a, b: -float(a == b)), Manifest.of(crowd()), n_resamples=0)
    assert found.model.auc == 0


def test_a_random_scorer_is_right_half_of_the_time():
    rng = np.random.default_rng(1)
    found = evaluate(Scorer(lambda a, b: rng.normal()), Manifest.of(crowd(60)), n_resamples=0)
    assert found.model.eer == pytest.approx(0.5, abs=0.1)
    assert found.model.auc == pytest.approx(0.5, abs=0.1)


def test_probabilities_bring_calibration_and_the_articles_figures():
    scorer = Scorer(lambda a, b: float(a == b), lambda s: 0.9 if s else 0.2)
    result = evaluate(scorer, Manifest.of(crowd()), n_resamples=0).model
    genuine, impostor = result.n_genuine, result.n_impostor
    assert result.mse == pytest.approx((genuine * 0.01 + impostor * 0.04) / (genuine + impostor))
    assert result.mae == pytest.approx((genuine * 0.1 + impostor * 0.2) / (genuine + impostor))
    assert result.mape == pytest.approx(10)
    assert np.isfinite(result.cllr)
    assert np.isnan(evaluate(Scorer(lambda a, b: a), Manifest.of(crowd()), n_resamples=0).model.mse)


def test_baselines_see_the_same_trials(tiny, strangers):
    found = evaluate(tiny, Manifest.of(strangers), n_resamples=20, seed=1)
    assert set(found.baselines) == {"pearson"}
    assert found.baselines["pearson"].n_genuine == found.model.n_genuine == 4
    assert found.baselines["pearson"].n_impostor == found.model.n_impostor == 24
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["model"]["protocol"]["people_seen_in_training"] == 0
    assert values["model"]["protocol"]["genuine_across_sessions"] == 4
    assert values["model"]["protocol"]["segments"] == "beats"
    assert values["failed_to_acquire"] == []
    again = evaluate(tiny, Manifest.of(strangers), n_resamples=20, seed=1)
    assert again.to_dict() == found.to_dict()
    np.testing.assert_array_equal(again.scores, found.scores)


def test_scores_are_those_of_the_model(tiny, strangers):
    found = evaluate(tiny, Manifest.of(strangers[:4]), n_resamples=0)
    cuts = [tiny.cut(r) for r in strangers[:4]]
    for i, j, score in zip(found.trials.enrol, found.trials.probe, found.scores, strict=True):
        assert tiny.score(cuts[i], cuts[j]) == score


@pytest.mark.parametrize("which", [0, -1])
def test_people_who_were_trained_on_are_refused(tiny, learners, strangers, which):
    with pytest.raises(LeakageError, match=r"trained or calibrated on person 'S0.*test on other people"):
        evaluate(tiny, Manifest.of([*strangers, learners[which]]), n_resamples=0)


def test_recordings_that_were_trained_on_are_refused_under_any_name(tiny, learners, strangers):
    disguised = learners[3].replace(metadata={"subject": "somebody else"}, source="new.csv")
    with pytest.raises(LeakageError, match=r"the recording new\.csv"):
        evaluate(tiny, Manifest.of([*strangers, disguised]), n_resamples=0)


def test_failures_to_acquire_are_counted(tiny, strangers, tmp_path):
    quiet = Recording(np.zeros(5000), 250, metadata={"subject": "S90"}, source="quiet.csv")
    short = strangers[0].crop(0, 2.5).replace(metadata={"subject": "S91"}, source="short.csv")
    rows = Manifest.of([*strangers, quiet, short])
    (tmp_path / "words.csv").write_text("nothing,but\nwords,here\n", encoding="utf-8")
    rows = Manifest((*rows.entries, Entry(str(tmp_path / "words.csv"), subject="S92")))
    found = evaluate(tiny, rows, min_segments=10, n_resamples=0)
    assert len(found.failed) == 3
    assert found.model.protocol["n_failed_to_acquire"] == 3
    for name in ("quiet.csv", "short.csv", "words.csv"):
        assert any(name in line for line in found.failed), name
    assert found.model.n_people == 4


def test_a_wrong_path_is_said_before_anything_is_scored(tiny, strangers, tmp_path):
    rows = Manifest((*Manifest.of(strangers).entries, Entry(str(tmp_path / "gone.csv"), subject="S92")))
    with pytest.raises(ManifestError, match=r"row \d+: .*gone\.csv: no such file"):
        evaluate(tiny, rows, n_resamples=0)


def test_nothing_left_to_test_on(tiny):
    quiet = [Recording(np.zeros(5000), 250, metadata={"subject": f"q{k}"}, source=f"q{k}.csv") for k in range(3)]
    with pytest.raises(ManifestError, match=r"nothing could be used.*q0\.csv"):
        evaluate(tiny, Manifest.of(quiet))


def test_what_a_manifest_must_say(tiny, strangers):
    nameless = [r.replace(metadata={}) for r in strangers]
    with pytest.raises(ManifestError, match="no subject"):
        evaluate(tiny, Manifest.of(nameless))
    with pytest.raises(ManifestError, match="no genuine"):
        evaluate(tiny, Manifest.of(strangers[::2]), n_resamples=0)
    with pytest.raises(UnknownNameError, match="pearson"):
        evaluate(tiny, Manifest.of(strangers), baselines=("dtw9",))


def test_errors_of_the_program_itself_are_not_failures_to_acquire():
    class Broken(OneSegment):
        def cut(self, recording):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        evaluate(Scorer(lambda a, b: 0.0, cutter=Broken()), Manifest.of(crowd()))

    class Unreadable(OneSegment):
        def cut(self, recording):
            raise ReadError("damaged")

    with pytest.raises(ManifestError, match="damaged"):
        evaluate(Scorer(lambda a, b: 0.0, cutter=Unreadable()), Manifest.of(crowd()))


def test_a_recording_is_not_compared_with_itself(tiny, strangers):
    twice = [*strangers, strangers[0].replace(source="under-another-name.csv")]
    with pytest.raises(LeakageError, match=r"under-another-name\.csv holds the same samples as"):
        evaluate(tiny, Manifest.of(twice), n_resamples=0)


def test_people_unseen_in_training_is_counted_not_claimed(tiny, strangers):
    found = evaluate(tiny, Manifest.of(strangers), n_resamples=0)
    assert found.model.protocol["people_seen_in_training"] == 0


def test_evaluate_takes_what_fit_takes(tiny, strangers, people_on_disk, tiny_path):
    found = ssn.evaluate(tiny, strangers, n_resamples=0)
    for recordings in (Manifest.of(strangers), people_on_disk / "strangers.csv", str(people_on_disk / "strangers.csv")):
        np.testing.assert_allclose(ssn.evaluate(tiny, recordings, n_resamples=0).scores, found.scores, atol=1e-6)
    np.testing.assert_allclose(ssn.evaluate(tiny_path, strangers, n_resamples=0).scores, found.scores, atol=1e-4)


def test_of_a_table_with_splits_the_test_rows_are_tested_and_the_train_rows_learnt_from(tiny, strangers):
    rows = [
        Entry(r.source, str(r.metadata["subject"]), str(r.metadata["session"]), split=split, recording=r)
        for r, split in zip(strangers, ["train"] * 4 + ["test"] * 4, strict=True)
    ]
    found = evaluate(tiny, Manifest(tuple(rows)), baselines=["pearson", "lda"], n_resamples=0)
    assert set(found.trials.people) == {str(r.metadata["subject"]) for r in strangers[4:]}
    assert found.model.protocol["people_baselines_learnt_from"] == 2
    np.testing.assert_array_equal(found.scores, evaluate(tiny, strangers[4:], n_resamples=0).scores)


def test_of_few_people_there_is_no_interval_and_a_note_says_why():
    scorer = Scorer(lambda a, b: float(a == b))
    for n, given in ((2, False), (MIN_PEOPLE - 1, False), (MIN_PEOPLE, True)):
        found = evaluate(scorer, crowd(n), n_resamples=20)
        assert np.isfinite(found.model.intervals["eer"].low) == given
        assert np.isfinite(found.paired["pearson"]["low"]) == given
        assert any("people are too few" in note for note in found.notes) != given
        assert ("[" in found.rows()[0][1]) == given
    assert evaluate(scorer, crowd(2), n_resamples=0).notes == ()  # none were asked for


def test_results_show_themselves(tiny, strangers):
    found = evaluate(tiny, strangers, n_resamples=0)
    table = found.to_dataframe()
    assert list(table) == [
        "protocol", "enrolled", "probe", "enrolled_recording", "probe_recording", "genuine", "score", "probability",
        "score_pearson",
    ]  # fmt: skip
    assert ((table["enrolled"] == table["probe"]) == (table["genuine"] == 1)).all()
    np.testing.assert_array_equal(table["score"], found.scores)
    paths = [r.source for r in strangers]
    assert set(table["enrolled_recording"]) | set(table["probe_recording"]) == set(paths)
    assert "ΔEER against the model" in found._repr_html_()
    assert len(found.plot().axes) == 4
    assert found.templates.shape == (len(strangers), 16)
    assert len(found.plot_map().axes) == 1
    assert "cross_record" in repr(found)
