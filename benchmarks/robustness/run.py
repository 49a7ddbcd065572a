"""Does it fall over? Mutated files, kills and a full disk, seeded.

    python benchmarks/robustness/run.py                         ten minutes on one core, writes results.csv
    python benchmarks/robustness/run.py --seconds 60 --no-write one minute, as CI runs it

- ``fuzz``: 10,000 mutated files of every format that is read. Each gives signals or one sentence that names
  it; anything else is wrong: another exception, more than 10 s, more than 1 GB.
- ``kill``: SIGKILL at random moments of every command that writes. The output is the old one or the new one, whole.
- ``full disk``: no file may grow beyond 16 bytes. Every command that writes ends with exit code 2 and one sentence
  and leaves what was there.

Exit code 1 if anything is wrong, or if time was over before all of ten minutes' tries were made.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

COLUMNS = ("part", "what", "n", "read_or_old", "refused_or_new", "wrong", "slowest_s", "about")
FULL = 600  # s


def main() -> int:
    from full_disk import full_disk
    from fuzz import fuzz
    from kill import kill

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=FULL)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=54)
    parser.add_argument("--part", choices=("all", "fuzz", "kill", "disk"), default="all")
    parser.add_argument("--no-write", action="store_true", help="leave results.csv as it is")
    parser.add_argument("--keep", type=Path, help="folder for files that are neither read nor refused")
    given = parser.parse_args()
    long = given.seconds >= FULL
    rows: list[dict[str, object]] = []
    if given.part in ("all", "kill"):
        rows += kill(given.kills, given.seed, 0.7 * given.seconds if long else 0.3 * given.seconds, learning=long)
    if given.part in ("all", "disk"):
        rows += full_disk(0.3 * given.seconds, learning=long)
    if given.part in ("all", "fuzz"):  # last: it bounds the memory of this process
        rows = fuzz(given.files, given.seed, 0.4 * given.seconds, given.keep) + rows
    for row in rows:
        if row["wrong"] or row["part"] != "fuzz":
            print(*(f"{row[name]!s:>14}" for name in COLUMNS))
    wrong = sum(int(str(row["wrong"])) for row in rows)
    print(f"{sum(int(str(row['n'])) for row in rows)} tries, {wrong} of them neither right nor refused")
    if not given.no_write:
        with (HERE / "results.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
    tried = {part: sum(int(str(row["n"])) for row in rows if row["part"] == part) for part in ("fuzz", "kill")}
    missed = long and given.part == "all" and (tried["fuzz"] < given.files or tried["kill"] < given.kills)
    if missed:
        print(f"time was over: {tried['fuzz']} of {given.files} files, {tried['kill']} of {given.kills} kills")
    return int(wrong > 0 or missed)


if __name__ == "__main__":
    sys.exit(main())
