"""Choices by name."""

from __future__ import annotations

import sys

import pytest

from sigsimnet._utils.registry import Registry
from sigsimnet.errors import UnknownNameError


def test_parts_are_imported_when_they_are_asked_for():
    registry = Registry("thing", {"tea": "this_module_is_not_there:Tea", "json": "json:loads"})
    assert "tea" in registry
    assert list(registry) == ["json", "tea"]
    assert registry.get("json")("[1]") == [1]
    assert "this_module_is_not_there" not in sys.modules
    with pytest.raises(ImportError):
        registry.get("tea")


def test_an_unknown_name_lists_the_known_and_guesses():
    registry = Registry("detector", {"christov": "x:y", "hamilton": "x:y"})
    with pytest.raises(UnknownNameError) as caught:
        registry.get("hamiltom")
    message = str(caught.value)
    assert "'hamiltom'" in message
    assert "did you mean 'hamilton'" in message
    assert "known: christov, hamilton" in message
    assert "\n" not in message
    with pytest.raises(UnknownNameError, match="known: christov, hamilton"):
        registry.get("zzz")


def test_users_bring_their_own():
    registry: Registry[object] = Registry("thing", {})

    @registry.register("mine")
    def mine() -> int:
        return 3

    assert mine() == 3
    assert registry.get("mine") is mine
    assert "mine" in registry
    assert list(registry) == ["mine"]


def test_one_registry_does_not_leak_into_another():
    entries = {"a": "json:loads"}
    first, second = Registry("one", entries), Registry("two", entries)
    first.register("b")(1)
    assert "b" not in second
    assert "b" not in entries
