"""How much measurements differ between two records of one person: the table that `sigsimnet.change` falls back on.

    python recipes/change/usual.py ../shared/data -o src/sigsimnet/changes/usual.json

Pairs of records of the same person: ECG-ID (lead I, the same day and other days) and PTB-XL's patients of several days
whose diagnoses are the same. Only people with an even number: those with odd numbers are left for
``benchmarks/change``. Limb leads are pooled, and so are chest leads. Of each person at most ten pairs, and people weigh
alike. A difference is usual by how steady the measurement is: the table holds, for each measurement, a floor (twice
the median difference) and the 50th, 90th, 95th and 99th percentile of the absolute difference by the root of the
squares of that floor and of the spreads from beat to beat in both records; for readers the percentiles of the plain
difference too. Of scores it holds the 1st, 5th, 10th and 50th, of people whom the model has not learnt from.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from sigsimnet import load_model, measure, read
from sigsimnet.changes import differences_of, group_of, strangeness, table
from sigsimnet.errors import SigSimNetError
from sigsimnet.recording import Recording

sys.path.insert(0, str(Path(__file__).parents[1] / "ecg"))
from train import held_out

MOST_PAIRS = 10
LEVELS = (50, 90, 95, 99)  # of differences; of scores those from 100 down


def number_of(person: str) -> int:
    return int("".join(c for c in person if c.isdigit()) or 0)


def records_of(data: Path) -> list[dict[str, Any]]:
    """Return person, day, diagnoses and path of each record."""
    rows = []
    for path in sorted((data / "ecg-id").glob("Person_*/*.hea")):
        about = read(path, channels=0)
        day = str(about.metadata.get("ECG date", about.start_time))
        rows.append({"database": "ecg-id", "person": path.parent.name, "day": day, "same": "", "path": path})
    with (data / "ptb-xl" / "ptbxl_database.csv").open() as file:
        table = list(csv.DictReader(file))
    several = defaultdict(list)
    for row in table:
        several[str(int(float(row["patient_id"])))].append(row)
    for person, own in several.items():
        if len({row["recording_date"][:10] for row in own}) > 1:
            for row in own:
                path = next((p for p in (data / "ptb-xl").rglob(f"{Path(row['filename_lr']).name}.hea")), None)
                if path is not None:
                    codes = ast.literal_eval(row["scp_codes"])
                    kinds = "+".join(sorted(code for code, sure in codes.items() if sure == 0 or sure >= 50))
                    about = {"database": "ptb-xl", "person": person, "day": row["recording_date"]}
                    rows.append({**about, "same": kinds, "path": path})
    return rows


def recording_of(row: dict[str, Any]) -> Recording:
    return read(row["path"], channels=0) if row["database"] == "ecg-id" else read(row["path"])


def measured(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with values and template; those that cannot be measured drop out."""
    model = load_model("ecg")
    found = []
    for row in rows:
        recording = recording_of(row)
        try:
            all_of = measure(recording)
            values = {(one.name, one.channel): one.value for one in all_of.items}
            template = model.enrol(recording, min_good_fraction=0.0)
        except SigSimNetError as error:
            print(row["path"].name, error)
            continue
        found.append({**row, "values": values, "template": template, "measured": all_of})
    return found


def pairs_of(rows: list[dict[str, Any]]) -> list[list[tuple[dict[str, Any], dict[str, Any], str]]]:
    """Return pairs of records with equal diagnoses and their scope, a list for each person."""
    people = defaultdict(list)
    for row in rows:
        people[row["database"], row["person"]].append(row)
    rng = np.random.default_rng(0)
    found = []
    for own in people.values():
        pairs = [pair for pair in combinations(own, 2) if pair[0]["same"] == pair[1]["same"]]
        if len(pairs) > MOST_PAIRS:
            pairs = [pairs[k] for k in sorted(rng.choice(len(pairs), MOST_PAIRS, replace=False))]
        if pairs:
            found.append([(a, b, "same day" if a["day"][:10] == b["day"][:10] else "other days") for a, b in pairs])
    return found


def differences(rows: list[dict[str, Any]], model: Any) -> dict[str, dict[str, list[list[tuple[float, float]]]]]:
    """Return absolute differences and the spread of beats: by scope and measurement, a list for each person."""
    found: dict[str, dict[str, list[list[tuple[float, float]]]]] = {
        scope: defaultdict(list) for scope in ("same day", "other days")
    }
    for pairs in pairs_of(rows):
        mine: dict[str, dict[str, list[tuple[float, float]]]] = {scope: defaultdict(list) for scope in found}
        for a, b, scope in pairs:
            same_day = scope == "same day"
            by_lag = differences_of([a["measured"]], b["measured"], same_day=same_day)
            by_marks = differences_of([a["measured"]], b["measured"], same_day=same_day, align=False)
            for one in (*by_marks, *(one for one in by_lag if one.aligned)):
                if np.isfinite(one.difference):
                    group = group_of(one.name, one.channel, aligned=one.aligned)
                    mine[scope][group].append((abs(one.difference), one.spread))
            if a["database"] == "ptb-xl" and not held_out(a["person"], several_days=True):
                continue  # the model has learnt to find these alike
            score = float(model.similarity(a["template"], b["template"]).ravel()[0])
            leads = "several leads" if len(a["template"].leads) > 1 else "one lead"
            mine[scope][f"score, {leads}"].append((score, 0.0))
        for scope, values in mine.items():
            for name, steps in values.items():
                found[scope][name].append(steps)
    return found


def entry_of(name: str, people: list[list[tuple[float, float]]]) -> dict[str, Any]:
    """Return what the table holds of a measurement; of scores their low percentiles."""
    plain = [[step for step, _ in own] for own in people]
    about: dict[str, Any] = {"people": len(people), "pairs": sum(map(len, people))}
    if name.startswith("score"):
        levels = sorted(100 - level for level in LEVELS)
        return {**about, "levels": levels, "values": rounded(percentiles(plain, levels))}
    floor = 2 * percentiles(plain, [50])[0]
    ratios = [[step / max(float(np.hypot(floor, spread)), 1e-9) for step, spread in own] for own in people]
    values = {"values": ratios, "differences": plain}
    levels = list(LEVELS)
    return {
        **about,
        "floor": rounded([floor])[0],
        "levels": levels,
        **{key: rounded(percentiles(own, levels)) for key, own in values.items()},
    }


def rounded(values: list[float]) -> list[float]:
    return [float(f"{value:.4g}") for value in values]


def strangest(rows: list[dict[str, Any]]) -> list[list[float]]:
    """Return how far the strangest measurement of each pair is beyond the usual, a list for each person."""
    found = []
    for pairs in pairs_of(rows):
        steps = [differences_of([a["measured"]], b["measured"], same_day=scope == "same day") for a, b, scope in pairs]
        found.append([strangeness(own) for own in steps])
    return found


def percentiles(people: list[list[float]], levels: list[int]) -> list[float]:
    """Return percentiles of values where people weigh alike."""
    values = np.concatenate([np.asarray(own) for own in people])
    weights = np.concatenate([np.full(len(own), 1 / len(own)) for own in people])
    order = np.argsort(values)
    share = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    return [float(np.interp(level / 100, share, values[order])) for level in levels]


def write(path: Path, about: dict[str, Any]) -> None:
    path.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    rows = [row for row in records_of(options.data) if number_of(row["person"]) % 2 == 0]
    known = measured(rows)
    found = differences(known, load_model("ecg"))
    scopes = {
        scope: {name: entry_of(name, people) for name, people in sorted(values.items())}
        for scope, values in found.items()
    }
    where = (
        "ECG-ID 1.0.0 (lead I) and PTB-XL 1.0.3 (patients of several days, the same diagnoses), people of even number"
    )
    about: dict[str, Any] = {"source": where, "scopes": scopes}
    write(options.output, about)
    table.cache_clear()
    people = strangest(known)
    values = rounded(percentiles(people, list(LEVELS)))
    pairs = sum(map(len, people))
    about["overall"] = {"people": len(people), "pairs": pairs, "levels": list(LEVELS), "values": values}
    write(options.output, about)
    print("strangest", about["overall"])
    for scope, own in scopes.items():
        for name, one in own.items():
            print(f"{scope:11s} {name:24s} {one['people']:3d} {one['pairs']:4d}", one["values"])


if __name__ == "__main__":
    main()
