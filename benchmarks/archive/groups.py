"""Kinds of beats: do the groups of a record hold one type of beat each? By cardiologists' marks of MIT-BIH and QTDB.

    python benchmarks/archive/groups.py ../shared/data

For each record: beats that were grouped and have a mark within 150 ms, groups, the share of beats that have the AAMI
class of most of their group (*purity*; those that belong to no group count as one more group), the same of the record
as one group (*largest class*), and of ventricular beats (V) the share in groups of which most are V. Nothing was learnt
from the marks; the bundled model learnt identity, from other databases. How clusters are taken was settled with six
records of MIT-BIH in sight (`LOOKED_AT`), so the sums are also given without these, and for the records of QTDB that
come from other databases than MIT-BIH.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from pathlib import Path

import numpy as np

from sigsimnet import load_model, read
from sigsimnet._utils.files import write_whole
from sigsimnet.archive import groups
from sigsimnet.evaluation.retrieval import AAMI_CLASSES

LOOKED_AT = ("100", "106", "200", "208", "223", "233")


def said(what: str, rows: list[dict[str, object]]) -> None:
    """Print the sums of some records."""
    beats, v, inside, others = (
        sum(int(row[name]) for row in rows) for name in ("beats", "v_beats", "v_in_v_groups", "others_in_v_groups")
    )
    share = {name: sum(float(r[name]) * r["beats"] for r in rows) / beats for name in ("purity", "largest_class")}
    alike = {name: np.mean([float(r[name]) for r in rows]) for name in ("purity", "largest_class")}
    print(
        f"{what}: {len(rows)} records, {beats} beats: purity {share['purity']:.4f} "
        f"(records alike {alike['purity']:.4f}), as one group {share['largest_class']:.4f} "
        f"({alike['largest_class']:.4f}); {inside} of {v} V in groups of V, with {others} others; "
        f"median groups {np.median([r['groups'] for r in rows])}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("groups.csv"))
    options = parser.parse_args()
    model, rows = load_model("ecg"), []
    # Records of QTDB named after one of MIT-BIH (100 to 234) are of its people.
    other = [p for p in sorted((options.data / "qtdb").glob("*.hea")) if not re.fullmatch(r"sel[12]\d\d", p.stem)]
    for header in [*sorted((options.data / "mitdb").glob("*.hea")), *other]:
        recording = read(header)
        began = time.process_time()
        found = groups(recording, model=model)
        cpu = time.process_time() - began
        marks = [(a.sample / recording.sampling_rate, AAMI_CLASSES.get(a.label, "")) for a in recording.annotations]
        marks = [one for one in marks if one[1]]
        if not marks:
            continue
        at, kind = np.array([one[0] for one in marks]), np.array([one[1] for one in marks])
        near = np.abs(found.segments.times[:, None] - at[None]).argmin(axis=1)
        known = np.abs(found.segments.times - at[near]) < 0.15
        numbers, types = found.numbers[known], kind[near][known]
        given = np.empty(len(types), dtype=types.dtype)
        for n in set(numbers.tolist()):
            names, counts = np.unique(types[numbers == n], return_counts=True)
            given[numbers == n] = names[counts.argmax()]
        ventricular = types == "V"
        rows.append({
            "database": header.parent.name,
            "record": header.stem,
            "beats": len(types),
            "groups": sum(one.number > 0 for one in found.groups),
            "in_no_group": int((numbers == 0).sum()),
            "purity": f"{(given == types).mean():.4f}",
            "largest_class": f"{max((types == t).mean() for t in set(types)):.4f}",
            "v_beats": int(ventricular.sum()),
            "v_in_v_groups": int((given[ventricular] == "V").sum()),
            "others_in_v_groups": int((given[~ventricular] == "V").sum()),
            "cpu_s": f"{cpu:.2f}",
        })  # fmt: skip
        print(rows[-1], flush=True)
    with write_whole(options.output) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    of = {name: [row for row in rows if row["database"] == name] for name in ("mitdb", "qtdb")}
    said("MIT-BIH", of["mitdb"])
    said("MIT-BIH without those looked at", [row for row in of["mitdb"] if row["record"] not in LOOKED_AT])
    said("QTDB, other databases", of["qtdb"])


if __name__ == "__main__":
    main()
