"""Models on disk: weights as safetensors, all else as JSON; never a pickle."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.files import write_folder
from sigsimnet.errors import ModelError, SigSimNetError, WriteError
from sigsimnet.metrics import calibration_from_dict
from sigsimnet.model._card import Card
from sigsimnet.model._templates import Attention
from sigsimnet.segments import cutter_from_dict

if TYPE_CHECKING:
    from sigsimnet.model._model import SigSimNet

__all__ = ["CONFIG", "WEIGHTS", "bundled_models", "check_target", "load_model", "save_model"]

CONFIG, WEIGHTS = "config.json", "weights.safetensors"
FORMAT = 1


def save_model(model: SigSimNet, path: str | Path) -> None:
    """Write a model folder, whole or not at all.

    Raises
    ------
    WriteError
        If ``path`` holds anything but a model.
    ModelError
        If the model has no weights yet.
    """
    import torch
    from safetensors.torch import save_file

    if model.encoder is None or model.head is None:
        raise ModelError("this model was never fitted: there is nothing to save")
    target = check_target(path)
    try:
        cutter_from_dict(model.cutter.to_dict())
    except SigSimNetError as error:
        raise ModelError(f"segments of one's own kind cannot be kept in a model folder ({error})") from error
    modules = {"encoder": model.encoder, "head": model.head, "attention": model.attention}
    weights = {
        f"{part}.{key}": value.contiguous()
        for part, module in modules.items()
        if module is not None
        for key, value in module.state_dict().items()
    }
    if model.cohort is not None:
        weights["cohort"] = torch.from_numpy(model.cohort).contiguous()
    config = {
        "format": FORMAT,
        "encoder": model.encoder_name,
        "encoder_options": model.encoder.options,
        "head": model.head_name,
        "segments": model.cutter.to_dict(),
        "n_channels": model.n_channels,
        "channels": model.channels,
        "fusion": model.fusion,
        "normalisation": model.normalisation,
        "calibration": model.calibration.to_dict() if model.calibration else None,
        "calibration_by_count": {str(n): one.to_dict() for n, one in model.calibration_by_count.items()},
        "card": model.card.to_dict(),
    }
    with write_folder(target) as folder:
        save_file(weights, folder / WEIGHTS)
        (folder / CONFIG).write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


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
    target = Path(path)
    if target.is_file():
        raise WriteError(f"{path}: is a file; name a folder")
    if target.is_dir():
        inside = {item.name for item in target.iterdir()}
        if inside and not os.access(target, os.W_OK):
            raise WriteError(f"{path}: cannot be written")
        if inside and not (inside == {CONFIG, WEIGHTS} and '"format"' in (target / CONFIG).read_text("utf-8")):
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

    Examples
    --------
    >>> load_model("ecg").card.same
    'subject'
    """
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
        if config["format"] > FORMAT:
            raise ModelError(f"{folder}: made by a newer version of sigsimnet (format {config['format']})")
        model = _build(config, folder)
    except SigSimNetError as error:
        raise ModelError(f"{folder}: {error}" if str(folder) not in str(error) else str(error)) from error
    except Exception as error:
        why = " ".join(str(error).split())[:300]
        raise ModelError(f"{folder}: cannot be loaded ({type(error).__name__}: {why})") from error
    model.name = str(name_or_path)
    return model


def _build(config: dict[str, Any], folder: Path) -> SigSimNet:
    from safetensors.torch import load_file

    from sigsimnet.model._model import SigSimNet

    model = SigSimNet(
        encoder=config["encoder"],
        head=config["head"],
        segments=cutter_from_dict(config["segments"]),
        channels=config["channels"],
        encoder_options=config["encoder_options"],
        fusion=config.get("fusion", "quality"),
        normalisation=config.get("normalisation", "none"),
    )
    model.build(config["n_channels"])
    weights = load_file(folder / WEIGHTS)
    if model.encoder is not None and "attention.trust" in weights:
        model.attention = Attention(model.encoder.dim)
    if "cohort" in weights:
        model.cohort = weights["cohort"].numpy()
    for part, module in (("encoder", model.encoder), ("head", model.head), ("attention", model.attention)):
        if module is None:
            continue
        mine = {k.removeprefix(f"{part}."): v for k, v in weights.items() if k.startswith(f"{part}.")}
        module.load_state_dict(mine)
        module.eval()
    if config["calibration"]:
        model.calibration = calibration_from_dict(config["calibration"])
        few = config.get("calibration_by_count") or {}
        model.calibration_by_count = {int(n): calibration_from_dict(one) for n, one in few.items()}
    model.card = Card.from_dict(config["card"])
    return model
