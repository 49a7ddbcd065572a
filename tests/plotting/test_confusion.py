"""The picture of a confusion: a square for each pair of labels, counts inside."""

from __future__ import annotations

import pytest

pytest.importorskip("matplotlib", reason="plots need matplotlib: pip install 'sigsimnet[plots]'")

from sigsimnet.errors import ParameterError
from sigsimnet.plotting import plot_confusion


def test_counts_stand_where_they_belong():
    figure = plot_confusion(["fist", "rest", "a very long label indeed"], [[8, 2, 0], [1, 9, 0], [0, 0, 0]], title="x")
    axes = figure.axes[0]
    assert {(t.get_text(), *t.get_position()) for t in axes.texts} == {
        ("8", 0, 0), ("2", 1, 0), ("1", 0, 1), ("9", 1, 1)
    }  # fmt: skip
    assert [label.get_text() for label in axes.get_xticklabels()][2] == "a very long label…"
    assert axes.images[0].get_array()[0].tolist() == [0.8, 0.2, 0.0]
    with pytest.raises(ParameterError, match="2 labels"):
        plot_confusion(["a", "b"], [[1]])
