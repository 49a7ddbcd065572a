"""Pages of docs/: their links into the repository lead somewhere, and pages are linked from the site."""

from __future__ import annotations

import re

import pytest

from shared_helpers import ROOT

PAGES = sorted(
    path
    for place in (ROOT, ROOT / "docs", ROOT / "docs" / "decisions", ROOT / "examples")
    for path in (place.rglob("README.md") if place.name == "examples" else place.glob("*.md"))
)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = [one for one in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:|#|_made/", one)]
    missing = [one for one in targets if not (page.parent / one.split("#")[0]).exists()]
    assert missing == []


def test_every_page_of_docs_is_on_the_site():
    trees = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    listed = set(re.findall(r"^[a-z-]+$", trees, flags=re.MULTILINE))
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}
    assert pages - listed == set()


def test_scripts_that_pages_name_are_there():
    for page in PAGES:
        for named in re.findall(r"`((?:benchmarks|examples|recipes|tools|docs)/[\w/.-]+?)/?`", page.read_text("utf-8")):
            assert (ROOT / named).exists(), (page.name, named)
