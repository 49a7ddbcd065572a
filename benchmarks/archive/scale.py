"""Ten million beats in one index: what it takes to write, to search, and what two stages miss.

    python benchmarks/archive/scale.py ../shared/data

10,000 recordings of 1,000 beats, made of the beats of MIT-BIH: each recording is one of its records moved in a
direction of its own (0.3 of the length of a vector), each beat moved at random (0.15), with stretches of twelve beats.
People are made up, so recall is that of these; queries are beats of the index, moved again, and beats of ECG-ID, of
nobody in it.
"""

from __future__ import annotations

import argparse
import csv
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from sigsimnet import Index, read
from sigsimnet._utils.files import write_whole
from sigsimnet.archive._duck import DuckStore
from sigsimnet.archive._store import SCALE
from sigsimnet.model import Template

HERE = Path(__file__).parent
DIM, PER_RECORDING, A_STRETCH, A_BATCH = 128, 1000, 12, 20


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def whole(x: np.ndarray) -> np.ndarray:
    return np.round(x * SCALE).astype(np.int16)


def known(path: Path) -> tuple[dict[int, np.ndarray], dict[str, str]]:
    """Return the beats of each record of an index, in its most frequent lead."""
    with DuckStore(path) as store:
        found = store.table("beat", "lead = 'II'")
        about = dict(store.about)
    flat = np.concatenate([chunk.flatten().to_numpy(zero_copy_only=False) for chunk in found["vector"].chunks])
    vectors = flat.reshape(-1, DIM).astype(np.float32) / SCALE
    owner = np.asarray(found["recording"])
    return {int(one): vectors[owner == one] for one in np.unique(owner)}, about


def make(path: Path, source: dict[int, np.ndarray], about: dict[str, str], recordings: int) -> dict[str, float]:
    rng = np.random.default_rng(0)
    names = list(source)
    began, cpu = time.monotonic(), 0.0
    with DuckStore(path, write=True, make=about) as store:
        for first in range(1, recordings + 1, A_BATCH):
            numbers = list(range(first, min(first + A_BATCH, recordings + 1)))
            beats = []
            for number in numbers:
                one = source[names[number % len(names)]]
                shift = 0.3 * unit(rng.normal(size=DIM).astype(np.float32))
                own = 0.15 * unit(rng.standard_normal((PER_RECORDING, DIM), np.float32))
                beats.append(unit(one[rng.integers(0, len(one), PER_RECORDING)] + shift + own))
            vectors = np.concatenate(beats)
            means = vectors[: len(vectors) // A_STRETCH * A_STRETCH].reshape(-1, A_STRETCH, DIM).mean(axis=1)
            ids = np.repeat(numbers, PER_RECORDING)
            at = time.process_time()
            with store.writing():
                for number in numbers:
                    row = (number, f"r{number}", None, None, "", "", "", f"s{number}", "", "", "", number % 100, "")
                    store.execute(
                        f"insert into recording values ({', '.join('?' * 20)})",
                        (*row, 800.0, 250.0, "II", 75.0, PER_RECORDING, 0, None),
                    )
                times = np.tile(np.arange(PER_RECORDING) * 0.8, len(numbers))
                lead = np.full(len(ids), "II")
                quality = np.ones(len(ids), np.float32)
                store.insert(
                    "beat", {"recording": ids, "time": times, "lead": lead, "quality": quality}, whole(vectors)
                )
                some = slice(0, len(means) * A_STRETCH, A_STRETCH)
                store.insert(
                    "stretch",
                    {"recording": ids[some], "start": times[some], "stop": times[some] + 10.0, "lead": lead[some],
                     "quality": quality[some], "n_segments": np.full(len(means), A_STRETCH)},
                    whole(unit(means)),
                )  # fmt: skip
            cpu += time.process_time() - at
    return {"made_s": time.monotonic() - began, "insert_cpu_s": cpu, "bytes": path.stat().st_size}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--recordings", type=int, default=10_000)
    parser.add_argument("-o", "--output", type=Path, default=HERE / "scale.csv")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Index(folder / "source.index").add(options.data / "mitdb", progress=False, workers=2)
        source, about = known(folder / "source.index")
        path = folder / "large.index"
        took = make(path, source, about, options.recordings)
        n = options.recordings * PER_RECORDING
        print({**took, "bytes_per_beat": took["bytes"] / n}, flush=True)
        with Index(path) as index:
            rng = np.random.default_rng(1)
            with DuckStore(folder / "large.index") as store:
                mine = store.table(
                    "beat", f"recording in ({', '.join(map(str, rng.integers(1, options.recordings, 8)))})"
                )
            flat = np.concatenate([chunk.flatten().to_numpy(zero_copy_only=False) for chunk in mine["vector"].chunks])
            some = unit(flat.reshape(-1, DIM)[rng.integers(0, len(mine), 8)].astype(np.float32))
            moved = unit(some + 0.15 * unit(rng.standard_normal(some.shape, np.float32)))
            others = sorted((options.data / "ecg-id").glob("Person_*/rec_1.hea"))[:8]
            strangers = np.stack([index.model.embed(index.model.cut_good(read(p), "ECG I")[1]).embeddings[3].reshape(-1)
                                  for p in others])  # fmt: skip
            for who, queries in (("of the index", moved), ("of nobody in it", strangers)):
                for where in (None, "age < 1"):
                    times: dict[str, list[float]] = {"exact": [], "two stages": []}
                    recall, first, fewest = [], [], 10
                    for query in queries:
                        asked = Template(("II",), query[None].astype(np.float32), np.ones(1), 1)
                        hits = {}
                        for way, exact in (("exact", True), ("two stages", False)):
                            at = time.process_time()
                            found = index.search(asked, k=10, level="beat", where=where, exact=exact).hits
                            times[way].append(time.process_time() - at)
                            hits[way] = {(hit.recording, hit.start) for hit in found}
                            fewest = min(fewest, len(found))
                            hits[f"{way} first"] = {(found[0].recording, found[0].start)}
                        recall.append(len(hits["exact"] & hits["two stages"]) / 10)
                        first.append(hits["exact first"] == hits["two stages first"])
                    rows.append({
                        "beats": n, "bytes_per_beat": round(took["bytes"] / n, 1),
                        "insert_cpu_s_per_million": round(took["insert_cpu_s"] / n * 1e6, 2),
                        "query": who, "filter": where or "none",
                        "exact_cpu_s": round(float(np.median(times["exact"])), 3),
                        "two_stages_cpu_s": round(float(np.median(times["two stages"])), 3),
                        "recall_at_10_of_two_stages": round(float(np.mean(recall)), 4),
                        "nearest_found": round(float(np.mean(first)), 4), "fewest_hits": fewest,
                        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                    })  # fmt: skip
                    print(rows[-1], flush=True)
    with write_whole(options.output) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
