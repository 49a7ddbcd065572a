"""Every benchmark that fits: each script as its own first lines say, until two hours are over; the rest is named.

    python benchmarks/all.py ../shared/data            # also: make benchmarks DATA=../shared/data
    python benchmarks/all.py ../shared/data --list

Results are written where the scripts write them, so that ``git diff`` shows what has changed; ``ran.csv`` gets date,
seconds, exit code, versions and processor of each. What needs data that are not there, or a library that is not
installed, says so by its exit code, and its last line is kept.
"""

from __future__ import annotations

import argparse
import ast
import csv
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
# These train for hours, or compare with another commit: they are named and not run.
LONG = ("identity/run.py", "identity/others.py", "patients/run.py", "signals/run.py", "signals/presets.py",
        "signals/few_labels.py", "ucr/run.py", "reading/against.py")  # fmt: skip
LIMIT = 1500.0  # s of one script


def command_of(path: Path, data: Path) -> list[str] | None:
    """Return the command that a script's docstring shows first, on the data that are here."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    found = re.search(r"^\s*python (benchmarks/\S+\.py[^\n#]*)", said, re.MULTILINE)
    if found is None:
        return None
    words = shlex.split(re.split(r"\s{2,}", found.group(1).strip())[0])
    return [word.replace("../shared/data", str(data)).replace("../shared", str(data.parent)) for word in words]


def processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found.group(1) if found else platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--only", default="", help="scripts whose name holds this")
    parser.add_argument("--list", action="store_true", help="say what would be run")
    options = parser.parse_args()
    data = options.data.resolve()
    wanted, left = [], []
    for path in sorted(HERE.glob("*/*.py")):
        name = path.relative_to(HERE).as_posix()
        command = command_of(path, data)
        if command is not None and options.only in name:
            (left if name in LONG else wanted).append((name, command))
    if options.list:
        print(*(f"{name}: python {shlex.join(command)}" for name, command in wanted), sep="\n")
        print(*(f"not run, takes hours: {name}" for name, _ in left), sep="\n")
        return
    versions = {name: metadata.version(name) for name in ("sigsimnet", "numpy", "onnxruntime")}
    began, rows = time.monotonic(), []
    for name, command in wanted:
        rest = options.hours * 3600 - (time.monotonic() - began)
        row = {
            "script": name,
            "date": datetime.now(UTC).date().isoformat(),
            "seconds": "",
            "exit_code": "",
            "last_line": "",
            "python": platform.python_version(),
            **versions,
            "cores": os.cpu_count(),
            "processor": processor(),
        }
        if rest < 60:
            row["last_line"] = "not run: the time was over"
        else:
            at = time.monotonic()
            try:
                ran = subprocess.run(
                    [sys.executable, *command],
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=min(LIMIT, rest),
                )
                lines = (ran.stdout + ran.stderr).strip().splitlines()
                row |= {"exit_code": ran.returncode, "last_line": lines[-1][:200] if lines else ""}
            except subprocess.TimeoutExpired:
                row["last_line"] = f"stopped after {min(LIMIT, rest):.0f} s"
            row["seconds"] = round(time.monotonic() - at, 1)
        rows.append(row)
        print(name, row["seconds"], row["exit_code"], row["last_line"], flush=True)
    with (HERE / "ran.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(*(f"not run, takes hours: {name}" for name, _ in left), sep="\n")


if __name__ == "__main__":
    main()
