"""Models on disk: graphs as ONNX, weights as safetensors, all else as JSON; never a pickle."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.files import write_folder
from sigsimnet.errors import MissingExtraError, ModelError, ParameterError, SigSimNetError, WriteError
from sigsimnet.metrics import calibration_from_dict
from sigsimnet.model._card import Card
from sigsimnet.model._model import SigSimNet
from sigsimnet.model._network import GraphNetwork
from sigsimnet.model._schema import check_config
from sigsimnet.segments import cutter_from_dict

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CONFIG", "FORMAT", "WEIGHTS", "bundled_models", "check_target", "load_model", "save_model"]

CONFIG, WEIGHTS = "config.json", "weights.safetensors"
GRAPHS = {"encoder": "encoder.onnx", "head": "head.onnx", "attention": "attention.onnx"}
FORMAT = 2  # 1: without graphs; read by `_format1`


def save_model(model: SigSimNet, path: str | Path) -> None:
    """Write a model folder, whole or not at all.

    Raises
    ------
    WriteError
        If ``path`` holds anything but a model.
    ModelError
        If the model has no network yet.
    MissingExtraError
        If the model was trained in this process and ONNX, which makes its graphs, is not installed.
    """
    from safetensors.numpy import save

    if model.network is None:
        raise ModelError("this model was never fitted: there is nothing to save")
    target = check_target(path)
    try:
        cutter_from_dict(model.cutter.to_dict())
    except SigSimNetError as error:
        raise ModelError(f"segments of one's own kind cannot be kept in a model folder ({error})") from error
    weights: dict[str, NDArray[Any]] = model.network.weights()
    if model.cohort is not None:
        weights["cohort"] = model.cohort
    config = {
        "format": FORMAT,
        "encoder": model.encoder,
        "encoder_options": model.network.options,
        "dim": model.network.dim,
        "head": model.head,
        "segments": model.cutter.to_dict(),
        "n_channels": model.n_channels,
        "channels": model.channels_ or model.channels,
        "fusion": model.fusion,
        "normalisation": model.normalisation,
        "calibration": model.calibration.to_dict() if model.calibration else None,
        "calibration_by_count": {str(n): one.to_dict() for n, one in model.calibration_by_count.items()},
        "calibration_by_leads": {
            str(leads): {str(n): one.to_dict() for n, one in lines.items()}
            for leads, lines in model.calibration_by_leads.items()
        },
        "card": model.card.to_dict(),
    }
    graphs = model.network.graphs(model.n_channels, model.cutter.n_samples)
    with write_folder(target) as folder:
        (folder / WEIGHTS).write_bytes(save(weights))
        for part, content in graphs.items():
            (folder / GRAPHS[part]).write_bytes(content)
        (folder / CONFIG).write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _is_model_folder(target: Path, inside: set[str]) -> bool:
    """Return whether a folder holds a model and nothing else."""
    known = {CONFIG, WEIGHTS, *GRAPHS.values()}
    return {CONFIG, WEIGHTS} <= inside <= known and '"format"' in (target / CONFIG).read_text("utf-8")


def check_target(path: str | Path) -> Path:
    """Return the path of a model folder that may be written: a new one, an empty one, or one that holds a model only.

    Raises
    ------
    WriteError
        If it is a file, or a folder with anything else in it: saving replaces the folder whole.

    Examples
    --------
    >>> check_target("a-new-model").name
    'a-new-model'
    """
    if not isinstance(path, str | os.PathLike):
        raise ParameterError(f"a model folder is named by a path, not by a {type(path).__name__}")
    target = Path(path)
    if target.is_file():
        raise WriteError(f"{path}: is a file; name a folder")
    if target.is_dir():
        inside = {item.name for item in target.iterdir()}
        if inside and not os.access(target, os.W_OK):
            raise WriteError(f"{path}: cannot be written")
        if inside and not _is_model_folder(target, inside):
            raise WriteError(f"{path}: a folder with other things in it; name a new one")
    parent = next(p for p in target.absolute().parents if p.exists())
    if not os.access(parent, os.W_OK):
        raise WriteError(f"{path}: cannot be written")
    return target


def bundled_models() -> tuple[str, ...]:
    """Return the names of the models that come with the package.

    Examples
    --------
    >>> "ecg" in bundled_models()
    True
    """
    folder = files("sigsimnet.model") / "bundled"
    return tuple(sorted(item.name for item in folder.iterdir() if item.is_dir() and (item / CONFIG).is_file()))


def load_model(name_or_path: str | Path = "ecg") -> SigSimNet:
    """Load a model.

    Parameters
    ----------
    name_or_path : str or Path, default "ecg"
        A model folder, or the name of a model in the package.

    Returns
    -------
    SigSimNet

    Raises
    ------
    ModelError
        If there is no such model, or its folder is incomplete or was made by a newer version.
    MissingExtraError
        If the folder has the first format, which is converted once and needs PyTorch for it.

    Examples
    --------
    >>> load_model("ecg").card.same
    'subject'
    """
    if not isinstance(name_or_path, str | os.PathLike):
        raise ParameterError(f"a model is named by its folder or its name, not by a {type(name_or_path).__name__}")
    folder = Path(name_or_path)
    if not (folder / CONFIG).is_file() and (str(name_or_path) in bundled_models() or not folder.is_dir()):
        if str(name_or_path) not in bundled_models():
            known = ", ".join(bundled_models()) or "none"
            raise ModelError(f"{name_or_path}: no such model folder (models in the package: {known})")
        folder = Path(str(files("sigsimnet.model") / "bundled" / str(name_or_path)))
    for part in (CONFIG, WEIGHTS):
        if not (folder / part).is_file():
            raise ModelError(f"{folder}: not a model folder, it has no {part}")
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        newest = config.get("format") if isinstance(config, dict) else None
        if isinstance(newest, int) and newest > FORMAT:
            raise ModelError(f"{folder}: made by a newer version of sigsimnet (format {newest})")
        check_config(config)
        if config["format"] < FORMAT:
            from sigsimnet.model._format1 import convert

            model = convert(config, folder)
        else:
            model = _from_config(config, folder)
    except MissingExtraError:
        raise
    except SigSimNetError as error:
        about = "" if str(folder) in str(error) else f"{folder}: cannot be loaded: {CONFIG}: "
        raise ModelError(f"{about}{error}") from error
    except KeyError as error:
        raise ModelError(f"{folder}: cannot be loaded: {CONFIG} says nothing of {error}") from error
    except json.JSONDecodeError as error:
        raise ModelError(f"{folder}: cannot be loaded: {CONFIG} is damaged (line {error.lineno})") from error
    except (OSError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        why = " ".join(str(error).split())[:300]
        raise ModelError(f"{folder}: cannot be loaded ({type(error).__name__}: {why})") from error
    model.name = str(name_or_path)
    return model


def model_of_config(config: dict[str, Any]) -> SigSimNet:
    """Return a model with everything that its configuration says, but for the network and the cohort."""
    model = SigSimNet(
        encoder=config["encoder"],
        head=config["head"],
        segments=cutter_from_dict(config["segments"]),
        channels=config["channels"],
        encoder_options=config["encoder_options"],
        fusion=config.get("fusion", "quality"),
        normalisation=config.get("normalisation", "none"),
    )
    model.n_channels = int(config["n_channels"])
    if config["calibration"]:
        model.calibration = calibration_from_dict(config["calibration"])
        few = config.get("calibration_by_count") or {}
        model.calibration_by_count = {int(n): calibration_from_dict(one) for n, one in few.items()}
        for leads, lines in (config.get("calibration_by_leads") or {}).items():
            model.calibration_by_leads[int(leads)] = {int(n): calibration_from_dict(one) for n, one in lines.items()}
    model.card = Card.from_dict(config["card"])
    return model


def _from_config(config: dict[str, Any], folder: Path) -> SigSimNet:
    model = model_of_config(config)
    weights = load_weights(folder)
    model.cohort = weights.pop("cohort", None)
    graphs = {part: (folder / name).read_bytes() for part, name in GRAPHS.items() if (folder / name).is_file()}
    attention = model.fusion == "attention" or any(name.startswith("attention.") for name in weights)
    if attention and "attention" not in graphs:
        raise ModelError(f"{folder}: not a whole model folder, it has no {GRAPHS['attention']}")
    network = GraphNetwork(graphs, model.head, int(config["dim"]), config["encoder_options"], weights, name=str(folder))
    network.check_shapes(model.n_channels, model.cutter.n_samples)
    if model.cohort is not None and (model.cohort.ndim != 2 or model.cohort.shape[1] != network.dim):
        raise ModelError(f"its cohort has shape {model.cohort.shape}, not (n, {network.dim})")
    model.network = network
    return model


def load_weights(folder: Path) -> dict[str, NDArray[Any]]:
    """Return the weights of a model folder.

    Raises
    ------
    ModelError
        If the file is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return dict(load_file(folder / WEIGHTS))
    except SafetensorError as error:
        raise ModelError(f"{folder}: {WEIGHTS} is damaged ({' '.join(str(error).split())[:200]})") from error
