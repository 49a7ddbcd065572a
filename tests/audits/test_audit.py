"""Damage done on purpose is found, named, and tied to the right file; an archive without any has no findings."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet import Recording, audit, load_model, simulate, write
from sigsimnet.audits._leads import usual
from sigsimnet.datasets import as_dataset
from sigsimnet.errors import ParameterError, WriteError
from sigsimnet.io._rates import resample
from sigsimnet.model import SigSimNet

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF")
ARCHIVE = simulate(8, 2, duration=15, seed=3, leads=LEADS)
SINGLE = simulate(6, 2, duration=20, seed=3)
MODEL = load_model("ecg")


def looked(recordings, **options):
    return audit(recordings, model=MODEL, progress=False, **options)


def changed(archive, place, **fields):
    return [*archive[:place], archive[place].replace(**fields), *archive[place + 1 :]]


def kinds_at(found, source):
    return {one.kind for one in found.findings if one.path == source}


def test_nothing_is_found_where_nothing_is_wrong():
    found = looked(ARCHIVE)
    assert not found.findings, found.to_dataframe().to_string()
    assert not looked(SINGLE).findings
    assert repr(found) == "<Audit of 16 recordings: 0 findings>"


def with_chest(one):
    """Return a recording with chest leads that follow from its limb leads as they do in the table's usual patient."""
    weights = np.array(usual()["chest"])
    chest = 3 * np.linalg.solve(np.eye(6) - weights[:, 2:], weights[:, :2] @ one.data[:2].astype(float))
    names = [*one.channel_names, *(f"V{k}" for k in range(1, 7))]
    return one.replace(data=np.concatenate([one.data, chest]), channel_names=names, units="mV")


@pytest.mark.parametrize("first", [("V1", "V6"), ("V2", "V5"), ("V1", "V3")])
def test_exchanged_chest_leads(first):
    one = with_chest(ARCHIVE[4])
    assert not looked([one]).findings
    rows = list(range(12))
    i, j = (one.channel_names.index(name) for name in first)
    rows[i], rows[j] = j, i
    (finding,) = looked([one.replace(data=one.data[rows])]).findings
    assert (finding.kind, finding.channel) == ("leads swapped", ", ".join(first))


@pytest.mark.parametrize("first", [("I", "II"), ("aVR", "aVF"), ("III", "aVL")])
def test_exchanged_leads(first):
    one = ARCHIVE[4]
    rows = list(range(6))
    i, j = (one.channel_names.index(name) for name in first)
    rows[i], rows[j] = j, i
    found = looked(changed(ARCHIVE, 4, data=one.data[rows]))
    assert kinds_at(found, one.source) == {"leads swapped"}
    assert len(found) == 1
    assert {name.upper() for name in found.findings[0].channel.split(", ")} == {name.upper() for name in first}


@pytest.mark.parametrize("lead", ["I", "III", "aVF"])
def test_lead_upside_down(lead):
    one = ARCHIVE[4]
    data = one.data.copy()
    data[one.channel_names.index(lead)] *= -1
    found = looked(changed(ARCHIVE, 4, data=data))
    assert [(f.kind, f.path, f.channel.upper()) for f in found.findings] == [
        ("polarity inverted", one.source, lead.upper())
    ]


def test_single_lead_upside_down_against_the_person():
    found = looked(changed(SINGLE, 3, data=-SINGLE[3].data))
    assert [(f.kind, f.path) for f in found.findings] == [("polarity inverted", SINGLE[3].source)]


@pytest.mark.parametrize(("factor", "sign"), [(10.0, "times"), (1000.0, "unit"), (0.2, "times")])
def test_scale(factor, sign):
    found = looked(changed(ARCHIVE, 5, data=ARCHIVE[5].data * factor))
    assert [(f.kind, f.path) for f in found.findings] == [("wrong scale", ARCHIVE[5].source)]
    assert sign in found.findings[0].what


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_rate(factor):
    one = ARCHIVE[6]
    found = looked(changed(ARCHIVE, 6, sampling_rate=one.sampling_rate * factor, annotations=()))
    assert [(f.kind, f.path) for f in found.findings] == [("wrong rate", one.source)]
    assert f"{one.sampling_rate:.4g} Hz" in found.findings[0].what


def test_copies():
    cut = ARCHIVE[2].crop(3, 13)
    copy = resample(cut.replace(data=-2 * cut.data, annotations=()), 360.0).replace(
        source="elsewhere", metadata={"subject": "S99"}
    )
    twice = ARCHIVE[7].replace(source="again", metadata={"subject": "S98"}, sampling_rate=100.0, annotations=())
    found = looked([*ARCHIVE, copy, twice])
    pairs = {(one.kind, one.path, one.other) for one in found.findings}
    assert ("same samples", "elsewhere", ARCHIVE[2].source) in pairs
    assert ("same file", "again", ARCHIVE[7].source) in pairs  # whatever rate its header states
    said = next(one.what for one in found.findings if one.path == "elsewhere")
    assert "another sampling rate" in said
    assert "S02 and S99" in said


def test_other_person():
    strange = ARCHIVE[14]  # of S08, filed under S01
    archive = [*ARCHIVE[:2], strange.replace(metadata=ARCHIVE[0].metadata, source="strange"), *ARCHIVE[2:15]]
    model = load_model("ecg")
    found = audit(archive, model=model, progress=False)
    assert [one.path for one in found.findings if one.kind == "other person"] in (["strange"], [])
    # Simulated people are alike: with a sharper calibration it is found, and it alone.
    sharp = {
        leads: {n: type(line)(80.0, -76.4, line.prior) for n, line in lines.items()}
        for leads, lines in model.calibration_by_leads.items()
    }
    model.calibration_by_leads = sharp
    found = audit(archive, model=model, progress=False)
    assert [(one.path, one.other) for one in found.findings if one.kind == "other person"] == [("strange", "S08")]


def test_flat_noise_and_unreadable(tmp_path):
    rng = np.random.default_rng(0)
    one, two = ARCHIVE[0], ARCHIVE[1]
    flat = one.replace(data=np.zeros_like(one.data), source="flat", metadata={})
    noise = two.replace(data=rng.normal(0, 1, two.data.shape), source="noise", metadata={})
    (tmp_path / "broken.edf").write_bytes(b"0       ")
    entries = [*ARCHIVE[2:6], flat, noise, str(tmp_path / "broken.edf")]
    found = looked(entries)
    assert {(one.kind, one.path.split("/")[-1]) for one in found.findings} == {
        ("flat", "flat"),
        ("noise only", "noise"),
        ("cannot be read", "broken.edf"),
    }


def test_signals_without_beats_are_held_against_each_other():
    rng = np.random.default_rng(1)
    first, third = (
        Recording(rng.normal(0, 1, (1, 4000)), 250, channel_names=["EMG 1"], source=name) for name in ("a", "c")
    )
    found = looked([first, first.crop(2, 12).replace(source="b"), third])
    assert [(one.kind, one.path, one.other) for one in found.findings] == [("same samples", "b", "a")]
    assert any("column subject" in note for note in found.notes)
    assert any("without heart beats" in note and "3 (a, b, c)" in note for note in found.notes)


def test_people_by_folder(tmp_path):
    for number, one in enumerate(SINGLE[:4]):
        folder = tmp_path / one.metadata["subject"]
        folder.mkdir(exist_ok=True)
        write(one, folder / f"{number}.csv")
    found = audit(tmp_path, model=MODEL, people="folder", progress=False)
    assert [one.person for one in found.seen] == ["S01", "S01", "S02", "S02"]


def test_it_goes_on_where_it_was_stopped(tmp_path):
    keep = tmp_path / "kept.jsonl"
    paths = []
    for number, one in enumerate(SINGLE[:5]):
        paths.append(str(tmp_path / f"{number}.csv"))
        write(one if number < 4 else SINGLE[0].crop(2, 15), paths[-1])
    whole = audit(paths, model=MODEL, keep=keep, progress=False)
    text = keep.read_text()
    keep.write_text(text[: len(text) * 3 // 5])  # as if it had been killed within a line
    again = audit(paths, model=MODEL, keep=keep, progress=False)
    assert again.to_dict() == whole.to_dict()
    assert len(again) == 1
    assert keep.read_text() == text
    for mine, kept in zip(whole.seen, audit(paths, model=MODEL, keep=keep, progress=False).seen, strict=True):
        np.testing.assert_array_equal(mine.beats, kept.beats)
        np.testing.assert_array_equal(mine.template.vectors, kept.template.vectors)
    write(SINGLE[5], tmp_path / "4.csv.new.csv")
    (tmp_path / "4.csv.new.csv").replace(paths[4])  # a file that changed is looked at anew
    assert not audit(paths, model=MODEL, keep=keep, progress=False).findings


def test_what_is_kept_is_of_one_model(tmp_path):
    keep = tmp_path / "kept.jsonl"
    looked(SINGLE[:2], keep=keep)
    other = load_model("ecg")
    other.name = "another"
    with pytest.raises(WriteError, match="made with the model ecg"):
        audit(SINGLE[:2], model=other, keep=keep, progress=False)
    keep.write_text("mine\n")
    with pytest.raises(WriteError, match="not from an audit"):
        looked(SINGLE[:2], keep=keep)
    assert keep.read_text() == "mine\n"


def test_what_it_refuses():
    with pytest.raises(ParameterError, match="'table' or 'folder'"):
        looked(SINGLE[:2], people="somebody")
    with pytest.raises(ParameterError, match="a model of beats"):
        audit(SINGLE[:2], model=SigSimNet(segments="windows"), progress=False)


def test_results():
    found = looked([*SINGLE[:2], SINGLE[0].replace(source="<b>copy</b>")])
    assert found.to_dict()["counts"] == {"same file": 1}
    assert found.to_dataframe()["path"].tolist() == ["<b>copy</b>"]
    page = found.to_html()
    assert "1 finding in 3 recordings" in page
    assert "<b>copy" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert as_dataset(SINGLE[:2]).entries[0].name == found.seen[0].name
