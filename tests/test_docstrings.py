"""Every public name has an example: in its docstring, or, for a class, in that of one of its public methods."""

from __future__ import annotations

import inspect
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import pytest

import sigsimnet

NO_TORCH = find_spec("torch") is None
ROOMS = sorted(
    module.name
    for module in iter_modules(sigsimnet.__path__)
    if not module.name.startswith("_") and not (NO_TORCH and module.name == "training")
)
EXEMPT = ["cli.run"]
"""It ends the process."""


def members():
    """Return all public functions and classes of all rooms, once each, by ``room.name``."""
    found = {}
    for room in ROOMS:
        module = import_module(f"sigsimnet.{room}")
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value) or inspect.isclass(value):
                found[f"{room}.{name}"] = value
    return found


def shows(value):
    return ">>>" in (inspect.getdoc(value) or "")


def has_example(value):
    if not inspect.isclass(value) or shows(value):
        return shows(value)
    own = (item for name, item in vars(value).items() if not name.startswith("_"))
    return any(shows(getattr(item, "__func__", item)) for item in own)


def is_error(value):
    return inspect.isclass(value) and issubclass(value, Exception)


@pytest.mark.parametrize("name", [name for name, value in members().items() if not is_error(value)])
def test_public_names_have_an_example(name):
    value = members()[name]
    assert value.__doc__, f"{name} has no docstring"
    if not has_example(value) and name in EXEMPT:
        pytest.skip("no example yet")
    assert has_example(value), f"{name} has no example"


def test_what_is_to_do_is_there():
    assert set(EXEMPT) <= set(members())


def test_methods_of_recordings_have_examples():
    methods = {
        name: item
        for name, item in vars(sigsimnet.Recording).items()
        if not name.startswith("_") and (inspect.isfunction(item) or isinstance(item, classmethod))
    }
    assert len(methods) >= 10
    assert [name for name, item in methods.items() if not shows(getattr(item, "__func__", item))] == []
