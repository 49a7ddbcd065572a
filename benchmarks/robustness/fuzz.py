"""Read mutated files: signals or a SigSimNetError, in bounded time and memory."""

from __future__ import annotations

import collections
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import numpy as np
from seeds import Seed, mutated, seeds

from sigsimnet.errors import SigSimNetError
from sigsimnet.io import read

SLOWEST = 10  # s
MOST_MEMORY = 1 << 30  # bytes above what the process needs by itself


class TooSlowError(Exception):
    pass


def fuzz(n_files: int, seed: int, seconds: float, keep: Path | None = None) -> list[dict[str, object]]:
    """Read mutated files in this process; return a row for each kind of seed file."""
    rng = np.random.default_rng(seed)
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    slowest: dict[str, float] = collections.defaultdict(float)
    rows = []
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as work:
        whole = seeds(Path(home))
        contents = [content for one in whole for content in one.files.values()]
        for one in whole:  # all libraries are loaded, and every seed can be read
            _read(one, _written(one, Path(work), one.files), None)
        before = _memory()
        resource.setrlimit(resource.RLIMIT_AS, (before + MOST_MEMORY + (1 << 29), -1))
        signal.signal(signal.SIGALRM, _too_slow)
        end = time.monotonic() + seconds
        for number in range(n_files):
            if time.monotonic() > end:
                break
            one = whole[number % len(whole)]
            names = list(one.files)
            changed = names[int(rng.integers(len(names)))]
            files = one.files | {changed: mutated(one.files[changed], rng, contents)}
            path = _written(one, Path(work), files)
            started = time.perf_counter()
            outcome = _read(one, path, SLOWEST)
            slowest[one.name] = max(slowest[one.name], time.perf_counter() - started)
            counts[one.name][outcome] += 1
            if outcome not in ("read", "refused") and keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{number}-{changed}").write_bytes(files[changed])
    for one in whole:
        n = counts[one.name]
        others = {kind: count for kind, count in n.items() if kind not in ("read", "refused")}
        rows.append(
            {
                "part": "fuzz", "what": one.name, "n": sum(n.values()), "read_or_old": n["read"],
                "refused_or_new": n["refused"], "wrong": sum(others.values()), "slowest_s": round(slowest[one.name], 2),
                "about": str(others or ""),
            }
        )  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB, {before / 2**20:.0f} MB of it address space before", file=sys.stderr)
    return rows


def _read(one: Seed, path: Path, limit: int | None) -> str:
    try:
        if limit:
            signal.alarm(limit)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read(path, **one.options)
    except SigSimNetError as error:
        said = str(error)
        if limit is None:
            raise
        fine = said.isprintable() and len(said) < 1100 and path.stem in said and "object at" not in said
        return "refused" if fine else f"message: {said[:200]!r}"
    except TooSlowError:
        return f"over {SLOWEST} s"
    except BaseException as error:  # noqa: BLE001 - what should not happen is counted
        traceback.print_exc()
        return type(error).__name__
    finally:
        signal.alarm(0)
    return "read"


def _written(one: Seed, folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder / one.name


def _memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _too_slow(*_: object) -> None:
    raise TooSlowError
