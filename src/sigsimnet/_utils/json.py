"""Values in the types that JSON knows."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

__all__ = ["to_jsonable"]


def to_jsonable(value: object) -> object:
    """Return ``value`` in types that JSON knows.

    Mappings become dicts with keys of text; arrays, lists, tuples and sets become lists; NaN and infinity become None,
    which is the only way that JSON can say them; what JSON has no type for (paths, dates) becomes text.

    Examples
    --------
    >>> to_jsonable({"eer": np.float32(0.5), "d": float("inf"), "n": np.arange(2), 3: (True, None)})
    {'eer': 0.5, 'd': None, 'n': [0, 1], '3': [True, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): to_jsonable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return to_jsonable(value.tolist()) if not isinstance(value, np.datetime64 | np.timedelta64) else str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [to_jsonable(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
