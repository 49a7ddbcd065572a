"""What the file itself says that the model was never shown keeps the answer open."""

from __future__ import annotations

from datetime import datetime

import pytest

from sigsimnet import compare, simulate
from sigsimnet.comparison._never_shown import never_shown
from sigsimnet.recording import Annotation

ONE, TWO = simulate(1, 2, duration=20, seed=1)


def beats(recording, label):
    return recording.replace(annotations=[Annotation(100 * k, label) for k in range(1, 20)])


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"Age": "7"}, "7 years"),
        ({"age": 9}, "9 years"),
        ({"PatientAge": "008Y"}, "8 years"),
        ({"age": "5 months"}, "5 months"),
    ],
)
def test_children(metadata, said):
    found = compare(ONE, TWO.replace(metadata=metadata))
    assert found.verdict == "cannot tell"
    assert said in found.reasons[0]
    assert compare(ONE, TWO.replace(metadata={"Age": "34"})).verdict == "same"
    assert not never_shown(ONE, TWO.replace(metadata={"Age": "unknown", "page": "3"}))


def test_date_of_birth():
    start = datetime(2020, 5, 1, 10)  # noqa: DTZ001
    child = TWO.replace(metadata={"birthdate": "2012-04-01"}, start_time=start)
    assert "8 years" in never_shown(ONE, child)[0]
    assert not never_shown(ONE, child.replace(metadata={"birthdate": "1980-04-01"}))
    assert not never_shown(ONE, child.replace(metadata={"birthdate": "X"}))


def test_paced_beats():
    assert "paced" in never_shown(beats(ONE, "/"), beats(TWO, "N"))[0]
    assert compare(beats(ONE, "/"), TWO).verdict == "cannot tell"


def test_block_on_one_side_only():
    assert "A shows a bundle branch block" in never_shown(beats(ONE, "L"), beats(TWO, "N"))[0]
    assert not never_shown(beats(ONE, "L"), beats(TWO, "L"))
    assert not never_shown(beats(ONE, "L"), TWO.replace(annotations=[]))  # of the other nothing is known


def test_of_models_of_others_we_do_not_know():
    from sigsimnet import load_model

    own = load_model("ecg")
    own.name = "newborns"
    assert compare(ONE, TWO.replace(metadata={"Age": "1"}), model=own).verdict == "same"
