"""Models of several channels: recordings that have them in another order, under other names, or not all."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch: pip install 'sigsimnet[train]'")

from sigsimnet import Recording, compare, evaluate
from sigsimnet.errors import ArchiveError, SignalError
from sigsimnet.model import SigSimNet, load_model
from sigsimnet.segments import WindowCutter

NAMES = [f"EMG {k}" for k in range(1, 7)]


def gesture(person, label, take, names=NAMES, seconds=6.0):
    """Return six channels that share two sources, the second of a frequency that is the label's."""
    rng = np.random.default_rng([person, take, label == "fist"])
    t = np.arange(round(seconds * 100)) / 100
    slow, fast = (np.sin(2 * np.pi * f * t + rng.uniform(0, 6)) for f in (3.0, 8.0 if label == "fist" else 14.0))
    mix = np.linspace(0, 1, 6)[:, None]
    data = (1 - mix) * slow + mix * fast + 0.2 * rng.normal(size=(6, len(t)))
    about = {"subject": f"p{person}", "label": label}
    return Recording(data, 100, channel_names=names, metadata=about, source=f"p{person}-{label}-{take}")


def recordings(people, **kwargs):
    return [gesture(p, label, take, **kwargs) for p in people for label in ("fist", "rest") for take in range(2)]


@pytest.fixture(scope="module")
def model():
    cutter = WindowCutter(length=2.0, step=1.0, sampling_rate=100, band=(None, 40))
    return SigSimNet("rocket", segments=cutter).fit(recordings(range(8)), same="label", progress=False)


def test_order_and_names_do_not_count(model):
    one = gesture(20, "fist", 0)
    order = [3, 1, 5, 0, 2, 4]
    other = one.pick(order).replace(channel_names=[f"emg_0{k + 1}" for k in order])
    np.testing.assert_allclose(model.encode(other), model.encode(one), atol=1e-6)
    assert model.channels_of(other) == tuple(f"emg_0{k}" for k in range(1, 7))


def test_a_missing_channel_is_estimated_from_the_others(model):
    one = gesture(21, "fist", 0)
    cut, whole = model.cut(one.pick([0, 1, 3, 4, 5])), model.cut(one)
    assert cut.data.shape == whole.data.shape
    assert cut.channel_names == tuple(NAMES)
    alike = [np.corrcoef(a[2], b[2])[0, 1] for a, b in zip(cut.data, whole.data, strict=True)]
    assert min(alike) > 0.85  # EMG 3 is a mixture of the sources that the others show
    np.testing.assert_array_equal(cut.data[:, [0, 1, 3, 4, 5]], whole.data[:, [0, 1, 3, 4, 5]])


def test_more_than_half_missing_is_refused(model):
    with pytest.raises(SignalError, match=r"4 of 6 channels are missing \(EMG 3, EMG 4, EMG 5, EMG 6"):
        model.cut(gesture(22, "fist", 0).pick([0, 1]))
    found = compare(gesture(22, "fist", 0).pick([0, 1]), gesture(23, "fist", 0), model=model)
    assert found.verdict == "cannot tell"
    assert "2 of the 6 channels" in found.reasons[0]
    with pytest.raises(SignalError, match="at least half, and two, are needed"):
        compare(gesture(22, "fist", 0), gesture(23, "fist", 0), model=model, channel_a="EMG 1", channel_b="EMG 1")


def test_compare_says_what_was_missing_and_under_which_name(model):
    a = gesture(24, "fist", 0).pick([0, 1, 2, 3, 4])
    b = gesture(25, "fist", 0, names=[f"ch{k}" for k in range(1, 7)])
    found = compare(a, b, model=model)
    said = " ".join(found.warnings)
    assert "ch1 for EMG 1" in said
    assert "estimated from the other channels on both: EMG 6" in said
    assert found.score > compare(a, gesture(25, "rest", 0), model=model).score


def test_training_and_evaluation_take_recordings_that_lack_one(model, tmp_path):
    learn = recordings(range(8))
    learn[5] = learn[5].pick([0, 1, 2, 4, 5])
    one = SigSimNet("rocket", segments=model.cutter).fit(learn, same="label", progress=False)
    assert one.n_channels == 6
    assert not one.card.extra.get("skipped")
    test = [r.pick([5, 4, 2, 1, 0]) for r in recordings(range(30, 34))]
    found = evaluate(one, test, n_resamples=0, progress=False)
    assert not found.failed
    assert found.dropped[-1] == "16 of 16 recordings lack channels: EMG 4 in 16"
    assert one.card.extra["left_out"][-1] == "1 of 32 recordings lack channels: EMG 4 in 1"
    assert found.model.auc > 0.9
    one.save(tmp_path / "m")
    np.testing.assert_allclose(load_model(tmp_path / "m").encode(test[0]), one.encode(test[0]), atol=1e-4)


def test_channels_and_stretches_are_explained(model):
    from sigsimnet import why

    a, b = gesture(26, "fist", 0), gesture(27, "rest", 0)
    found = why(a, b, model=model)
    assert found.channels == ("+".join(NAMES), "+".join(NAMES))
    by_name = {part.name: part for part in found.parts}
    assert set(NAMES) < set(by_name)
    assert len(by_name) == len(NAMES) + 5
    # The second source tells the labels apart, and is strongest in the last channel; the first has none of it.
    gain = {name: by_name[name].swapped - found.score for name in NAMES}
    assert max(gain, key=gain.get) in NAMES[3:]
    assert abs(gain["EMG 1"]) < max(gain.values())
    assert any("channel EMG" in said or "stretch" in said or "no single part" in said for said in found.in_words())
    assert len(found.plot().axes[0].patches) == 2 * len(found.parts)


def test_an_archive_of_parts_of_files_is_searched(model, tmp_path, monkeypatch):
    pytest.importorskip("duckdb", reason="an index needs DuckDB: pip install 'sigsimnet[search]'")
    pytest.importorskip("pyarrow", reason="an index needs Arrow: pip install 'sigsimnet[search]'")
    from sigsimnet import Index
    from sigsimnet.io import write

    both = np.concatenate([gesture(30, "fist", 0).data, gesture(30, "rest", 0).data], axis=1)
    write(Recording(both, 100, channel_names=NAMES), tmp_path / "both.csv")
    (tmp_path / "table.csv").write_text(
        "path,subject,label,start,stop\nboth.csv,p30,fist,0,6\nboth.csv,p30,rest,6,12\n"
    )
    index = Index(tmp_path / "a.index", model)
    assert index.add(tmp_path / "table.csv", progress=False, min_good_fraction=0).n_new == 2
    model.save(tmp_path / "m")
    monkeypatch.chdir(tmp_path)
    kept = Index("b.index", "m")
    kept.add("table.csv", progress=False, min_good_fraction=0)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert Index("../b.index").search(gesture(31, "fist", 1), k=1).hits[0].label == "fist"
    (tmp_path / "m").rename(tmp_path / "moved")
    assert Index("../b.index").info()["recordings"] == 2
    with pytest.raises(ArchiveError, match=r"its model is not there any more .* \(--model\)"):
        Index("../b.index").search(gesture(31, "fist", 1))
    assert Index("../b.index", "../moved").search(gesture(31, "rest", 1), k=1).hits[0].label == "rest"
    less = gesture(32, "fist", 0).pick([0, 1, 2, 3, 4])
    assert index.add([less], progress=False, min_good_fraction=0).n_new == 1
    said = [row["reason"] for row in index.left_out() if row["what"] == "channels"]
    assert said == ["estimated from the other channels: EMG 6"]
    index.remove("path like '%p32%'")
    for label, begin in (("fist", 0), ("rest", 6)):
        for level in ("recording", "beat", "stretch"):
            hit = index.search(gesture(31, label, 1), k=1, level=level).hits[0]
            assert hit.label == label
            assert begin <= hit.start < hit.stop <= begin + 6.01
