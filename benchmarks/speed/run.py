"""Speed of the way from a file to a template, and of its parts, on the bundled model.

    python benchmarks/speed/run.py ../shared/data

- ``encode``: beats per second of the encoder, by PyTorch and by ONNX Runtime (float32, int8), on all cores and on one.
- ``template``: beats per second from a WFDB record on disk (MIT-BIH, 30 min, two leads at 360 Hz) to the template of
  one: read, filter, R peaks, cut, encode. And the CPU and wall time of 24 h, extrapolated.
- ``compare``: CPU seconds of ``sigsimnet compare`` on two 20 s WFDB files in a new process, and their ratio to those of
  importing pandas, SciPy's signal and Numba, in turn with it; CPU seconds of comparing two half-hour records, warm.
- ``evaluate_identity``: how often 12 recordings are encoded, over all protocols.

Seconds are the best of some runs, the first not counted. Writes ``results.csv``.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from sigsimnet import compare, read, simulate
from sigsimnet._utils.files import write_whole
from sigsimnet.evaluation import evaluate_identity
from sigsimnet.model import export_onnx, load_model
from sigsimnet.model._fit import modules_of


def best(run: Callable[[], object], repeats: int = 5) -> tuple[float, float]:
    """Return the least wall and CPU seconds."""
    run()
    found = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(w for w, _ in found), min(c for _, c in found)


def cpu_of(command: list[str]) -> float:
    """Return the CPU seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def encoder_calls() -> int:
    """Return how often an evaluation of 12 simulated recordings encodes."""
    model, calls = load_model("ecg"), []
    network = model.network
    assert network is not None
    encode = network.encode
    network.encode = lambda segments: calls.append(1) or encode(segments)  # type: ignore[method-assign]
    people = simulate(4, 3, duration=20, seed=3)
    evaluate_identity(model, people, n_resamples=0, progress=False)
    return len(calls)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    rows: list[tuple[str, str, str, float]] = []
    records = [options.data / "mitdb" / name for name in ("100", "103", "123")]
    model = load_model("ecg")
    beats = np.concatenate([model.cut(read(path)).data for path in records])
    with tempfile.TemporaryDirectory() as folder:
        float32, int8 = Path(folder, "float32.onnx"), Path(folder, "int8.onnx")
        export_onnx(model, float32)
        export_onnx(model, int8, int8=True)
        for threads in (1, os.cpu_count() or 1):
            torch.set_num_threads(threads)
            ways = {
                "PyTorch": modules_of(model).encode,
                "ONNX Runtime": load_model("ecg").accelerate(float32, threads=threads).encode,
                "ONNX Runtime, int8": load_model("ecg").accelerate(int8, threads=threads).encode,
            }
            for name, encode in ways.items():
                wall, _ = best(lambda encode=encode: encode(beats))
                rows.append(("encode, beats/s", name, f"{threads} threads", len(beats) / wall))
    one = load_model("ecg")

    def template() -> int:
        cuts = [one.cut(read(path)) for path in records]
        for cut in cuts:
            one.template(cut)
        return sum(map(len, cuts))

    n = template()
    wall, cpu = best(template, 3)
    hours = 0.5 * len(records)
    rows += [
        ("file to template, beats/s", "wall", f"{os.cpu_count()} cores", n / wall),
        ("file to template, beats/s", "CPU", "", n / cpu),
        ("24 h Holter, s", "wall", f"{os.cpu_count()} cores", 24 / hours * wall),
        ("24 h Holter, s", "CPU", "", 24 / hours * cpu),
    ]
    files = [str(options.data / "ecg-id" / "Person_01" / f"rec_{k}") for k in (1, 2)]
    command = [sys.executable, "-m", "sigsimnet", "compare", *files]
    imports = [sys.executable, "-c", "import pandas, scipy.signal, numba"]
    pairs = [(cpu_of(command), cpu_of(imports)) for _ in range(6)][1:]  # the first pair reads from disk
    rows.append(("compare, CPU s", "a new process", "", float(np.median([own for own, _ in pairs]))))
    ratio = float(np.median([own / other for own, other in pairs]))
    rows.append(("compare, CPU ratio to importing pandas, scipy.signal and numba", "a new process", "", ratio))
    long = [read(path) for path in records[:2]]
    _, cpu = best(lambda: compare(*long, model=one))
    rows.append(("compare of two half-hour records, CPU s", "warm", "", cpu))
    rows.append(("evaluate_identity of 12 recordings, encoder calls", "all protocols", "", float(encoder_calls())))
    with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("what", "how", "on", "value"))
        for row in rows:
            writer.writerow((*row[:-1], f"{row[-1]:.4g}"))
            print(*row[:-1], f"{row[-1]:.4g}")


if __name__ == "__main__":
    main()
