"""Whether `sigsimnet.align` finds the lag and the drift that were put in, on real ECGs.

    python benchmarks/alignment/run.py ../shared/data

MIT-BIH records, 5 min of the first lead: B is A from a random second on, on a clock that is off by up to 100 ppm, each
with its own white noise at 10 and at 0 dB. Errors, and how often the 95 % interval holds the truth.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from sigsimnet import read
from sigsimnet._utils.files import write_whole
from sigsimnet.comparison import align
from sigsimnet.recording import Recording

SECONDS, LEAD_IN = 300.0, 30.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    rows = []
    for decibel in (10, 0):
        found = []
        for number, header in enumerate(sorted((options.data / "mitdb").glob("*.hea"))):
            rng = np.random.default_rng(number)
            whole = read(header, channels=0).crop(0, SECONDS + 2 * LEAD_IN)
            x, rate = whole.data[0].astype(float), whole.sampling_rate
            lag, drift = float(rng.uniform(0, LEAD_IN)), float(rng.uniform(-100, 100))
            t = np.arange(round(SECONDS * rate)) / rate
            y = np.interp(t * (1 + drift * 1e-6) + lag, np.arange(len(x)) / rate, x)
            sigma = np.std(x) * 10 ** (-decibel / 20)
            a, b = (
                Recording(one + rng.normal(0, sigma, len(one)), rate, channel_names=["ECG"], units="mV")
                for one in (x, y)
            )
            one = align(a, b)
            found.append((abs(one.lag - lag) * 1000, abs(one.drift - drift),
                          one.lag_interval[0] <= lag <= one.lag_interval[1],
                          one.drift_interval[0] <= drift <= one.drift_interval[1]))  # fmt: skip
        own = np.array(found, dtype=float)
        errors = [f"{how(own[:, k]):.2f}" for k in (0, 1) for how in (np.median, np.max)]
        rows.append((f"{decibel} dB", len(own), *errors, *(f"{own[:, k].mean():.2f}" for k in (2, 3))))
        print(*rows[-1])
    columns = ("noise", "records", "lag_error_ms_median", "lag_error_ms_worst", "drift_error_ppm_median",
               "drift_error_ppm_worst", "lag_interval_holds", "drift_interval_holds")  # fmt: skip
    with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


if __name__ == "__main__":
    main()
