"""An archive in one file: what adding, searching and being killed cost, and whether anything is missed.

    python benchmarks/archive/run.py ../shared/data -o benchmarks/archive

- ``add.csv``: ``sigsimnet index add`` of MIT-BIH (36 half-hour records, two leads) in a fresh process, and again with
  nothing changed: wall and CPU seconds, peak memory, bytes of disk for each row.
- ``search.csv``: queries against 1,000,000 vectors of 128 numbers, drawn around the beats of MIT-BIH (a random step of
  length 0.3 on each, so that near ones are many): CPU seconds of one query in SQL, under filters that leave 10, 1 and
  0.1 %, of all in memory by NumPy in single precision; recall@10 of each against NumPy, for beats of people that are in
  the archive and for ECG-ID's, who are not.
- ``identity.csv``: first record of each person of ECG-ID in the index, all others as queries: Rank-1 (of queries, and
  with people weighing alike), how many errors are of one person, and the shares of
  *known*, *nobody here* for them and for people who were left out, at a false identification rate of 5 %.
- ``killed.csv``: ``index add`` killed (-9) at ten random moments, then run to its end: the same rows as undisturbed.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from sigsimnet import Index, read
from sigsimnet._utils.files import write_whole
from sigsimnet.archive._duck import DuckStore
from sigsimnet.archive._store import SCALE
from sigsimnet.datasets import Entry, Manifest

ROWS, DIM = 1_000_000, 128
SIGSIMNET = [sys.executable, "-m", "sigsimnet"]


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with write_whole(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(path.stem, row, flush=True)


def timed(command: list[str]) -> dict[str, float]:
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return {
        "wall_s": round(time.monotonic() - began, 2),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": round(usage.ru_maxrss / 1024),
    }


def add(data: Path, folder: Path) -> list[dict[str, object]]:
    target = folder / "mitdb.index"
    command = [*SIGSIMNET, "index", "add", str(data / "mitdb"), "--index", str(target)]
    rows: list[dict[str, object]] = []
    for what in ("36 records", "again, nothing changed", "36 records, 2 workers", "36 records, 1 worker, after it"):
        if "again" not in what:
            target.unlink(missing_ok=True)
        took = timed([*command, *(["--workers", "2"] if "2 workers" in what else [])])
        about = Index(target).info()
        rows.append({"what": what, **took, "rows_of_beats": about["beats"], "stretches": about["stretches"],
                     "bytes": about["bytes"]})  # fmt: skip
    return rows


def neighbours(source: Path, folder: Path) -> tuple[Path, np.ndarray]:
    """Return an index of a million vectors, made of the beats of another, and the vectors."""
    target = folder / "million.index"
    with DuckStore(source) as store:
        found = store.connection.sql("select vector from beat").to_arrow_table()
        about = store.about
    flat = np.concatenate([chunk.flatten().to_numpy(zero_copy_only=False) for chunk in found["vector"].chunks])
    known = flat.reshape(-1, DIM).astype(np.float32) / SCALE
    rng = np.random.default_rng(0)
    chosen = rng.integers(0, len(known), ROWS)
    vectors = np.empty((ROWS, DIM), np.float32)
    for first in range(0, ROWS, 100_000):
        rows = slice(first, first + 100_000)
        step = rng.normal(size=(100_000, DIM)).astype(np.float32)
        moved = known[chosen[rows]] + 0.3 * step / np.linalg.norm(step, axis=1, keepdims=True)
        vectors[rows] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    whole = np.round(vectors * SCALE).astype(np.int16)
    people = 1000
    make = {**about, "dim": str(DIM)}
    owner = np.arange(ROWS) * people // ROWS + 1
    table = pa.table({
        "recording": owner, "time": np.arange(ROWS, dtype=float), "quality": np.ones(ROWS, np.float32),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(whole.ravel()), DIM),
    })  # fmt: skip
    with DuckStore(target, write=True, make=make) as store, store.writing():
        columns = "i + 1, 'r' || i, null, null, '', '', '', 's' || i, '', '', '', i % 100, ''"
        store.connection.execute(
            f"insert into recording select {columns}, 1800, 360, 'II', 70, 1000, 0, now() from range({people}) t(i)"
        )
        store.connection.register("made", table)
        store.connection.execute(
            f"insert into beat select recording, time, 'II', quality, vector::smallint[{DIM}] from made"
        )
        store.connection.unregister("made")
    return target, whole.astype(np.float32) / SCALE


def search(data: Path, folder: Path) -> list[dict[str, object]]:
    Index(folder / "source.index").add(data / "mitdb", progress=False)
    path, vectors = neighbours(folder / "source.index", folder)
    with Index(path) as index:  # held open, as a service does
        return _searched(index, vectors, data)


def _searched(index: Index, vectors: np.ndarray, data: Path) -> list[dict[str, object]]:
    from sigsimnet.model import Template

    strangers = [
        index.model.enrol(read(p)).vectors[0] for p in sorted((data / "ecg-id").glob("Person_*/rec_1.hea"))[:10]
    ]
    rng = np.random.default_rng(1)
    queries = {"in the archive": vectors[rng.integers(0, ROWS, 10)], "nobody of it": np.array(strangers)}
    rows: list[dict[str, object]] = []
    owner = np.arange(ROWS) * 1000 // ROWS + 1
    for who, some in queries.items():
        age = (owner - 1) % 100
        for where, kept in ((None, age >= 0), ("age < 10", age < 10), ("age < 1", age < 1), ("id = 7", owner == 7)):
            sql, memory, right, least = [], [], 0, 10
            inside = np.flatnonzero(kept)
            for query in some:
                began = time.process_time()
                scores = vectors @ query if where is None else vectors[inside] @ query
                truth = set(inside[np.argpartition(-scores, 10)[:10]].tolist())
                memory.append(time.process_time() - began)
                template = Template(("II",), query[None].astype(np.float32), np.ones(1), 1)
                began = time.process_time()
                hits = index.search(template, k=10, level="beat", where=where).hits
                sql.append(time.process_time() - began)
                right += len(truth & {round(hit.start + index.model.cutter.before) for hit in hits})
                least = min(least, len(hits))
            rows.append({"query": who, "filter": where or "none", "rows_left": int(kept.sum()),
                         "recall_at_10": right / 100,
                         "fewest_hits": least, "sql_cpu_s": round(float(np.median(sql)), 4),
                         "numpy_cpu_s": round(float(np.median(memory)), 4),
                         "bytes_per_row": round(index.path.stat().st_size / ROWS, 1)})  # fmt: skip
    return rows


def identity(data: Path, folder: Path) -> list[dict[str, object]]:
    first: dict[str, Entry] = {}
    later: list[Entry] = []
    for header in sorted((data / "ecg-id").glob("Person_*/rec_*.hea"), key=lambda p: (p.parent.name, int(p.stem[4:]))):
        entry = Entry(str(header.with_suffix("")), header.parent.name, channel="ECG I")
        if entry.subject in first:
            later.append(entry)
        else:
            first[entry.subject] = entry
    everybody = list(first)
    strangers = set(np.random.default_rng(0).permutation(everybody)[: len(everybody) // 4].tolist())
    rows: list[dict[str, object]] = []
    for what, enrolled in (("all enrolled", set(everybody)), ("a quarter left out", set(everybody) - strangers)):
        index = Index(folder / f"{what.replace(' ', '_')}.index")
        index.add(Manifest(tuple(first[name] for name in everybody if name in enrolled)), progress=False)
        right, known, right_known, total, false, n_strangers = 0, 0, 0, 0, 0, 0
        of_person: dict[str, list[bool]] = {}
        for entry in later:
            found = index.identify(entry.read(), fpir=0.05, channel="ECG I", k=1)
            who = found.found.hits[0].subject
            if entry.subject in enrolled:
                total += 1
                right += who == entry.subject
                of_person.setdefault(entry.subject, []).append(who == entry.subject)
                known += found.verdict == "known"
                right_known += found.person == entry.subject
            else:
                n_strangers += 1
                false += found.verdict == "known"
        rows.append({"what": what, "enrolled": len(enrolled), "probes": total, "rank_1": round(right / total, 4),
                     "rank_1_people": round(float(np.mean([np.mean(one) for one in of_person.values()])), 4),
                     "most_errors_of_one_person": max(one.count(False) for one in of_person.values()),
                     "said_known": round(known / total, 4), "known_and_right": round(right_known / total, 4),
                     "probes_of_strangers": n_strangers,
                     "strangers_said_known": round(false / n_strangers, 4) if n_strangers else ""})  # fmt: skip
    return rows


def killed(data: Path, folder: Path) -> list[dict[str, object]]:
    def contents(path: Path) -> list[tuple[object, ...]]:
        with DuckStore(path) as store:
            both = "beat b join recording r on r.id = b.recording"
            return sorted(store.rows(f"select r.path, b.time, b.lead, b.vector from {both}"), key=str)

    clean, target = folder / "clean.index", folder / "killed.index"
    command = [*SIGSIMNET, "index", "add", str(data / "ecg-id" / "Person_02")]
    subprocess.run([*command, "--index", str(clean)], check=True, capture_output=True)
    rng, kept = np.random.default_rng(0), []
    for _ in range(10):
        process = subprocess.Popen(
            [*command, "--index", str(target)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(float(rng.uniform(0.5, 3.0)))
        process.send_signal(signal.SIGKILL)
        process.wait()
        kept.append(Index(target).info()["recordings"] if target.exists() else 0)
    subprocess.run([*command, "--index", str(target)], check=True, capture_output=True)
    return [
        {
            "kills": 10,
            "recordings_after_each": " ".join(map(str, kept)),
            "same_rows": contents(target) == contents(clean),
        }
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--parts", nargs="+", default=["add", "identity", "killed", "search"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = {
            "add": lambda: add(options.data, folder),
            "identity": lambda: identity(options.data, folder),
            "killed": lambda: killed(options.data, folder),
            "search": lambda: search(options.data, folder),
        }
        for part in options.parts:
            write(options.output / f"{part}.csv", made[part]())
    print("peak of this process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB")


if __name__ == "__main__":
    main()
