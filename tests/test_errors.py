"""One family of errors."""

from __future__ import annotations

import pytest

from sigsimnet import errors


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_of_the_family(name):
    kind = getattr(errors, name)
    assert issubclass(kind, errors.SigSimNetError)
    assert kind.__doc__


def test_relations_that_callers_rely_on():
    assert issubclass(errors.ParameterError, ValueError)
    assert issubclass(errors.UnknownNameError, errors.ParameterError)
    assert issubclass(errors.LeakageError, errors.ManifestError)
    assert issubclass(errors.MissingExtraError, ImportError)
    assert not issubclass(errors.SigSimNetError, ValueError)


def test_a_missing_extra_says_what_to_type():
    message = str(errors.MissingExtraError("writing pages", "plots"))
    assert "writing pages" in message
    assert "pip install 'sigsimnet[plots]'" in message


@pytest.mark.needs_torch
def test_training_interrupted_is_of_the_family():
    from sigsimnet.training import TrainingInterrupted

    assert issubclass(TrainingInterrupted, errors.SigSimNetError)
