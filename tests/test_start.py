"""docs/start.md: somebody who follows it from the first line to the last gets a comparison, a model and a search."""

from __future__ import annotations

import re
import shlex

import pytest

from shared_helpers import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.needs_torch]
PAGE = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")


def test_every_line_runs(tmp_path, monkeypatch, run_cli, capsys):
    pytest.importorskip("duckdb", reason="pip install 'sigsimnet[search]'")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    printed: list[str] = []
    n_commands = 0
    for language, block in re.findall(r"^```(python|console)\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE):
        if language == "python":
            exec(compile(block, "start.md", "exec"), names)
            printed += capsys.readouterr().out.splitlines()
            continue
        for line in block.splitlines():
            if line.startswith("$ sigsimnet "):
                ran = run_cli(*shlex.split(line.removeprefix("$ sigsimnet ")))
                assert ran.code == 0, (line, ran.err)
                n_commands += 1
    assert n_commands == 6
    assert printed == ["same", "same"]
    assert (tmp_path / "answer.html").is_file()
    assert "recordings were compared" in ran.out


def test_pages_that_it_points_to_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
