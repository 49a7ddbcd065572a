"""A model folder whose configuration was tampered with is refused when it is loaded, not when it is used."""

from __future__ import annotations

import copy
import json
import shutil
from importlib.resources import files

import pytest

from sigsimnet import compare, load_model, simulate
from sigsimnet.errors import ModelError, ParameterError, SigSimNetError

ODD = (None, "x", "", -1, 0, 1e9, 10**30, [], {}, 1.5, True, float("nan"), [1] * 100_000, {"a": 1}, "three_path")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("models") / "m"
    shutil.copytree(str(files("sigsimnet.model") / "bundled" / "ecg"), target)
    return target


@pytest.fixture(scope="module")
def config(folder):
    found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    found["card"] |= {"people": "", "recordings": "", "history": found["card"]["history"][:1], "extra": {}}
    return found


def paths_of(values, path=()):
    yield path
    if isinstance(values, dict):
        for key, value in values.items():
            yield from paths_of(value, (*path, key))


def changed(config, path, value=None, *, delete=False):
    found = copy.deepcopy(config)
    place = found
    for key in path[:-1]:
        place = place[key]
    if delete:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return found


def load(folder, config):
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return load_model(folder)


def test_what_loads_compares(folder, config):
    """Every entry is replaced by odd values, deleted, and joined by one that nobody knows."""
    a, b = simulate(2, 1, duration=10, seed=1)
    refused = worked = 0
    for path in [path for path in paths_of(config) if path and path[:2] != ("card", "training")]:
        tampered = [changed(config, path, value) for value in ODD]
        tampered += [changed(config, path, delete=True), changed(config, (*path[:-1], "colour"), 1)]
        for one in tampered:
            try:
                model = load(folder, one)
            except SigSimNetError as error:
                refused += 1
                assert str(folder) in str(error)  # noqa: PT017 - what loads is looked at below
                continue
            worked += 1
            if worked % 5 == 0:
                assert compare(a, b, model=model).to_dict()
    assert refused > 500
    assert worked > 50


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("dim",), "128", "expected a whole number or None, got text (at dim)"),
        (("segments", "sampling_rate"), -200, "(at segments.sampling_rate)"),
        (("segments", "kind"), "songs", "songs"),
        (("segments", "detector"), "x", "unknown detector 'x'"),
        (("segments", "rhythm"), True, "n_channels is 1"),
        (("channels",), ["I", "II"], "n_channels is 1"),
        (("calibration", "slope"), float("inf"), "calibration.slope"),
        (("calibration",), {"slope": 1.0}, "slope and an intercept"),
        (("calibration_by_count",), {"-1": {"slope": 1.0, "intercept": 0.0}}, "calibration_by_count"),
        (("card", "same_above"), 1.5, "same_above"),
        (("card", "different_below"), 0.95, "different_below"),
        (("card", "thresholds"), {"often": 0.5}, "thresholds"),
        (("encoder_options",), {"depth": 100_000}, "100,000 layers"),
        (("encoder_options",), {"widths": [1] * 100_000}, "100,000 layers"),
        (("segments", "band"), [1e300, None], "segments.band"),
        (("segments", "band"), [150.0, None], "low corner"),
        (("channels",), [""], "channels"),
        (("encoder_options",), {"widths": [[10**9]]}, "a list"),
        (("fusion",), "attention", "attention"),
        (("head",), "three_path", "head"),
        (("colour",), 1, "colour"),
    ],
)
def test_the_first_fault_is_named(folder, config, path, value, says):
    with pytest.raises(ModelError) as caught:
        load(folder, changed(config, path, value))
    assert says in str(caught.value)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "null", "[" * 100_000, '{"format": 3}', '{"format": "2"}', "\x00"]
)
def test_files_that_hold_no_configuration(folder, text):
    (folder / "config.json").write_text(text)
    with pytest.raises(ModelError):
        load_model(folder)


def test_networks_that_no_machine_builds():
    from sigsimnet import SigSimNet

    for options in ({"layers": 1e9}, {"widths": [8] * 300}, {"dim": 10**9}, {"dim": float("nan")}):
        with pytest.raises(ParameterError):
            SigSimNet(encoder_options=options)
