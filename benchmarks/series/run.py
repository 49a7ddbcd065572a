"""Forecasts of the heart rates of MIT-BIH at 5, 30 and 60 s; filling 600 × 4 values; intervals that hold what they say.

    python benchmarks/series/run.py ../shared/data

Records weigh alike; intervals are over records. Whether the interval of a forecast holds is tried at the last moments
of each record, with the errors of the moments before.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

import numpy as np

from sigsimnet._utils.files import write_whole
from sigsimnet.series import fill, forecast, series_of

HERE = Path(__file__).parent
HORIZONS = (5.0, 30.0, 60.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=HERE / "series.csv")
    options = parser.parse_args()
    series = [series_of(path) for path in sorted((options.data / "mitdb").glob("*.hea"))]
    rows: list[dict[str, object]] = []
    rng = np.random.default_rng(0)
    for horizon in HORIZONS:
        errors: dict[str, list[float]] = {}
        gains: dict[str, list[float]] = {}
        inside, verdicts = [], 0
        for one in series:
            found = forecast(one, horizon, origins=40)
            verdicts += found.method != "last value"
            for method in found.methods:
                errors.setdefault(method.name, []).append(method.mae)
                gains.setdefault(method.name, []).append(method.gain)
                if method.name == "last value":
                    last = np.abs(method.errors[:, -1])
                    last = last[np.isfinite(last)]
                    half = len(last) // 2
                    past = np.sort(last[:half])
                    width = past[min(int(np.ceil((half + 1) * 0.8)), half) - 1]
                    inside.append(float((last[half:] <= width).mean()))
        for name, values in errors.items():
            x, g = np.array(values), np.array(gains[name])
            draws = rng.integers(0, len(x), (2000, len(x)))
            low, high = np.quantile(x[draws].mean(axis=1), [0.025, 0.975])
            gain_low, gain_high = np.quantile(g[draws].mean(axis=1), [0.025, 0.975])
            rows.append({
                "horizon_s": horizon, "method": name, "records": len(x), "mae": round(float(x.mean()), 2),
                "low": round(float(low), 2), "high": round(float(high), 2),
                "less_than_last_value": round(float(g.mean()), 3), "less_low": round(float(gain_low), 3),
                "less_high": round(float(gain_high), 3), "records_where_it_was_chosen": "",
            })  # fmt: skip
            print(rows[-1], flush=True)
        rows.append({"horizon_s": horizon, "method": "interval of 80 % of the last value holds", "records": len(series),
                     "mae": round(float(np.mean(inside)), 3),
                     "records_where_it_was_chosen": f"{verdicts} of {len(series)} better than the last"})  # fmt: skip
        print(rows[-1], flush=True)
    common = np.cumsum(rng.normal(size=600))
    values = np.stack([k * common + rng.normal(size=600) for k in (1.0, -0.5, 2.0, 0.8)])
    for row in values:
        for start in rng.integers(0, 580, 6):
            row[start : start + 15] = np.nan
    fill((values, 5.0))
    began = time.process_time()
    found = fill((values, 5.0))
    took = round(time.process_time() - began, 2)
    rows.append({"method": f"fill 600 x 4: {found.n_filled} values, CPU s", "mae": took})
    print(rows[-1])
    with write_whole(options.output) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
