"""Model folders of the first format, which had no graphs: read through PyTorch, and converted once."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.extras import require_torch
from sigsimnet.errors import MissingExtraError, ModelError, WriteError

if TYPE_CHECKING:
    from sigsimnet.model._model import SigSimNet

__all__ = ["convert"]

LOG = logging.getLogger(__name__)
RENAMED_AUGMENT = {"plain": "n_passthrough", "mix": "channel_mix", "roll": "channel_roll"}


def convert(config: dict[str, Any], folder: Path) -> SigSimNet:
    """Return the model of a folder of the first format; write the folder in today's format where it can be written.

    The next `load_model` of that folder needs no PyTorch then. The log says what was done.

    Raises
    ------
    MissingExtraError
        If PyTorch is not installed.
    """
    require_torch(f"{folder}: a model of the first format")
    from sigsimnet.model._store import load_weights, model_of_config, save_model
    from sigsimnet.networks.network import build_network

    model = model_of_config(_renamed(config))
    network = build_network(
        model.encoder, model.head, model.n_channels, model.cutter.n_samples, options=config["encoder_options"]
    )
    weights = load_weights(folder)
    model.cohort = weights.pop("cohort", None)
    network.load_weights(weights)
    model.network = network
    try:
        if not os.access(folder, os.W_OK) or not os.access(folder.parent, os.W_OK):
            raise WriteError("it cannot be written")
        save_model(model, folder)
        LOG.warning("%s: converted to the model format of today, which needs no PyTorch", folder)
    except (WriteError, MissingExtraError, ModelError) as error:
        LOG.warning("%s: has the first model format and was not converted (%s): PyTorch computes it", folder, error)
    return model


def _renamed(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with the names of today in its card."""
    card = dict(config["card"])
    training = dict(card.get("training") or {})
    if "same_record" in training:
        training["within_recording_weight"] = training.pop("same_record")
    if isinstance(training.get("augment"), dict):
        training["augment"] = {RENAMED_AUGMENT.get(name, name): value for name, value in training["augment"].items()}
    extra = dict(card.get("extra") or {})
    if "n_poor" in extra:
        extra["n_low_quality"] = extra.pop("n_poor")
    return config | {"card": card | {"training": training, "extra": extra}}
