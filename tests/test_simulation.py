"""Simulated people: repeatable, plausible, marked at the true R peak, and not trivially told apart."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.errors import ParameterError
from sigsimnet.metrics import eer
from sigsimnet.simulation import ACTIVITIES, LEADS, Person, simulate, simulate_one


def marks(recording):
    return np.array([annotation.sample for annotation in recording.annotations])


def mean_beat(recording):
    before, after = (round(s * recording.sampling_rate) for s in (0.25, 0.45))
    x = recording.data[0]
    inside = [m for m in marks(recording) if m >= before and m + after <= len(x)]
    return np.mean([x[m - before : m + after] for m in inside], axis=0)


def correlations(noise, n_people=40, **options):
    beats = np.array([mean_beat(r) for r in simulate(n_people, 2, noise=noise, **options)])
    similarity = np.corrcoef(beats[::2], beats[1::2])[:n_people, n_people:]
    same = np.eye(n_people, dtype=bool)
    return similarity, same


def test_order_metadata_and_shape():
    recordings = simulate(2, 2, duration=4, sampling_rate=200, activities=("rest", "walking"), leads=("II", "V5"))
    assert [r.source for r in recordings[:3]] == [
        "simulated S01 session 1 rest",
        "simulated S01 session 1 walking",
        "simulated S01 session 2 rest",
    ]
    last = recordings[-1]
    assert last.metadata == {"subject": "S02", "session": 2, "label": "walking"}
    assert last.data.shape == (2, 800)
    assert last.data.dtype == np.float32
    assert last.units == ("mV", "mV")
    assert last.channel_names == ("II", "V5")
    assert np.isfinite(last.data).all()
    assert (recordings[2].start_time - recordings[0].start_time).days >= 1


def test_same_seed_same_signal_other_seed_other():
    a, b, c = (simulate(2, 2, duration=5, seed=seed) for seed in (3, 3, 4))
    assert all(np.array_equal(x.data, y.data) for x, y in zip(a, b, strict=True))
    assert not np.array_equal(a[0].data, c[0].data)


def test_the_same_numbers_as_ever():
    """To 0.1 µV, and the marks exactly: what the model in the package and all figures in the docs were made with."""
    found = hashlib.sha256()
    for recording in [
        *simulate(3, 2, duration=8, activities=tuple(ACTIVITIES), leads=("I", "V2"), seed=5),
        *simulate(1, 1, duration=10, noise=0, leads=tuple(LEADS)),
    ]:
        found.update(np.rint(recording.data.astype(float) * 1e4).astype("<i8").tobytes())
        found.update(str(marks(recording).tolist()).encode())
    assert found.hexdigest() == "b34d2976b5a13a6e7a8db27a169b839795c3c36f6825e1167e797223ab174f04"


def test_a_recording_does_not_depend_on_what_else_is_asked_for():
    few = simulate(1, 1, duration=5)[0]
    many = simulate(3, 2, duration=5, activities=("running", "rest"), leads=("V1", "I"))
    twin = next(r for r in many if r.source == few.source)
    assert np.array_equal(few.data[0], twin.data[1])
    assert Person.draw(2) == Person.draw(2)
    assert Person.draw(2) != Person.draw(3)


@settings(max_examples=40, deadline=None)
@given(
    subject=st.integers(1, 500),
    session=st.integers(1, 5),
    activity=st.sampled_from(sorted(ACTIVITIES)),
    sampling_rate=st.sampled_from([125.0, 250.0, 360.0, 500.0, 1000.0]),
)
def test_marks_stand_on_the_top_of_r_in_clean_lead_i(subject, session, activity, sampling_rate):
    recording = simulate_one(subject, session, activity=activity, duration=12, sampling_rate=sampling_rate, noise=0)
    x, half = recording.data[0], round(0.06 * sampling_rate)
    for mark in marks(recording):
        if half <= mark < len(x) - half:
            top = mark - half + int(np.argmax(x[mark - half : mark + half + 1]))
            assert abs(top - mark) <= 1
            assert x[top] > 0.2


def test_marks_do_not_move_with_noise():
    clean, noisy = (simulate_one(5, noise=noise) for noise in (0, 1))
    assert np.array_equal(marks(clean), marks(noisy))
    assert 0.01 < np.std(noisy.data - clean.data) < 0.3


def test_noise_scales_and_rises_with_activity():
    def level(activity, noise):
        noisy, clean = (simulate_one(1, activity=activity, noise=n).data for n in (noise, 0))
        return float(np.std(noisy - clean))

    assert level("rest", 2.0) == pytest.approx(2 * level("rest", 1.0), rel=1e-3)
    assert level("rest", 1.0) < level("walking", 1.0) < level("running", 1.0)


def test_hum_stands_at_50_hz():
    difference = simulate_one(1, noise=1).data[0] - simulate_one(1, noise=0).data[0]
    spectrum = np.abs(np.fft.rfft(difference))
    frequency = np.fft.rfftfreq(len(difference), 1 / 250)
    above = frequency > 20
    assert frequency[above][np.argmax(spectrum[above])] == pytest.approx(50, abs=0.1)


def test_people_are_plausible():
    people = [Person.draw(i) for i in range(1, 201)]
    for name, low, high in (("pr", 0.12, 0.20), ("qrs", 0.08, 0.11), ("qtc", 0.36, 0.44), ("heart_rate", 50, 95)):
        values = np.array([getattr(p, name) for p in people])
        assert low <= values.min() <= values.max() <= high
        assert values.std() > 0.04 * values.mean() * 0.8


def test_heart_rate_and_its_variability_follow_activity():
    rates, spreads = {}, {}
    for activity in ACTIVITIES:
        rr = [np.diff(marks(simulate_one(i, activity=activity, duration=60, noise=0))) / 250 for i in range(1, 13)]
        rates[activity] = np.mean([60 / r.mean() for r in rr])
        spreads[activity] = np.mean([r.std() for r in rr])
    assert 58 < rates["rest"] < 80
    assert 85 < rates["walking"] < 110
    assert 130 < rates["running"] < 165
    assert 0.02 < spreads["rest"] < 0.06
    assert spreads["running"] < spreads["walking"] < spreads["rest"]


def test_rr_varies_with_breathing_and_mayer_waves():
    beats = marks(simulate_one(4, duration=300, noise=0)) / 250
    times = np.arange(beats[1], beats[-1], 0.25)
    rr = np.interp(times, beats[1:], np.diff(beats))
    power = np.abs(np.fft.rfft(rr - rr.mean())) ** 2
    frequency = np.fft.rfftfreq(len(rr), 0.25)

    def share(low, high):
        return power[(frequency >= low) & (frequency < high)].sum() / power[frequency > 0.02].sum()

    assert share(0.05, 0.15) + share(0.18, 0.36) > 0.9
    assert min(share(0.05, 0.15), share(0.18, 0.36)) > 0.1


def test_qt_shortens_with_the_square_root_of_rr_and_pr_does_not():
    def tops(activity):
        beat = mean_beat(simulate_one(2, activity=activity, duration=60, noise=0, leads=("II",), sampling_rate=500))
        r = 125
        t = r + 75 + int(np.argmax(beat[r + 75 : r + 190])) if activity == "rest" else None
        p = int(np.argmax(beat[20 : r - 35])) + 20
        return p, t, np.diff(marks(simulate_one(2, activity=activity, duration=60, noise=0))).mean() / 250

    p_rest, t_rest, rr_rest = tops("rest")
    p_walk, _, rr_walk = tops("walking")
    assert abs(p_rest - p_walk) <= 3
    walking = mean_beat(simulate_one(2, activity="walking", duration=60, noise=0, leads=("II",), sampling_rate=500))
    t_walk = 125 + 65 + int(np.argmax(walking[190:290]))
    assert (t_walk - 125) / (t_rest - 125) == pytest.approx(np.sqrt(rr_walk / rr_rest), abs=0.04)


def test_leads_obey_einthoven_and_goldberger():
    lead = dict(zip(LEADS, simulate_one(3, leads=list(LEADS), noise=0).data, strict=True))
    assert np.allclose(lead["I"] + lead["III"], lead["II"], atol=1e-6)
    assert np.allclose(lead["aVR"] + lead["aVL"] + lead["aVF"], 0, atol=1e-6)
    assert lead["V1"].min() < -0.3 < 0.5 < lead["V5"].max()  # deep S in V1, tall R in V5


def test_people_are_alike_but_not_the_same():
    similarity, same = correlations(noise=0)
    assert 0.97 < np.median(similarity[same]) < 0.998
    assert 0.80 < np.median(similarity[~same]) < 0.97
    assert np.mean(similarity[~same] > 0.70) > 0.9


def test_pearson_leaves_room_for_a_better_measure():
    similarity, same = correlations(noise=1)
    assert 0.05 < eer(similarity.ravel(), same.ravel()) < 0.20


@pytest.mark.parametrize("sampling_rate", [50, 100, 333.3, 2000])
@pytest.mark.parametrize("duration", [0.05, 1.0, 7.3])
def test_any_length_and_rate(duration, sampling_rate):
    recording = simulate_one(1, duration=duration, sampling_rate=sampling_rate)
    assert recording.n_samples == round(duration * sampling_rate)
    assert np.isfinite(recording.data).all()


@pytest.mark.parametrize(
    "options",
    [
        {"n_subjects": 0},
        {"n_sessions": 0},
        {"n_subjects": 1.5},
        {"duration": -1},
        {"duration": float("nan")},
        {"duration": float("inf")},
        {"sampling_rate": 49},
        {"activities": ("flying",)},
        {"activities": ()},
        {"leads": ("IV",)},
        {"leads": ()},
        {"leads": ("I", "I")},
        {"leads": "II"},
        {"noise": -0.1},
        {"seed": -1},
    ],
)
def test_bad_parameters(options):
    with pytest.raises(ParameterError):
        simulate(**options)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ParameterError, match="rest, walking, running"):
        simulate_one(activity="flying")
    with pytest.raises(ParameterError, match="V6"):
        simulate_one(leads=("V7",))
