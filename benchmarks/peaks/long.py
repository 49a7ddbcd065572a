"""A week of ECG: time and memory against the length of the record.

    python benchmarks/peaks/long.py ../shared/data/mitdb/100

Repeats half an hour of MIT-BIH to 5 minutes … 7 days in a file on disk, maps it, detects, and writes
``results/long.csv``: CPU seconds, and peak memory of a process of its own (Linux), interpreter and libraries included.
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
import wfdb

HOURS = (5 / 60, 0.5, 6, 24, 168)


def peak_memory() -> float:
    """Return the most memory that this process has had, in MiB; ru_maxrss would include what started it."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


def child(path: str, rate: float) -> None:
    from sigsimnet.peaks import detect_peaks

    x = np.load(path, mmap_mode="r")
    detect_peaks(np.asarray(x[: int(60 * rate)]), rate)  # load what was compiled before
    start = time.process_time()
    found = detect_peaks(x, rate)
    seconds = time.process_time() - start
    print(len(found), seconds, peak_memory())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", type=Path)
    parser.add_argument("--child", nargs=2)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], float(options.child[1]))
        return
    record = wfdb.rdrecord(str(options.record))
    half_hour, rate = record.p_signal[:, 0].astype(np.float32), float(record.fs)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for hours in HOURS:
            n = int(hours * 3600 * rate)
            path = Path(folder) / "x.npy"
            file = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n,))
            for k in range(0, n, len(half_hour)):
                file[k : k + len(half_hour)] = half_hour[: n - k]
            file.flush()
            del file
            command = [sys.executable, __file__, str(options.record), "--child", str(path), str(rate)]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            rows.append(
                (f"{hours:.3f}", n * 4 / 2**20, int(out[0]), float(out[1]), float(out[1]) / hours * 24, float(out[2]))
            )
            print(*rows[-1])
    with Path(__file__).with_name("results").joinpath("long.csv").open("w", newline="") as out_file:
        writer = csv.writer(out_file)
        writer.writerow(("hours", "file_mib", "beats", "cpu_s", "cpu_s_per_24h", "peak_memory_mib"))
        writer.writerows([(h, f"{m:.0f}", b, f"{s:.3f}", f"{d:.3f}", f"{p:.0f}") for h, m, b, s, d, p in rows])


if __name__ == "__main__":
    main()
