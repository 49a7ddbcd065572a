"""A search for the settings of a training, by Optuna."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.extras import require_torch
from sigsimnet.datasets import Manifest
from sigsimnet.errors import MissingExtraError, ModelError, ParameterError
from sigsimnet.model._fit import fit_prepared, settings_of
from sigsimnet.model._model import SigSimNet
from sigsimnet.model._prepare import prepare
from sigsimnet.recording import Recording
from sigsimnet.segments import MIN_GOOD_FRACTION, Cutter, CycleCutter, WindowCutter

if TYPE_CHECKING:
    import optuna

__all__ = ["toml_of", "tune"]

ENCODERS = ("cnn", "resnet", "transformer", "mlp")
LOSSES = ("supcon", "ntxent", "multi_similarity", "arcface")


def tune(
    recordings: Manifest | str | Path | Iterable[Recording],
    *,
    same: str = "subject",
    segments: str | Cutter = "beats",
    trials: int = 20,
    epochs: int = 15,
    validation: float = 0.25,
    encoders: Iterable[str] = ENCODERS,
    losses: Iterable[str] = LOSSES,
    seed: int = 0,
    journal: str | Path | None = None,
    report: Callable[[int, float, float], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Search encoder, loss, learning rate, temperature and augmentation for the best ROC-AUC on held-out people.

    The same people are held out in every trial, and choose: a figure for a paper needs people that are neither in
    the training nor among them.

    Parameters
    ----------
    recordings : Manifest, path of one, or recordings with metadata
    same : {"subject", "label", "recording", "view"}, default "subject"
    segments : {"beats", "windows", "cycles"} or Cutter, default "beats"
    trials : int, default 20
        In all, with those that the journal already holds.
    epochs : int, default 15
        Most epochs of a trial.
    validation : float, default 0.25
        Share of the people held out.
    encoders, losses : iterable of str
        To choose from.
    seed : int, default 0
        Of the search and of every training.
    journal : path, optional
        File that trials are kept in; a search that was stopped goes on from it.
    report : callable, optional
        Called after each trial with its number, its ROC-AUC and the best so far.
    note : callable, optional
        Called with a sentence that says how many segments `sigsimnet.segments.filter_by_quality` left out.

    Returns
    -------
    dict
        A configuration as ``sigsimnet train --config`` takes it (`toml_of`).

    Raises
    ------
    MissingExtraError
        If Optuna is not installed.
    ParameterError, ManifestError, SignalError
        If the settings or the recordings are invalid.
    ModelError
        If no trial could be trained.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> from sigsimnet.errors import MissingExtraError
    >>> try:
    ...     found = tune(simulate(6, 2, duration=10, seed=1), trials=1, epochs=1, encoders=["mlp"], losses=["supcon"])
    ...     done = found["encoder"] == "mlp"
    ... except MissingExtraError:
    ...     done = True
    >>> done
    True
    """
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
    except ImportError as error:
        raise MissingExtraError("the search for settings", "tune") from error
    require_torch("the search for settings")
    from sigsimnet.training import Augment

    if trials < 1:
        raise ParameterError(f"trials is {trials}: it must be at least 1")
    if not 0 < validation < 1:
        raise ParameterError(f"validation is {validation}: some people must be held out to choose by")
    encoders, losses = tuple(encoders), tuple(losses)
    cutter = SigSimNet(segments=segments).cutter
    prepared = prepare(
        Manifest.of(recordings).split("train"),
        cutter,
        same=same,
        channels=None,
        min_good_fraction=MIN_GOOD_FRACTION,
        progress=False,
    )
    if prepared.n_low_quality and note is not None:
        every = prepared.n_low_quality + len(prepared.data)
        note(f"{prepared.n_low_quality} of {every} {cutter.kind} were left out, in seconds of low quality")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    about = {"same": same, "segments": cutter.to_dict(), "epochs": epochs, "validation": validation, "seed": seed}
    about |= {"recordings": sorted(prepared.fingerprints), "encoders": encoders, "losses": losses}
    storage = None
    if journal is not None:
        Path(journal).parent.mkdir(parents=True, exist_ok=True)
        storage = JournalStorage(JournalFileBackend(str(journal)))

    def proposed(trial: optuna.Trial) -> dict[str, Any]:
        return {
            "same": same,
            **options_of(cutter),
            "encoder": trial.suggest_categorical("encoder", encoders),
            "loss": trial.suggest_categorical("loss", losses),
            "epochs": epochs,
            "validation": validation,
            "seed": seed,
            "settings": {
                "learning_rate": trial.suggest_float("learning_rate", 2e-4, 1e-2, log=True),
                "temperature": trial.suggest_float("temperature", 0.03, 0.3, log=True),
                "weight_decay": trial.suggest_float("weight_decay", 1e-5, 1e-2, log=True),
            },
            "augment": {
                "noise": trial.suggest_float("noise", 0.0, 0.4),
                "wander": trial.suggest_float("wander", 0.0, 0.5),
                "bumps": trial.suggest_float("bumps", 0.0, 0.6),
                "stretch": trial.suggest_float("stretch", 0.0, 0.1),
            },
        }

    def goodness(trial: optuna.Trial) -> float:
        chosen = proposed(trial)
        trial.set_user_attr("configuration", json.dumps(chosen))
        model = SigSimNet(encoder=chosen["encoder"], segments=segments)
        config = settings_of({"loss": chosen["loss"], "epochs": epochs, "seed": seed, **chosen["settings"]})
        augment = Augment(**chosen["augment"])
        fit_prepared(model, prepared, config, same=same, validation=validation, augment=augment, progress=False)
        rates = [row["auc"] for row in model.card.history if "auc" in row]
        if not rates:
            raise optuna.TrialPruned
        return float(max(rates))

    study = optuna.create_study(
        storage=storage,
        study_name="sigsimnet",
        load_if_exists=True,
        direction="maximize",
    )
    words = json.dumps(about, sort_keys=True)
    if study.user_attrs.get("about", words) != words:
        raise ModelError(f"{journal}: holds the search of another training (other data or settings); delete it")
    study.set_user_attr("about", words)

    def after_trial(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        if report is not None and trial.value is not None:
            report(trial.number + 1, trial.value, study.best_value)

    ended = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
    done = sum(trial.state in ended for trial in study.trials)
    # A search that goes on must not draw what it drew before.
    study.sampler = optuna.samplers.TPESampler(seed=seed + done)
    study.optimize(goodness, n_trials=max(0, trials - done), callbacks=[after_trial])
    if not any(trial.value is not None for trial in study.trials):
        raise ModelError("no trial could be judged: the held-out people make no pairs of both kinds")
    best: dict[str, Any] = json.loads(study.best_trial.user_attrs["configuration"])
    return best


def options_of(cutter: Cutter) -> dict[str, Any]:
    """Return the options of ``sigsimnet train`` that make a cutter.

    Examples
    --------
    >>> from sigsimnet.segments import WindowCutter
    >>> options_of(WindowCutter(length=0.5, sampling_rate=500, band=(None, 100)))
    {'segments': 'windows', 'window': 0.5, 'rate': 500, 'band': [0.0, 100]}
    """
    options: dict[str, Any] = {"segments": cutter.kind}
    if isinstance(cutter, WindowCutter):
        low, high = cutter.band
        found = {
            "window": cutter.length,
            "step": cutter.step,
            "rate": cutter.sampling_rate,
            "band": [low or 0.0, float("inf") if high is None else high],
            "modality": cutter.modality or None,
        }
        options |= {name: value for name, value in found.items() if value is not None}
    if isinstance(cutter, CycleCutter):
        low, high = cutter.band
        options |= {
            "rate": cutter.sampling_rate,
            "band": [low or 0.0, float("inf") if high is None else high],
            "modality": cutter.modality,
        }
    return options


def toml_of(configuration: dict[str, Any]) -> str:
    """Return a configuration as TOML: plain values first, then a table for each dictionary.

    Examples
    --------
    >>> print(toml_of({"encoder": "cnn", "settings": {"temperature": 0.1}}))
    encoder = "cnn"
    <BLANKLINE>
    [settings]
    temperature = 0.1
    <BLANKLINE>
    """
    plain = {key: value for key, value in configuration.items() if not isinstance(value, dict)}
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items()]
    for name, table in configuration.items():
        if isinstance(table, dict):
            lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    return json.dumps(value).replace("Infinity", "inf") if not isinstance(value, str) else json.dumps(value)
