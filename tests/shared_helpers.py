"""What tests and fixtures of several rooms call. (A conftest is not imported by name: there are several.)"""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

from sigsimnet.recording import Recording

ROOT = Path(__file__).parents[1]
NO_TORCH = find_spec("torch") is None


def save_people(folder: Path, recordings: list[Recording], name: str = "manifest.csv", **columns: list[str]) -> Path:
    """Write recordings as files and a manifest of them; return the manifest's path."""
    from sigsimnet.io import write

    rows = []
    for number, recording in enumerate(recordings):
        file = f"{Path(name).stem}-{number}.npz"
        write(recording, folder / file)
        about = recording.metadata
        rows.append(
            {"path": file, "subject": about["subject"], "session": about["session"]}
            | {column: values[number] for column, values in columns.items()}
        )
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder / name
