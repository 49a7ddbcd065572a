"""How long it takes, and how much memory, to open a long recording: ours against the bare library of its format.

    python benchmarks/reading/run.py                  a day of 12 leads at 500 Hz; writes results.csv
    python benchmarks/reading/run.py --hours 2 --no-write

Every reading is a process of its own, in turn: wall seconds and peak memory. The bare library gives physical values
(edfio in float64, wfdb in float64); ours a Recording (float32). The file is in the page cache for all.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
RATE, LEADS = 500, 12
READERS = {
    ("EDF", "sigsimnet"): "import sigsimnet; r = sigsimnet.read(path); print(r.data.shape)",
    (
        "EDF",
        "edfio",
    ): "import edfio; e = edfio.read_edf(path); d = [s.data for s in e.signals]; print(len(d), d[0].shape)",
    ("WFDB", "sigsimnet"): "import sigsimnet; r = sigsimnet.read(path); print(r.data.shape)",
    ("WFDB", "wfdb"): "import wfdb; r = wfdb.rdrecord(path.removesuffix('.hea')); print(r.p_signal.shape)",
    ("EDF, one lead", "sigsimnet"): "import sigsimnet; r = sigsimnet.read(path, channels=[1]); print(r.data.shape)",
    ("EDF, one lead", "edfio"): "import edfio; e = edfio.read_edf(path); d = e.signals[1].data; print(d.shape)",
}
COLUMNS = ("format", "reader", "hours", "seconds", "peak_mb", "seconds_ratio", "memory_ratio")


def write_files(folder: Path, hours: float) -> dict[str, str]:
    """Write EDF and WFDB files of noise by hand: no library's writer holds a day."""
    n = int(hours * 3600)
    rng = np.random.default_rng(0)
    second = rng.integers(-2000, 2000, (LEADS, RATE)).astype("<i2")
    names = [f"L{k}" for k in range(LEADS)]
    cells = [
        ("0", 8), ("X X X X", 80), ("Startdate X X X X", 80), ("01.01.20", 8), ("10.00.00", 8),
        (str(256 * (LEADS + 1)), 8), ("", 44), (str(n), 8), ("1", 8), (str(LEADS), 4),
    ]  # fmt: skip
    for column, width in (
        (names, 16), ([""] * LEADS, 80), (["mV"] * LEADS, 8), (["-5"] * LEADS, 8), (["5"] * LEADS, 8),
        (["-32768"] * LEADS, 8), (["32767"] * LEADS, 8), ([""] * LEADS, 80), ([str(RATE)] * LEADS, 8),
        ([""] * LEADS, 32),
    ):  # fmt: skip
        cells += [(cell, width) for cell in column]
    with (folder / "a.edf").open("wb") as file:
        file.write("".join(cell.ljust(width) for cell, width in cells).encode())
        for _ in range(0, n, 60):
            file.write(second.tobytes() * min(60, n))
    with (folder / "b.dat").open("wb") as file:
        for _ in range(0, n, 60):
            file.write(np.ascontiguousarray(second.T).tobytes() * min(60, n))
    lines = [f"b {LEADS} {RATE} {n * RATE}"] + [
        f"b.dat 16 6553.5/mV 16 0 {second[k, 0]} 0 0 {names[k]}" for k in range(LEADS)
    ]
    (folder / "b.hea").write_text("\n".join(lines) + "\n")
    return {"EDF": str(folder / "a.edf"), "WFDB": str(folder / "b.hea"), "EDF, one lead": str(folder / "a.edf")}


def measure(code: str, path: str) -> tuple[float, float]:
    """Return seconds and peak memory in MB of a process."""
    script = (
        f"import resource, sys; path = sys.argv[1]; {code}; "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    return time.perf_counter() - started, float(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--no-write", action="store_true")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        paths = write_files(Path(folder), given.hours)
        found: dict[tuple[str, str], list[tuple[float, float]]] = {key: [] for key in READERS}
        for _ in range(given.repeats):
            for key, code in READERS.items():
                found[key].append(measure(code, paths[key[0]]))
    best = {key: (min(s for s, _ in values), min(m for _, m in values)) for key, values in found.items()}
    for (kind, reader), (seconds, peak) in best.items():
        bare = next(best[other] for other in READERS if other[0] == kind and other[1] != "sigsimnet")
        rows.append(
            {
                "format": kind, "reader": reader, "hours": given.hours, "seconds": round(seconds, 2),
                "peak_mb": round(peak), "seconds_ratio": round(seconds / bare[0], 2),
                "memory_ratio": round(peak / bare[1], 2),
            }
        )  # fmt: skip
        print(*(f"{rows[-1][name]!s:>14}" for name in COLUMNS))
    if not given.no_write:
        with (HERE / "results.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


if __name__ == "__main__":
    main()
