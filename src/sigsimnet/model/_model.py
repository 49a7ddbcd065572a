"""`SigSimNet`: a model that cuts, embeds, scores and answers; `fit` makes one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from sigsimnet.datasets import Entry
from sigsimnet.errors import LeakageError, ParameterError
from sigsimnet.model._calibrate import FULL, LeadCalibrations
from sigsimnet.model._card import known_under
from sigsimnet.model._embed import Embeddable
from sigsimnet.model._embedded import Embedded, Embeddings
from sigsimnet.model._enrol import Enroller, any_apart
from sigsimnet.model._scoring import MOST_PAIRED
from sigsimnet.model._template import Template, fused_of_pairs, fused_of_templates, templates_in
from sigsimnet.segments import MIN_GOOD_FRACTION, Segments

if TYPE_CHECKING:
    from sigsimnet.model._fit import Evaluator
    from sigsimnet.training import Augment

__all__ = ["SigSimNet"]

Recordings = Any  # a Manifest, the path of one, recordings with metadata, or whatever `sigsimnet.as_recordings` takes


class SigSimNet(Enroller):
    """A twin network (one encoder for both sides) with everything that it takes to compare recordings.

    Applying a model needs NumPy and ONNX Runtime; `fit` and `build` need PyTorch (``pip install 'sigsimnet[train]'``).

    Parameters
    ----------
    encoder : str, optional
        One of `sigsimnet.networks.ENCODERS`, or ``"auto"``: `fit` tries ``"rocket"`` and ``"cnn"`` on training people
        whom it holds out, and takes the better one (``card.extra["encoders_tried"]``, ``["encoder_chosen_by"]``). By
        default ``"cnn"`` of beats (and where ``encoder_options`` are given), ``"auto"`` of windows and cycles.
    head : str, default "cosine"
        One of `sigsimnet.networks.HEADS`: ``"cosine"``, ``"euclidean"``, ``"three_path"`` (the article's).
    segments : {"beats", "windows", "cycles"} or Cutter, default "beats"
        What the network sees; a `BeatCutter`, `WindowCutter` or `CycleCutter` sets it in detail.
    channels : sequence of str, optional
        Channels to look at. By default beats come from the first ECG channel, cycles from those of PPG or respiration,
        and windows from all. Several are found by what their names mean, in any order, and up to half may be missing
        (`sigsimnet.channels.match_channels`).
    encoder_options : mapping, optional
        Options of the encoder, such as ``{"dim": 64}``.
    fusion : {"quality", "mean", "attention"}, default "quality"
        How the segments of a recording become its template, for the cosine head: an average weighted by quality, a
        plain one, or one whose weights are learnt after the encoder.
    normalisation : {"none", "z", "t", "s", "as"}, default "none"
        Score normalisation against a cohort of training people, whose templates are kept with the model
        (`sigsimnet.model.ScoreNormalisation`).

    Attributes
    ----------
    network : Network or None
        Encoder, head and attention; None before `fit`, `build` or `load`.
    cutter : Cutter
        How segments are made.
    n_channels : int
        Channels of a segment; 0 before there is a network.
    calibration : Calibration or None
    cohort : ndarray or None
        Templates that scores are normalised against.
    card : Card
        What the model learnt, from whom, and how it was calibrated.
    name : str
        Folder or name that it was loaded by.

    Raises
    ------
    ParameterError
        If a name is unknown.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> recordings = simulate(6, 2, duration=20, seed=1)
    >>> model = SigSimNet(encoder_options={"dim": 16}).fit(recordings, same="subject", epochs=1, steps=2)
    >>> model.encode(recordings[0]).shape[1]
    16
    >>> model.clone().get_params()["encoder_options"]
    {'dim': 16}
    """

    # -- from embeddings to answers ---------------------------------------------------------------------------------

    def similarity(
        self, a: Embeddings | Template | Sequence[Template], b: Embeddings | Template | Sequence[Template]
    ) -> Embeddings | NDArray[np.float64]:
        """Return the scores of all pairs of embeddings, or of templates (`enrol`), shape (n_a, n_b).

        Higher is more alike. The score of templates is fused over the leads that both have.

        Raises
        ------
        ParameterError
            If embeddings are of another network, or stand against templates.
        SignalError
            If two templates have no common lead.
        """
        left, right = templates_in(a), templates_in(b)
        if left is not None and right is not None:
            return fused_of_templates(left, right)
        if left is not None or right is not None:
            raise ParameterError("templates are compared with templates, embeddings with embeddings")
        return self._require_network().score_matrix(self._embeddings(a), self._embeddings(b))

    def similarity_pairwise(self, a: Embeddings, b: Embeddings) -> Embeddings:
        """Return the score of each row of ``a`` with the same row of ``b``, shape (n,).

        Raises
        ------
        ParameterError
            If there are not as many rows in one as in the other.
        """
        left, right = self._embeddings(a), self._embeddings(b)
        if left.shape != right.shape:
            raise ParameterError(f"embeddings of shapes {left.shape} and {right.shape} make no pairs")
        return self._require_network().scores(left, right)

    def score(self, a: Embeddable, b: Embeddable) -> float:
        """Return one score for two recordings: of their templates, or the mean over pairs of segments (`Scoring`)."""
        return float(self.score_pairs([self._embed_one(a), self._embed_one(b)], np.array([[0, 1]]))[0])

    def score_pairs(self, sets: Sequence[Embedded | Segments], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each pair of sets; every set that is not embedded yet is encoded once.

        Parameters
        ----------
        sets : sequence of Embedded or Segments
        pairs : ndarray of int, shape (n_pairs, 2)
            Positions in ``sets``.
        """
        every = [self._embed_one(one) for one in sets]
        if any_apart(every):
            return fused_of_pairs([self.template_of(one) for one in every], pairs)
        return self.scoring().pairs([one.embeddings for one in every], [one.quality for one in every], pairs)

    def agreement(self, a: Embeddable, b: Embeddable) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the score of every segment of either side against the whole of the other: *where* they agree.

        The whole is the template for the cosine head; for others the mean over up to 64 of its segments. These scores
        are the head's, without the normalisation by a cohort. Of several leads they are fused (`Template`).
        """
        left, right, scoring = self._embed_one(a), self._embed_one(b), self.scoring()
        if any_apart([left, right]):
            return self.agreement_of_leads(left, self.template_of(right)), self.agreement_of_leads(
                right, self.template_of(left)
            )
        return scoring.against(left.embeddings, right.embeddings, right.quality, most=MOST_PAIRED), scoring.against(
            right.embeddings, left.embeddings, left.quality, most=MOST_PAIRED
        )

    def probability(
        self, score: float, prior: float = 0.5, n_segments: int | None = None, n_leads: int = 1
    ) -> float | None:
        """Return the calibrated probability of *same*; None when the model was not calibrated.

        Parameters
        ----------
        score : float
            From `score`, `score_pairs` or `similarity`.
        prior : float, default 0.5
            Chance of *same* before the score was seen.
        n_segments : int, optional
            Segments of the side that has fewer: the score of a single beat carries less than that of twenty. By
            default as many as 15 s bring.
        n_leads : int, default 1
            Independent leads that the score was fused over (`n_independent`): many leads scatter less than one.
        """
        if self.calibration is None:
            return None
        lines = LeadCalibrations({1: {**self.calibration_by_count, FULL: self.calibration}} | self.calibration_by_leads)
        return lines.probability(self.cutter.kind, score, prior, n_segments, n_leads)

    def check_leakage(self, entry: Entry, fingerprint: str = "", *, purpose: str = "test") -> None:
        """Refuse a person or a recording that was part of the training or calibration.

        A subject is looked for with and without its database. Two databases that number their people alike are
        distinguished by a column ``database`` in both manifests.

        Raises
        ------
        LeakageError
            Naming the person or the recording.
        """
        if any(d in self.card.people for d in known_under(entry.subject, entry.database, self.card.salt)):
            hint = "" if entry.database else " (if this is somebody else of another database, name it in 'database')"
            raise LeakageError(
                f"the model was trained or calibrated on person {entry.person!r}{hint}; {purpose} on other people"
            )
        if fingerprint and fingerprint in self.card.recordings:
            raise LeakageError(
                f"the model was trained or calibrated on the recording {entry.path}; {purpose} on other people"
            )

    # -- how it comes to be -----------------------------------------------------------------------------------------

    def build(self, n_channels: int, *, seed: int = 0) -> Self:
        """Make a network for segments of ``n_channels`` channels, with random weights drawn from ``seed``.

        Raises
        ------
        MissingExtraError
            If PyTorch is not installed.
        ParameterError
            If an option of the encoder is unknown.
        """
        from sigsimnet.model._fit import build

        build(self, n_channels, seed=seed)
        return self

    def fit(
        self,
        recordings: Recordings,
        *,
        same: str = "subject",
        loss: str = "supcon",
        epochs: int = 30,
        validation: float = 0.25,
        augment: bool | Augment = True,
        min_template_correlation: float = 0.5,
        min_good_fraction: float = MIN_GOOD_FRACTION,
        calibration: str = "logistic",
        start: SigSimNet | str | Path | None = None,
        freeze: bool = False,
        evaluator: Evaluator | None = None,
        seed: int = 0,
        checkpoint: str | Path | None = None,
        progress: bool = True,
        description: str = "",
        **settings: Any,
    ) -> Self:
        """Train on recordings, and calibrate on people held out of the training.

        Parameters
        ----------
        recordings : Manifest, path of one, recordings with metadata, or whatever `sigsimnet.as_recordings` takes
            Of a table with a column ``split`` only the rows with split ``train`` are used, as by ``sigsimnet train``.
            Recordings that cannot be used (unreadable, no beats) are skipped and listed in ``card.extra["skipped"]``.
        same : {"subject", "label", "recording", "view"}, default "subject"
            What makes two segments *the same*: the person, what the table says of the recording, the recording
            (rows of several channels of one file make its leads alike), or being two changed copies of one segment
            (SimCLR; Chen 2020, arXiv:2002.05709), which needs no table at all. Of a person, pairs from two recordings
            come before pairs from one wherever there are two.
        loss : str, default "supcon"
            One of `sigsimnet.training.LOSSES`; ``"mse"`` is the article's, on labelled pairs.
        epochs : int, default 30
            Most epochs; training stops earlier when held-out people are no longer distinguished better.
        validation : float, default 0.25
            Share of the people held out for early stopping and calibration. 0 trains on everybody for all epochs
            and leaves the model without probabilities.
        augment : bool or Augment, default True
            Change segments at random while training. True suits z-scored segments and is ignored for others.
        min_template_correlation : float, default 0.5
            Segments of lower `Segments.quality` teach nothing and are left out: beats unlike the other beats of
            their recording, windows of which more was bridged over than recorded.
        min_good_fraction : float, default 0.5
            Share of a segment that must lie in seconds of good quality (`sigsimnet.segments.filter_by_quality`), here
            and in the calibration; 0 keeps all. How many were left out stands in ``card.extra["n_low_quality"]``.
        calibration : {"logistic", "isotonic"}, default "logistic"
            From score to probability, on the held-out people.
        start : SigSimNet, path or name, optional
            Model whose encoder (and head, where it is of the same kind) training starts from. Its people stay known:
            this model is not tested on them either.
        freeze : bool, default False
            Keep the encoder of ``start`` as it is and train the head alone, such as ``"three_path"``, by
            ``loss="mse"``.
        evaluator : callable, optional
            Called with this model after every epoch, such as a `sigsimnet.evaluation.VerificationEvaluator`; the
            figures that it returns (a dict of floats) stand in ``card.history``.
        seed : int, default 0
            Draws everything random; the same seed repeats exactly.
        checkpoint : path, optional
            File written after every epoch, from which an interrupted training goes on.
        progress : bool, default True
            Show bars on a terminal.
        description : str, optional
            What the model is trained on, in words, for its card.
        **settings
            Others of `TrainingConfig`: ``learning_rate``, ``steps``, ``patience``, ``device`` …

        Raises
        ------
        MissingExtraError
            If PyTorch is not installed.
        ManifestError, SignalError, ParameterError
            If the recordings or the settings are invalid.
        TrainingInterrupted
            On Ctrl-C.
        """
        from sigsimnet.model._fit import fit

        fit(
            self,
            recordings,
            settings={"loss": loss, "epochs": epochs, "seed": seed, **settings},
            same=same,
            validation=validation,
            augment=augment,
            min_template_correlation=min_template_correlation,
            min_good_fraction=min_good_fraction,
            calibration=calibration,
            start=start,
            freeze=freeze,
            evaluator=evaluator,
            checkpoint=Path(checkpoint) if checkpoint else None,
            progress=progress,
            description=description,
        )
        return self

    def calibrate(
        self,
        recordings: Recordings,
        *,
        method: str = "logistic",
        within: bool = False,
        seed: int = 0,
    ) -> Self:
        """Calibrate anew on recordings of people that the model was not trained on.

        Parameters
        ----------
        recordings : as for `fit`
        method : {"logistic", "isotonic"}, default "logistic"
            A straight line, or a staircase for those with hundreds of genuine trials.
        within : bool, default False
            Let people with one recording give trials too, of its beginning against its end; they weigh as much as
            those with several. Such trials are easier than across sittings: right where comparisons will be of both.
        seed : int, default 0
            Draws impostor trials where there are very many.

        Raises
        ------
        LeakageError
            If a person or a recording was part of the training.
        ModelError
            If the model was never trained.
        SignalError
            If there are too few trials.
        """
        from sigsimnet.model._adapt import calibrate_on

        calibrate_on(self, recordings, method=method, within=within, seed=seed)
        return self

    def normalise(self, recordings: Recordings, *, kind: str = "as", seed: int = 0) -> Self:
        """Keep a cohort of other people and normalise scores by it; the calibration is void then: calibrate again.

        Parameters
        ----------
        recordings : as for `fit`
            Of people who resemble those that will be compared, and are not among them. Up to 500 templates are kept.
        kind : {"z", "t", "s", "as"}, default "as"
            As in the constructor.
        seed : int, default 0
            Draws the recordings when there are more.

        Raises
        ------
        ParameterError, SignalError
            If there is no such normalisation, or there are fewer than 10 recordings.
        """
        from sigsimnet.model._adapt import normalise_by

        normalise_by(self, recordings, kind=kind, seed=seed)
        return self

    def save(self, path: str | Path) -> None:
        """Write a model folder (ONNX graphs, safetensors and JSON), whole or not at all.

        Raises
        ------
        WriteError
            If ``path`` holds anything but a model.
        ModelError
            If the model has no network yet.
        """
        from sigsimnet.model._store import save_model

        save_model(self, path)

    @classmethod
    def load(cls, path: str | Path) -> SigSimNet:
        """Load a model folder, or a model of the package by name (`load_model`)."""
        from sigsimnet.model._store import load_model

        return load_model(path)

    def summary(self) -> str:
        """Return a table of the layers: name, kind, output shape, parameters.

        Raises
        ------
        MissingExtraError
            If PyTorch is not installed.
        """
        from sigsimnet.model._fit import modules_of

        modules = modules_of(self)
        from sigsimnet.networks.summary import layers_of, table_of

        layers = layers_of(modules.encoder, modules.head, self.n_channels, self.cutter.n_samples)
        return table_of(layers, self.n_channels, self.cutter.n_samples)

    def _embeddings(self, values: Any) -> Embeddings:
        dim = self._require_network().dim
        try:
            found = np.atleast_2d(np.asarray(values, dtype=np.float32))
        except (TypeError, ValueError) as error:
            raise ParameterError("embeddings are numbers, an array of shape (n, dim)") from error
        if found.ndim != 2 or found.shape[1] != dim:
            raise ParameterError(f"embeddings have shape {found.shape}: this network's are (n, {dim})")
        return found
