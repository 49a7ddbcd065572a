"""Output is written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sigsimnet._utils.files import write_folder, write_whole
from sigsimnet.errors import WriteError


class Boom(RuntimeError):
    pass


def names(folder):
    return sorted(item.name for item in folder.iterdir())


def test_a_file_appears_when_the_block_ends(tmp_path):
    target = tmp_path / "out.txt"
    with write_whole(target) as temporary:
        temporary.write_text("new")
        assert temporary.suffix == ".txt"
        assert not target.exists()
    assert target.read_text() == "new"
    assert names(tmp_path) == ["out.txt"]


def test_a_file_that_fails_leaves_the_old_one(tmp_path):
    target = tmp_path / "out.txt"
    target.write_text("old")
    with pytest.raises(Boom), write_whole(target) as temporary:  # noqa: PT012 - the block is the test
        temporary.write_text("half")
        raise Boom
    assert target.read_text() == "old"
    assert names(tmp_path) == ["out.txt"]


def test_permissions_are_those_of_any_new_file(tmp_path):
    old = os.umask(0o022)
    try:
        with write_whole(tmp_path / "file"):
            pass
        with write_folder(tmp_path / "folder"):
            pass
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o755


def test_bad_targets_of_files(tmp_path):
    with pytest.raises(WriteError, match="is a folder"), write_whole(tmp_path):
        pass
    with pytest.raises(WriteError, match="not-there"), write_whole(tmp_path / "not-there" / "x.csv"):
        pass
    assert names(tmp_path) == []


def test_a_folder_takes_the_place_of_the_old_one(tmp_path):
    target = tmp_path / "deep" / "model"
    for content in ("first", "second"):
        with write_folder(target) as temporary:
            (temporary / content).write_text(content)
    assert names(target) == ["second"]
    assert names(tmp_path / "deep") == ["model"]


def test_a_folder_that_fails_leaves_the_old_one(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "old").write_text("old")
    with pytest.raises(Boom), write_folder(target) as temporary:  # noqa: PT012 - the block is the test
        (temporary / "half").write_text("half")
        raise Boom
    assert names(target) == ["old"]
    assert names(tmp_path) == ["model"]


def test_bad_targets_of_folders(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteError, match="is a file"), write_folder(tmp_path / "file"):
        pass
    with pytest.raises(WriteError), write_folder(tmp_path / "file" / "model"):
        pass
    assert names(tmp_path) == ["file"]


def test_the_old_folder_comes_back_when_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    target = tmp_path / "model"
    target.mkdir()
    (target / "old").write_text("old")
    rename = Path.replace

    def fails(self, to):
        if self.name.startswith(".model-") and to == target:
            raise PermissionError(13, "no")
        return rename(self, to)

    monkeypatch.setattr(Path, "replace", fails)
    monkeypatch.setattr("sigsimnet._utils.files._exchange_at_once", lambda new, target: False)
    with pytest.raises(WriteError, match="cannot be written"), write_folder(target) as temporary:
        (temporary / "new").write_text("new")
    assert names(target) == ["old"]
    assert names(tmp_path) == ["model"]
