"""`sigsimnet clean`: a dirty recording in, a clean one out, and a log of what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._reading import Reading, with_reading
from sigsimnet.cli._targets import Force, claim

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.cleaning import Chain

__all__ = ["clean"]


@with_reading()
def clean(
    file: Annotated[str, typer.Argument(help="Recording.")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="File to write; its ending names the format.")],
    force: Force = False,
    preset: Annotated[
        str | None, typer.Option(help="ecg, ecg_diagnostic, eeg, emg, eog, ppg or resp. [by the channels' names]")
    ] = None,
    steps: Annotated[
        str | None,
        typer.Option(
            help="Steps with commas between: gaps, flat, clipped, outliers, steps, mains, notch, bandpass, baseline, "
            "wavelet, savgol, average."
        ),
    ] = None,
    chain: Annotated[str | None, typer.Option(help="JSON file with a chain, such as a log holds.")] = None,
    causal: Annotated[
        bool, typer.Option("--causal", help="Filters run forwards only, as on a device; they delay.")
    ] = False,
    reading: Reading,
    json: Json = False,
) -> None:
    """Clean a recording step by step, and write beside it a log (OUTPUT.log.json) with settings and counts.

    No sample is deleted: what is taken away becomes missing, what is bridged is counted, and the log holds where (first
    sample and one past the last, by channel). It repeats the cleaning, too: --chain OUTPUT.log.json.
    """
    import json as json_format
    from pathlib import Path

    import numpy as np

    from sigsimnet._utils.files import write_whole
    from sigsimnet._utils.json import to_jsonable
    from sigsimnet._utils.runs import runs_of
    from sigsimnet._utils.version import __version__
    from sigsimnet.cleaning import preset_for
    from sigsimnet.errors import ParameterError
    from sigsimnet.io._write import store

    if sum(option is not None for option in (preset, steps, chain)) > 1:
        raise ParameterError("--preset, --steps and --chain each name the steps: give one of them")
    log_path = Path(f"{Path(output)}.log.json")
    from sigsimnet.io._formats import WRITABLE

    inputs = [file, *([chain] if chain else [])]
    claim(output, force=force, command="clean", endings=WRITABLE, what="cleaned signals", inputs=inputs, ours=_is_ours)
    claim(str(log_path), force=force, command="clean", inputs=inputs, ours=lambda _: _is_ours(Path(output)))
    if preset or steps or chain:
        _chain_of(preset, steps, chain)  # what is wrong with it is said before the file is read
    recording = reading.read(file)
    if preset is None and steps is None and chain is None:
        preset = preset_for(recording)
    what = _chain_of(preset, steps, chain)
    what = what.causal() if causal else what
    cleaned = what.apply(recording)
    lost = store(cleaned.recording, output)
    log = {
        "sigsimnet": __version__,
        "source": Path(file).name,
        "files": _digests(Path(output)),
        **what.to_dict(),
        "done": [{"step": item.name, "note": item.note} for item in cleaned.log],
        "invented_samples": {
            name: int(mask.sum()) for name, mask in zip(recording.channel_names, cleaned.invented, strict=True)
        },
        "invented": {
            name: runs_of(mask).tolist() for name, mask in zip(recording.channel_names, cleaned.invented, strict=True)
        },
        "missing_samples": {
            name: int(np.isnan(x).sum())
            for name, x in zip(recording.channel_names, cleaned.recording.data, strict=True)
        },
        "warnings": [*recording.warnings, *lost],
    }
    with write_whole(log_path) as temporary:
        temporary.write_text(json_format.dumps(to_jsonable(log), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if json:
        print_json({"file": output, "log": str(log_path), **log})
        return
    print_table(("step", "what it did"), [(item.name, item.note) for item in cleaned.log], title=f"{file} → {output}")
    ahead = f"steps that need later samples all the same: {', '.join(what.looks_ahead)}"
    print_notes([*recording.warnings, *lost, *([ahead] if causal and what.looks_ahead else [])])


def _digests(output: Path) -> dict[str, str]:
    """Return SHA-256 of each file of a recording that was written, by name."""
    from hashlib import file_digest

    from sigsimnet.io._files import files_written

    found = {}
    for path in files_written(output):
        if path.is_file():
            with path.open("rb") as file:
                found[path.name] = file_digest(file, "sha256").hexdigest()
    return found


def _is_ours(path: Path) -> bool:
    """Return whether a cleaning wrote the recording that a file belongs to, and nobody has changed it since."""
    import json as json_format
    from pathlib import Path

    for named in (path, *(path.with_suffix(ending) for ending in (".hea", ".dat"))):
        try:
            log = json_format.loads(Path(f"{named}.log.json").read_text(encoding="utf-8"))
            if "sigsimnet" in log and log["files"] == _digests(named):
                return True
        except (OSError, ValueError, LookupError, TypeError):
            continue
    return False


def _chain_of(preset_name: str | None, steps: str | None, path: str | None) -> Chain:
    from sigsimnet.cleaning import STEPS, Chain, preset
    from sigsimnet.errors import ParameterError

    if path is not None:
        return Chain.load(path)
    if steps is not None:
        names = [name.strip() for name in steps.split(",") if name.strip()]
        if not names:
            raise ParameterError(f"--steps {steps!r} names no step (known: {', '.join(sorted(STEPS))})")
        return Chain([STEPS.get(name)() for name in names])
    return preset(preset_name or "ecg")
