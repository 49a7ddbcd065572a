"""`sigsimnet formats`: what can be read and written here."""

from __future__ import annotations

import typer

from sigsimnet.cli._output import Json, print_json, print_table

__all__ = ["formats"]


def formats(*, json: Json = False) -> None:
    """List the formats that can be read and written here, and what to install for the rest."""
    from sigsimnet.io._formats import FORMATS, REFUSED

    if json:
        known = [
            {
                "name": one.name,
                "endings": list(one.endings),
                "read": one.installed,
                "write": list(one.writes) if one.installed else [],
                "install": one.install or None,
            }
            for one in FORMATS
        ]
        refused = [{"name": one.name, "endings": list(one.endings), "instead": one.reason} for one in REFUSED]
        print_json({"formats": known, "not_read": refused})
        return
    rows = [
        (
            one.name,
            " ".join(one.endings),
            "yes" if one.installed else "not installed",
            (" ".join(one.writes) if one.installed else "not installed") if one.writes else "–",
            one.install,
        )
        for one in FORMATS
    ]
    print_table(("format", "endings", "read", "write", "to install"), rows)
    print_table(("not read", "instead"), [(one.name, one.reason) for one in REFUSED])
    typer.echo("inside a zip: archive.zip/folder/file.csv; of MNE, and of arrays: in Python (as_recording)")
