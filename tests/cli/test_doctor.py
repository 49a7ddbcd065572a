"""`sigsimnet doctor` says what is there and what to type for the rest."""

from __future__ import annotations

import json
from importlib import metadata

import pytest
from typer.testing import CliRunner

from sigsimnet.cli import app
from sigsimnet.cli._doctor import _numbers


def told(*arguments):
    done = CliRunner().invoke(app, ["doctor", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_what_is_installed():
    found = json.loads(told("--json"))
    assert "ecg" in found["models"]
    assert found["numpy"] == metadata.version("numpy")
    assert {"plots", "train", "search", "app"} <= set(found["extras"])
    every = {name for about in found["extras"].values() for name in about["installed"] + about["missing"]}
    assert any(name.startswith("duckdb") for name in every)
    assert "same" in told("--check")


def test_what_is_missing_or_too_old_has_a_line_to_type(monkeypatch):
    real = metadata.version

    def version(name):
        if name == "duckdb":
            raise metadata.PackageNotFoundError(name)
        return "0.0.1" if name == "fastapi" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    found = json.loads(told("--json"))
    assert "duckdb" in found["extras"]["search"]["missing"]
    assert any("fastapi 0.0.1 (0.110 is needed)" in one for one in found["extras"]["app"]["missing"])
    text = told()
    assert "pip install 'sigsimnet[" in text
    assert "search" in text.split("pip install")[1]


@pytest.mark.parametrize(
    ("version", "numbers"), [("2.13.0+cpu", (2, 13, 0)), ("1.4", (1, 4)), ("26.0.1rc1", (26, 0, 1))]
)
def test_versions_are_compared_by_numbers(version, numbers):
    assert _numbers(version) == numbers
