"""`compare`: what it answers, when it says that it cannot tell, and which channels it takes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from sigsimnet.comparison import Comparison, compare
from sigsimnet.errors import ModelError, ReadError, SignalError
from sigsimnet.model import SigSimNet
from sigsimnet.recording import Recording
from sigsimnet.segments import BeatCutter, WindowCutter
from sigsimnet.simulation import simulate_one

VERDICTS = {"same", "different", "cannot tell"}
PROMISED = {"score", "probability", "verdict", "reasons", "n_segments_a", "n_segments_b", "protocol"}


def noisy(recording, seed=0):
    return recording.replace(data=np.random.default_rng(seed).normal(size=recording.data.shape))


def test_a_recording_is_like_itself(tiny, strangers):
    found = compare(strangers[0], strangers[0], model=tiny)
    assert found.score == pytest.approx(1, abs=1e-5)
    assert found.probability == tiny.probability(found.score)
    others = [compare(strangers[0], other, model=tiny) for other in strangers[1:]]
    assert all(other.score < found.score for other in others)
    assert all(other.probability <= found.probability for other in others)


def test_the_order_does_not_matter(tiny, strangers):
    one, two = compare(*strangers[:2], model=tiny), compare(*strangers[1::-1], model=tiny)
    assert one.score == pytest.approx(two.score, abs=1e-6)
    assert one.verdict == two.verdict
    assert (one.n_segments_a, one.n_segments_b) == (two.n_segments_b, two.n_segments_a)
    np.testing.assert_allclose(one.agreement_a, two.agreement_b, atol=1e-6)


def test_what_is_promised_is_there_and_is_json(tiny, strangers):
    found = compare(strangers[0], strangers[2], model=tiny)
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert set(values) >= PROMISED
    assert isinstance(values["score"], float)
    assert 0 <= values["probability"] <= 1
    assert values["verdict"] in VERDICTS
    assert values["reasons"]
    assert all(isinstance(reason, str) for reason in values["reasons"])
    assert values["n_segments_a"] + values["a"]["n_low_quality"] == len(tiny.cut(strangers[0]))
    assert values["n_segments_a"] == len(found.agreement_a)
    assert values["n_segments_b"] == len(tiny.cut(strangers[2])) == len(found.agreement_b)
    assert values["protocol"]["same"] == "subject"
    assert values["protocol"]["trained_on"] == tiny.card.trained_on
    assert values["protocol"]["calibrated_on"] == tiny.card.calibrated_on
    assert values["a"]["channels"] == ["I"]
    assert values["a"]["source"] == strangers[0].source
    assert isinstance(found, Comparison)
    assert found.verdict in repr(found)


def test_paths_and_models_on_disk(tiny, people_on_disk, tiny_path, strangers):
    found = compare(people_on_disk / "strangers-0.npz", str(people_on_disk / "strangers-1.npz"), model=tiny_path)
    assert found.score == pytest.approx(compare(strangers[0], strangers[1], model=tiny).score, abs=1e-5)
    assert found.protocol["model"] == str(tiny_path)
    with pytest.raises(ReadError, match="gone"):
        compare(people_on_disk / "gone.csv", strangers[0], model=tiny)
    with pytest.raises(ModelError):
        compare(*strangers[:2], model=people_on_disk / "no-model")


def test_warnings_of_the_readers_come_along(tiny, strangers):
    a, b = strangers[0].replace(warnings=["guessed mV"]), strangers[1].replace(warnings=["clock jumps"])
    assert compare(a, b, model=tiny).warnings == ("guessed mV", "clock jumps")


def test_unit_and_offset_do_not_matter(tiny, strangers):
    a, b = strangers[0], strangers[2]
    expected = compare(a, b, model=tiny).score
    scaled = b.replace(data=b.data.astype(np.float64) * 1000 + 300)
    assert compare(a, scaled, model=tiny).score == pytest.approx(expected, abs=1e-3)


# -- the verdict ------------------------------------------------------------------------------------------------------


def with_card(model, **changes):
    other = SigSimNet()
    other.__dict__.update(model.__dict__)
    other.card = replace(model.card, **changes)
    return other


def test_the_card_draws_the_lines(tiny, strangers):
    a, b = strangers[0], strangers[2]
    p = compare(a, b, model=tiny).probability
    for above, below, verdict in ((p, 0.0, "same"), (1.1, p, "different"), (1.1, -0.1, "cannot tell")):
        found = compare(a, b, model=with_card(tiny, same_above=above, different_below=below))
        assert found.verdict == verdict
        assert found.probability == p
        assert found.protocol["same_above"] == above


def test_too_few_beats_carry_no_answer(tiny, strangers):
    short = simulate_one(21, duration=3.0)
    assert 0 < len(tiny.cut(short)) < 5
    model = with_card(tiny, min_segments=5)
    found = compare(short, strangers[0], model=model)
    assert found.verdict == "cannot tell"
    assert any(f"A has {len(tiny.cut(short))} beats, at least 5" in reason for reason in found.reasons)
    other = compare(strangers[0], short, model=model)
    assert any("B has" in reason for reason in other.reasons)
    # A score is given all the same.
    assert np.isfinite(found.score)


@pytest.mark.needs_torch
def test_an_untrained_model_cannot_tell(strangers):
    model = SigSimNet(encoder_options={"dim": 8}).build(1)
    found = compare(strangers[0], strangers[0], model=model)
    assert found.verdict == "cannot tell"
    assert found.probability is None
    assert any("never trained" in reason for reason in found.reasons)
    json.dumps(found.to_dict(), allow_nan=False)
    assert "uncalibrated" in repr(found)


@pytest.mark.needs_torch
def test_an_uncalibrated_model_cannot_tell(learners, strangers):
    model = SigSimNet(encoder_options={"dim": 8, "widths": [4, 8]})
    model.fit(learners[:6], epochs=1, steps=2, validation=0)
    found = compare(strangers[0], strangers[0], model=model)
    assert (found.verdict, found.probability) == ("cannot tell", None)
    assert any("not calibrated" in reason for reason in found.reasons)
    assert found.protocol["calibrated_on"] is None


def test_swapped_electrodes_are_remarked(tiny, strangers):
    turned = strangers[0].replace(data=-strangers[0].data)
    found = compare(strangers[0], turned, model=tiny)
    assert any("electrodes may be swapped" in reason for reason in found.reasons)
    assert not any("swapped" in reason for reason in compare(turned, turned, model=tiny).reasons)


def test_beats_beside_gaps_are_remarked(tiny, strangers):
    data = strangers[0].data.copy()
    data[:, 250::500] = np.nan
    for k in range(250, data.shape[1], 500):
        data[:, k : k + 60] = np.nan
    found = compare(strangers[0].replace(data=data), strangers[1], model=tiny)
    assert found.a.n_rejected > 0.2 * (len(found.a) + found.a.n_rejected)
    assert any("of A were left out" in reason for reason in found.reasons)


def test_beats_that_do_not_resemble_each_other_carry_no_answer(tiny, strangers):
    cut = tiny.cut(strangers[0])

    class Noisy(BeatCutter):
        def cut(self, recording, peaks=None, *, preprocessed=None):
            rng = np.random.default_rng(0)
            return replace(
                cut, data=rng.normal(size=cut.data.shape).astype(np.float32), quality=0.2 * rng.random(len(cut))
            )

    model = tiny.clone()
    model.__dict__.update(tiny.__dict__ | {"segments": Noisy()})
    found = compare(strangers[0], strangers[1], model=model)
    assert found.verdict == "cannot tell"
    assert any("hardly resemble each other" in reason for reason in found.reasons)


# -- nothing to compare -----------------------------------------------------------------------------------------------


def test_no_beats(tiny, strangers):
    for quiet in (strangers[0].replace(data=np.zeros_like(strangers[0].data)), noisy(strangers[0])):
        for pair in ((quiet, strangers[1]), (strangers[1], quiet)):
            found = compare(*pair, model=tiny)
            nothing_to_compare(found, r"simulated S21.*no heart beats found in 30.0 s of I")


def nothing_to_compare(found, reason):
    """Check that the answer is open, says why, and has no number that somebody could take for a score."""
    assert (found.verdict, found.probability, found.has_score) == ("cannot tell", None, False)
    assert re.search(reason, found.reasons[0])
    assert "\n" not in found.reasons[0]
    assert found.to_dict()["score"] is None
    assert "nothing to compare" in found._repr_html_()
    assert "no score" in repr(found)
    assert "Cannot tell" in found.to_html()
    assert found.to_dataframe().empty
    with pytest.raises(SignalError, match="nothing to draw"):
        found.plot()


def test_no_whole_beat(tiny, strangers):
    for seconds in (0.5, 0.004):
        nothing_to_compare(compare(strangers[0].crop(0, seconds), strangers[1], model=tiny), "simulated S21")
    nothing = strangers[0].replace(data=np.full_like(strangers[0].data, np.nan))
    nothing_to_compare(compare(strangers[1], nothing, model=tiny), "missing|no heart beats")


@pytest.mark.needs_torch
def test_no_window(strangers):
    model = SigSimNet(segments=WindowCutter(length=10), encoder_options={"dim": 8}).build(1)
    found = compare(strangers[0].crop(0, 5), strangers[1], model=model)
    nothing_to_compare(found, r"window is 10 s long and the recording 5 s: .*train --window")


# -- channels ---------------------------------------------------------------------------------------------------------


def leads(names, person=21):
    known = {"MLII": "II", "ECG1": "I"}
    recording = simulate_one(person, duration=10, leads=[known.get(name, name) for name in names])
    return recording.replace(channel_names=names)


LIMB = ("I", "II", "III", "AVR", "AVL", "AVF")


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (["I", "II"], ["II", "I"], LIMB),
        (["II", "III", "V2"], ["I", "aVF", "V2", "V1"], (*LIMB, "V2")),
        (["V1", "V4"], ["V4", "I", "V1"], ("V1", "V4")),
        (["V1", "II"], ["aVF", "II"], ("II",)),
        (["I"], ["II", "I"], ("I",)),
    ],
)
def test_all_common_leads_are_compared(tiny, a, b, expected):
    found = compare(leads(a), leads(b, 22), model=tiny)
    assert found.a.channel_names == found.b.channel_names == expected
    # A lead that is noisy in one of the two stays out.
    assert set(found.leads) <= set(expected)
    assert bool(found.leads) == (len(expected) > 1)
    if found.leads:
        assert min(found.leads.values()) <= found.score <= max(found.leads.values())
        assert any(f"fused over {len(found.leads)} leads" in reason for reason in found.reasons)
        assert len(found.to_dataframe()) == len(found.a) + len(found.b)
        assert np.isfinite(found.agreement_a).all()
    assert not any("different names" in reason for reason in found.reasons)


def test_single_channels_are_compared_whatever_their_names(tiny):
    found = compare(leads(["I"]), leads(["ECG1"], 22), model=tiny)
    assert (found.a.channel_names, found.b.channel_names) == (("I",), ("ECG1",))
    assert any("different names (I and ECG1)" in reason for reason in found.reasons)


def test_no_common_channel(tiny):
    found = compare(leads(["I", "II"]), leads(["V1", "V2"], 22), model=tiny)
    nothing_to_compare(found, r"no common channel \(I, II against V1, V2\); name one of each")


def test_channels_may_be_named(tiny):
    found = compare(leads(["I", "II"]), leads(["V5", "V6"], 22), model=tiny, channel_a="II", channel_b="v5")
    assert (found.a.channel_names, found.b.channel_names) == (("II",), ("V5",))
    assert any("different names" in reason for reason in found.reasons)
    with pytest.raises(SignalError, match="no channel 'V1'"):
        compare(leads(["I", "II"]), leads(["I"], 22), model=tiny, channel_a="V1")


@pytest.mark.needs_torch
def test_models_that_name_their_channels(strangers):
    model = SigSimNet(channels=["II"], encoder_options={"dim": 8}).build(1)
    found = compare(leads(["I", "II"]), leads(["II", "I"], 22), model=model)
    assert found.a.channel_names == found.b.channel_names == ("II",)
    with pytest.raises(SignalError, match="no channel 'II'"):
        compare(strangers[0], leads(["II"]), model=model)


@pytest.mark.needs_torch
def test_models_of_several_channels_put_them_in_one_order():
    model = SigSimNet(segments=WindowCutter(length=2), encoder_options={"dim": 8}).build(2)
    a = leads(["I", "II"])
    found = compare(a, a.pick(["II", "I"]), model=model)
    assert found.a.channel_names == found.b.channel_names
    assert found.score == pytest.approx(1, abs=1e-5)
    with pytest.raises(SignalError, match="1 common channels; this model takes 2"):
        compare(a, leads(["II", "V1"]), model=model)


# -- the picture ------------------------------------------------------------------------------------------------------


def test_plot(tiny, strangers, tmp_path):
    from matplotlib.figure import Figure

    figure = compare(strangers[0], strangers[2], model=tiny).plot()
    assert isinstance(figure, Figure)
    assert len(figure.axes) == 2
    figure.savefig(tmp_path / "a.png")


def test_where_they_agree(tiny, strangers):
    """Beats that are noise agree less with the other side than those that are not."""
    found = compare(strangers[0], strangers[1], model=tiny)
    assert found.agreement_a.shape == found.a.times.shape
    own = compare(strangers[0], strangers[0], model=tiny)
    assert np.median(own.agreement_a) > np.median(compare(strangers[0], strangers[4], model=tiny).agreement_a)


# -- the model in the package -----------------------------------------------------------------------------------------


def test_the_model_in_the_package_answers(strangers):
    found = compare(*strangers[:2])
    assert found.verdict == "same"
    assert found.protocol["model"] == "ecg"
    assert found.probability > 0.9
    other = compare(strangers[2], strangers[4])
    # Made-up hearts are more alike than real ones: the model need not be sure that they differ, but must not say same.
    assert other.verdict in ("different", "cannot tell")
    assert other.probability < found.probability - 0.2


def test_the_command_of_the_issue(shared_data):
    folder = shared_data / "ecg-id" / "Person_01"
    if not folder.is_dir():
        pytest.skip(f"no ECG-ID in {shared_data}")
    found = compare(folder / "rec_1", folder / "rec_2")
    assert found.verdict != "different"
    assert found.n_segments_a > 10
    assert isinstance(found.protocol["trained_on"], str)


def test_recordings_given_are_left_alone(tiny, strangers):
    before = strangers[0].data.copy()
    compare(strangers[0], strangers[1], model=tiny)
    np.testing.assert_array_equal(strangers[0].data, before)
    assert isinstance(strangers[0], Recording)


def test_units_and_names_that_raise_questions_are_said(strangers):
    first, second = strangers[0], strangers[1]
    assert not compare(first, second).warnings
    odd = second.replace(data=second.data * 711, source="odd.csv")
    assert any("odd.csv: channel" in w and "is the unit right?" in w for w in compare(first, odd).warnings)
    unnamed = [one.replace(channel_names=["val"]) for one in (first, second)]
    told = compare(*unnamed).warnings
    assert any("val: the name does not say what it is; it was taken for an ECG" in warning for warning in told)


def test_several_enrolments_make_one_side(tiny, strangers):
    """Two sittings enrolled together: their beats are one side, and the score lies near those of either."""
    monday, friday, probe = strangers[0], strangers[1], simulate_one(21, 3, duration=30)
    both = compare([monday, friday], probe, model=tiny)
    assert both.protocol["n_enrolled"] == 2
    assert both.n_segments_a == sum(compare(one, probe, model=tiny).n_segments_a for one in (monday, friday))
    alone = [compare(one, probe, model=tiny).score for one in (monday, friday)]
    assert both.score > min(alone)
    with pytest.raises(SignalError, match="at least one recording"):
        compare([], probe, model=tiny)


def test_leads_under_other_names_are_the_same_leads(tiny):
    """Capitals, "ECG I" and MLII: what a lead is called in a file decides nothing."""
    found = compare(
        leads(["I", "II", "V2"]), leads(["I", "II", "V2"], 22).replace(channel_names=["i", "ii", "v2"]), model=tiny
    )
    assert set(found.leads) <= {*LIMB, "V2"}
    assert len(found.leads) > 1
    one = compare(leads(["I", "V2"]), leads(["I"], 22).replace(channel_names=["ECG I"]), model=tiny)
    assert (one.a.channel_names, one.b.channel_names) == (("I",), ("ECG I",))
    assert not any("different names" in reason for reason in one.reasons)
    assert compare([leads(["I"])], leads(["MLII", "ECG1"]), model=tiny, channel_b="ECG1").a.channel_names == ("I",)
