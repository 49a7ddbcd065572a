"""What JSON gets."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np

from sigsimnet._utils.json import to_jsonable


def test_plain_types():
    values = {
        1: np.float32(0.5),
        "zero-dimensional": np.array(2),
        "matrix": np.array([[1.0, np.nan]]),
        "flags": (np.bool_(True), False),
        "infinite": float("-inf"),
        "path": Path("a"),
        "day": date(2024, 5, 6),
        "stamp": np.datetime64("2024-05-06"),
        "set": {3},
        "none": None,
    }
    assert json.loads(json.dumps(to_jsonable(values), allow_nan=False)) == {
        "1": 0.5,
        "zero-dimensional": 2,
        "matrix": [[1.0, None]],
        "flags": [True, False],
        "infinite": None,
        "path": "a",
        "day": "2024-05-06",
        "stamp": "2024-05-06",
        "set": [3],
        "none": None,
    }
