"""What a profile of a day costs: time, memory, size of the page.

    python benchmarks/profile/run.py

A day of two simulated leads at 360 Hz, with a gap and noise that comes and goes, is written as NumPy archive; the
command ``sigsimnet profile`` runs in a process of its own, and so does ``sigsimnet plot`` to a page to move about in.
For twelve leads at 100 Hz the page alone is made (what the browser does with it was looked at in headless Chromium: 40
to 130 ms to draw a new range). Writes ``results.csv``.
"""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from sigsimnet import Recording, write
from sigsimnet._utils.files import write_whole
from sigsimnet.plotting import interactive_html, interactive_script
from sigsimnet.simulation import simulate_one

DAY = 86_400  # s
PIECE = 600  # s that are simulated and repeated


def day(rate: float, n_leads: int) -> Recording:
    """Return a day of leads: the two that are simulated, again and again, with a gap and noisy hours."""
    piece = simulate_one(1, duration=PIECE, sampling_rate=rate, leads=("I", "II")).data
    data = np.tile(piece[np.arange(n_leads) % 2], (1, DAY // PIECE)).copy()
    rng, hour = np.random.default_rng(0), int(3600 * rate)
    for start in range(2 * hour, data.shape[1], 6 * hour):
        noise = rng.normal(0, 0.3, (n_leads, hour // 4)).astype(np.float32)
        data[:, start : start + hour // 4] += noise
    data[0, 5 * hour : 5 * hour + int(300 * rate)] = np.nan
    names = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"][:n_leads]
    return Recording(data, rate, channel_names=names, units="mV")


def measured(*arguments: str) -> tuple[float, float, float]:
    """Run a command; return wall and CPU time in s and the largest memory of any child so far, in GB."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "sigsimnet", *arguments], check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1e6


def main() -> None:
    rows: list[tuple[str, str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(day(360.0, 2), folder / "day.npz")
        for what, command, page in (("plot to a page", "plot", "signals.html"), ("profile", "profile", "profile.html")):
            wall, cpu, memory = measured(command, str(folder / "day.npz"), "-o", str(folder / page))
            size = (folder / page).stat().st_size / 1e6
            rows += [
                (what, "wall, s", wall),
                (what, "CPU, s", cpu),
                (what, "memory, GB", memory),
                (what, "page, MB", size),
            ]
        start = time.perf_counter()
        page_12 = interactive_script() + interactive_html(day(100.0, 12))
        rows += [
            ("12 leads × 24 h, page", "wall with the simulation, s", time.perf_counter() - start),
            ("12 leads × 24 h, page", "page, MB", len(page_12) / 1e6),
        ]
    with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("what", "figure", "value"))
        writer.writerows((*row[:2], f"{row[2]:.3g}") for row in rows)
    for row in rows:
        print(*row)


if __name__ == "__main__":
    main()
