"""Write which licences the packages have that users get, and refuse the GPL among them.

    python tools/licences.py > docs/licences.md

Packages are followed from those that `pyproject.toml` asks for, without the extra `dev`.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata

EXTRAS = (
    *("train", "plots", "parquet", "baselines", "mne", "formats", "delineate", "motifs", "search", "postgres"),
    *("engines", "app", "tune", "profile"),
)
COPYLEFT = re.compile(r"\b(AGPL|GPL|GNU (Affero )?General Public)", re.IGNORECASE)
WEAK = re.compile(r"LGPL|Lesser", re.IGNORECASE)


def asked(package: str, extras: tuple[str, ...]) -> list[str]:
    found = []
    for line in metadata.requires(package) or []:
        name = re.match(r"[A-Za-z0-9_.-]+", line)
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", line)
        if (
            name
            and (extra is None or extra.group(1) in extras)
            and not re.search(r"platform_system == .Windows|sys_platform == .win32", line)
        ):
            found.append(name.group(0).lower().replace("_", "-"))
    return found


def licence(package: str) -> str:
    about = metadata.metadata(package)
    said = about.get("License-Expression") or ""
    if not said:
        classified = [
            one.rpartition(":: ")[2] for one in about.get_all("Classifier") or [] if one.startswith("License ::")
        ]
        said = (
            ", ".join(one for one in classified if one != "OSI Approved") or (about.get("License") or "").split("\n")[0]
        )
    return said.strip()[:80] or _first_line(package) or "not said"


def _first_line(package: str) -> str:
    """Return the first line of a licence that lies beside a package."""
    for file in metadata.files(package) or []:
        if re.match(r"LICEN[CS]E|COPYING", file.name, re.IGNORECASE):
            text = file.locate().read_text(encoding="utf-8", errors="replace")
            if "Permission is hereby granted, free of charge" in text:
                return "MIT (by its text)"
            return next((line.strip() for line in text.split("\n") if line.strip()), "")[:80]
    return ""


def main() -> None:
    seen: dict[str, str] = {}
    waiting = asked("sigsimnet", EXTRAS)
    while waiting:
        name = waiting.pop()
        if name in seen or name == "sigsimnet":
            continue
        try:
            seen[name] = licence(name)
            waiting += asked(name, ())
        except metadata.PackageNotFoundError:
            continue
    print("# Licences of what users get\n")
    print("Made by `tools/licences.py` from what `'.[all]'` installs. SigSimNet is BSD-3-Clause, uPlot in it MIT.\n")
    print("| package | licence |\n|---|---|")
    for name in sorted(seen):
        print(f"| {name} {metadata.version(name)} | {seen[name]} |")
    refused = [name for name, said in seen.items() if COPYLEFT.search(WEAK.sub("", said))]
    if refused:
        print(f"GPL in what users get: {', '.join(refused)}", file=sys.stderr)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
