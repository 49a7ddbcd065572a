"""How long `read` takes against an earlier commit of this repository, kind by kind, as a ratio in one run.

    python benchmarks/reading/against.py --against f8d6efc        writes against.csv
    python benchmarks/reading/against.py --against HEAD~20 --no-write

Both read the same files in processes of their own, in turn; each time is the best of five without the import.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
N, RATE = 200_000, 250
BEST_OF = 5
READ = (
    "import sys, time, sigsimnet; path = sys.argv[1]; options = eval(sys.argv[2]); sigsimnet.read(path, **options); "
    "begin = time.perf_counter(); sigsimnet.read(path, **options); print(time.perf_counter() - begin)"
)
COLUMNS = ("kind", "now_seconds", "before_seconds", "ratio", "against")


def write_files(folder: Path) -> dict[str, tuple[Path, dict[str, float]]]:
    """Write a file of each kind; what is read beside its path are arguments of `read`."""
    import pandas as pd
    import scipy.io

    import sigsimnet as ssn

    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(N) / 9) + rng.normal(0, 0.1, (4, N))
    seconds = np.arange(N) / RATE
    recording = ssn.Recording(wave, RATE, channel_names=["I", "II", "V1", "V5"], units="mV")
    numbers = pd.DataFrame({"time": seconds, "ECG": wave[0].round(4)})
    begun = datetime(2021, 3, 4, 10)  # noqa: DTZ001 - files say no zone
    files: dict[str, tuple[Path, dict[str, float]]] = {}

    def add(kind: str, name: str, **options: float) -> Path:
        files[kind] = (folder / name, options)
        return folder / name

    numbers.to_csv(add("CSV of numbers", "a.csv"), index=False)
    stamps = [(begun + timedelta(seconds=float(s))).isoformat(sep=" ", timespec="milliseconds") for s in seconds]
    numbers.assign(time=stamps).to_csv(add("CSV of dates", "b.csv"), index=False)
    numbers[["ECG"]].to_csv(add("one column", "c.txt", sampling_rate=RATE), index=False)
    wide = pd.DataFrame({"time": seconds, **{f"ch{k}": wave[k % 4].round(3) for k in range(16)}})
    wide.to_csv(add("CSV of 16 channels", "d.csv"), index=False)
    numbers.to_csv(add("decimal comma", "e.csv"), index=False, sep=";", decimal=",")
    ssn.write(recording, add("our CSV", "f.csv"))
    ssn.write(recording, add("our Parquet", "g.parquet"))
    scipy.io.savemat(add("MATLAB", "h.mat"), {"ecg": wave, "fs": RATE})
    np.save(add("NumPy", "i.npy", sampling_rate=RATE), wave)
    ssn.write(recording, add("WFDB", "j.hea"))
    ssn.write(recording, add("EDF", "k.edf"))
    return files


def seconds_of(source: Path, path: Path, options: dict[str, float]) -> float:
    """Return the seconds of one reading with the package in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(source)}
    command = [sys.executable, "-c", READ, str(path), repr(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", required=True, help="commit")
    parser.add_argument("--no-write", action="store_true")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = folder / "before"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", str(tree), arguments.against], check=True, capture_output=True)
        try:
            for kind, (path, options) in write_files(folder).items():
                times: dict[str, list[float]] = {"now": [], "before": []}
                for _ in range(BEST_OF):
                    times["now"].append(seconds_of(ROOT / "src", path, options))
                    times["before"].append(seconds_of(tree / "src", path, options))
                now, before = min(times["now"]), min(times["before"])
                rows.append((kind, f"{now:.4f}", f"{before:.4f}", f"{now / before:.2f}", arguments.against))
                print(*rows[-1])
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)
    if not arguments.no_write:
        with (HERE / "against.csv").open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
