"""Where recordings are read and encoded: in processes of this machine, on a Dask cluster, or on a Slurm cluster."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from sigsimnet.archive._shards import Place, Shard, merged, planned, run_shard
from sigsimnet.archive._work import DIED, Rows, Task, results
from sigsimnet.errors import ArchiveError, MissingExtraError, ParameterError

if TYPE_CHECKING:
    from sigsimnet.model import SigSimNet

__all__ = ["ENGINES", "Engine", "engine_of"]

ENGINES = ("local", "dask", "slurm")
"""Where an index is made."""
Engine = Callable[[Sequence[Task], "SigSimNet", float], Generator[tuple[Task, Rows], None, None]]
"""Of tasks, model and share of good seconds: yields what each recording becomes, in order."""
Begun = Callable[[], bool]
"""Waits for a shard, and says whether its worker survived it."""
Submit = Callable[[Sequence[Shard]], list[Begun]]
PATIENCE = 30.0  # s that a result may need to be seen on a shared disk after its job has left the queue
RETRIES = 2  # of a shard whose worker died, before its recordings are tried each by itself


def engine_of(name: str, *, workers: int, work: str | None, options: Mapping[str, str] | None) -> Engine:
    """Return an engine.

    Parameters
    ----------
    name : {"local", "dask", "slurm"}
    workers : int
        Processes, or jobs at a time.
    work : str or None
        Folder that all machines reach, for shards; not of ``local``.
    options : mapping of str to str, optional
        Of Dask ``scheduler`` (its address; without it workers are started here); of Slurm what submitit takes
        (``slurm_partition``, ``timeout_min``, ``mem_gb``, ``cpus_per_task`` …).

    Raises
    ------
    ParameterError
        If the engine, or one of its options, is unknown, or nobody says where shards go.
    """
    given = dict(options or {})
    if name == "local":
        if given or work:
            raise ParameterError("engine 'local' takes workers alone: no folder for shards, no options")
        return partial(_local, workers)
    if name not in ENGINES:
        raise ParameterError(f"unknown engine {name!r} (known: {', '.join(ENGINES)})")
    if not work:
        raise ParameterError(f"engine {name!r} needs a folder for shards that all machines reach (--work)")
    if name == "dask":
        if unknown := set(given) - {"scheduler"}:
            raise ParameterError(f"unknown option {min(unknown)!r} of engine 'dask' (known: scheduler)")
        return partial(_sharded, partial(_on_dask, given.get("scheduler")), workers, work)
    return partial(_sharded, partial(_on_slurm, given), workers, work)


def _local(
    workers: int, tasks: Sequence[Task], network: SigSimNet, min_good_fraction: float
) -> Generator[tuple[Task, Rows], None, None]:
    several = min(workers, max(len(tasks), 1))
    yield from results(tasks, network, min_good_fraction=min_good_fraction, workers=several)


def _sharded(
    cluster: Any, workers: int, work: str, tasks: Sequence[Task], network: SigSimNet, min_good_fraction: float
) -> Generator[tuple[Task, Rows], None, None]:
    """Yield results in order from shards that a cluster makes; a shard that is there is not made again.

    A shard whose worker dies is cut into its recordings, and one whose worker dies again is set aside. Shards are
    removed when their recordings have been taken.
    """
    if not tasks:
        return
    place = Place(work)
    shards = planned(tasks, place, network, min_good_fraction, workers)
    with cluster(workers, work) as submit:
        missing = [shard for shard in shards if not place.has(shard.name)]
        begun = dict(zip((shard.name for shard in missing), submit(missing), strict=True))
        for shard in shards:
            if shard.name not in begun or begun[shard.name]():
                yield from merged(shard, place)
                place.remove(shard.name)
            else:
                yield from _one_by_one(shard, place, submit)
    for shard in shards:
        # What was done by a worker that dies later is done again (dask/distributed#7870).
        if place.has(shard.name):
            place.remove(shard.name)
    place.remove(shards[0].model)


def _one_by_one(shard: Shard, place: Place, submit: Submit) -> Iterator[tuple[Task, Rows]]:
    for number, task in enumerate(shard.tasks):
        alone = Shard(f"{shard.name.removesuffix('.npz')}-{number}.npz", (task,), shard.model, shard.min_good_fraction)
        if place.has(alone.name) or submit([alone])[0]():
            yield from merged(alone, place)
            place.remove(alone.name)
        else:
            yield task, Rows(reason=f"{task.entry.name}: {DIED}")


@contextmanager
def _on_dask(scheduler: str | None, workers: int, work: str) -> Iterator[Submit]:
    """Give a function that begins shards on a Dask cluster: that of an address, or one that is started here."""
    try:
        from distributed import Client, KilledWorker, LocalCluster
    except ImportError as error:
        raise MissingExtraError("the Dask engine", "engines") from error

    def submit(shards: Sequence[Shard]) -> list[Begun]:
        return [begin(shard) for shard in shards]

    def begin(shard: Shard) -> Begun:
        future = client.submit(run_shard, shard, work, key=f"{shard.name}-sigsimnet", pure=False, retries=RETRIES)

        def wait() -> bool:
            try:
                future.result()
            except KilledWorker:
                return False
            finally:
                future.release()
            return True

        return wait

    def own() -> Any:
        return LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None)

    try:
        cluster = own() if scheduler is None else None
        client = Client(cluster if cluster is not None else scheduler)
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{scheduler}: no Dask scheduler answers ({error})") from error
    try:
        yield submit
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


@contextmanager
def _on_slurm(options: Mapping[str, str], workers: int, work: str) -> Iterator[Submit]:
    """Give a function that begins shards as an array of Slurm, by submitit; those that are not done are cancelled."""
    try:
        import submitit
    except ImportError as error:
        raise MissingExtraError("the Slurm engine", "engines") from error
    from submitit.core.utils import FailedJobError, UncompletedJobError

    given: dict[str, Any] = {name: _plain(value) for name, value in options.items()}
    kind = given.pop("cluster", None)  # "local" tries the same without Slurm
    try:
        executor = submitit.AutoExecutor(folder=f"{work}/jobs", cluster=kind)
        executor.update_parameters(name="sigsimnet", slurm_array_parallelism=workers, **given)
    except (RuntimeError, ValueError, NameError) as error:
        raise ArchiveError(f"Slurm cannot be used here: {error}") from error
    jobs: list[Any] = []

    def submit(shards: Sequence[Shard]) -> list[Begun]:
        begun = executor.map_array(run_shard, shards, [work] * len(shards)) if shards else []
        jobs.extend(begun)
        return [awaited(job) for job in begun]

    def awaited(job: Any) -> Begun:
        def wait() -> bool:
            if kind is None and not _ended(job):
                return False
            try:
                job.result()
            except FailedJobError as error:
                raise ArchiveError(f"job {job.job_id}: {error}") from error
            except UncompletedJobError:
                return False
            return True

        return wait

    try:
        yield submit
    finally:
        for job in jobs:
            if not job.done():
                job.cancel()


def _ended(job: Any) -> bool:
    """Wait for a job, and return whether it came to an end that submitit sees.

    A cluster without accounting (``sacct``) does not say that a job died: it is no longer in the queue, and left no
    result.
    """
    missed = 0.0
    pause = 0.1
    while not job.done():
        time.sleep(pause)
        pause = min(1.5 * pause, 5.0)
        missed = 0.0 if _queued(job.job_id) else missed + pause
        if missed > PATIENCE:
            return False
    return True


def _queued(job: str) -> bool:
    """Return whether Slurm still knows a job; also where Slurm does not say."""
    if shutil.which("squeue") is None:
        return True
    try:
        asked = ["squeue", "--noheader", "--jobs", job]
        said = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return True
    return bool(said.stdout.strip()) if said.returncode == 0 else "Invalid job id" not in said.stderr


def _plain(value: str) -> Any:
    """Return what an option says: a number where it is one."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
