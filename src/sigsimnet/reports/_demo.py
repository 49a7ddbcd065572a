"""The page of the demonstration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sigsimnet.comparison import Comparison
from sigsimnet.evaluation import Evaluation
from sigsimnet.model import SigSimNet
from sigsimnet.plotting import plot_beat_pair, plot_matrix, plot_recording, plot_score_histogram
from sigsimnet.recording import Recording
from sigsimnet.reports._page import Section, Table, write_page

__all__ = ["demo_page"]

OWN_FILES = """\
sigsimnet compare a.csv b.dat                 # two files, with the model in the package
sigsimnet info a.csv                          # what is in a file
sigsimnet train manifest.csv --same subject -o my-model
sigsimnet evaluate my-model other-people.csv  # people it has never seen
sigsimnet compare a.csv b.dat --model my-model -o answer.html

# manifest.csv: a row for each recording
path,subject,session
recordings/anna-monday.csv,anna,1
recordings/anna-friday.csv,anna,2
recordings/bert-monday.edf,bert,1
"""


def demo_page(
    path: str | Path,
    model: SigSimNet,
    recordings: Sequence[Recording],
    comparisons: Sequence[tuple[Recording, Recording, Comparison]],
    evaluation: Evaluation,
) -> None:
    """Write the page: signals, beats over one another, matrix of scores, figures, and what to type next.

    Parameters
    ----------
    path : str or path
    model : SigSimNet
        Trained and calibrated.
    recordings : sequence of Recording
        With ``subject`` and ``session`` in their metadata; the first two are drawn.
    comparisons : sequence of (Recording, Recording, Comparison)
        At least one of the same person and one of two.
    evaluation : Evaluation
        Of the model, on people it has not seen.

    Raises
    ------
    MissingExtraError
        If Jinja2 or matplotlib is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import compare, evaluate, load_model, simulate
    >>> model, people = load_model("ecg"), simulate(3, 2, duration=20, seed=77)
    >>> pairs = [(people[0], other, compare(people[0], other, model=model)) for other in people[1:3]]
    >>> page = Path(tempfile.mkdtemp()) / "report.html"
    >>> demo_page(page, model, people, pairs, evaluate(model, people, n_resamples=20))
    >>> "never seen" in page.read_text(encoding="utf-8")
    True
    """
    names = [f"{r.metadata['subject']} session {r.metadata['session']}" for r in recordings]
    cuts = [model.cut(r) for r in recordings]
    matrix = np.array([[model.score(a, b) for b in cuts] for a in cuts])
    rows = [
        (
            f"{a.metadata['subject']} session {a.metadata['session']}",
            f"{b.metadata['subject']} session {b.metadata['session']}",
            "same" if a.metadata["subject"] == b.metadata["subject"] else "different",
            found.score,
            found.probability,
            found.verdict,
        )
        for a, b, found in comparisons
    ]
    same = next(c for a, b, c in comparisons if a.metadata["subject"] == b.metadata["subject"])
    other = next(c for a, b, c in comparisons if a.metadata["subject"] != b.metadata["subject"])
    figures = evaluation.model
    pearson = evaluation.baselines["pearson"].eer
    sections = [
        Section(
            "The signals",
            ("Two sessions of a simulated person, as they come: baseline, muscle and mains noise included.",),
            [(name, plot_recording(r, stop=8.0)) for name, r in list(zip(names, recordings, strict=True))[:2]],
        ),
        Section(
            "Their beats",
            (
                "Every heart beat is found, cut around its R peak, filtered, brought to one scale and one heart rate. "
                "Thick: the mean; band: ± one standard deviation.",
            ),
            [
                ("One person, two sessions", plot_beat_pair(same.a, same.b, labels=("session 1", "session 2"))),
                ("Two people", plot_beat_pair(other.a, other.b, labels=("one", "another"))),
            ],
        ),
        Section(
            "Scores of people whom the network has never seen",
            (
                f"Trained on: {model.card.trained_on}. Calibrated on: {model.card.calibrated_on}.",
                f"On these {figures.n_people} people: EER {100 * figures.eer:.1f} %, {figures.n_genuine} genuine and "
                f"{figures.n_impostor} impostor trials; Pearson correlation of mean beats on the same trials: "
                f"{100 * pearson:.1f} %. So few people show that the chain works, not how well it works.",
            ),
            [
                ("Each recording against each", plot_matrix(matrix, names, title="score")),
                ("Scores of all trials", plot_score_histogram(evaluation.scores, evaluation.trials.genuine)),
            ],
            Table(("enrolled", "probe", "truth", "score", "probability", "verdict"), rows),
        ),
        Section("The network", code=model.summary()),
        Section("The same on your own files", code=OWN_FILES),
    ]
    write_page(
        path,
        "SigSimNet: a twin network, from signals to answers",
        sections,
        lead="Everything here was simulated, trained and scored on this machine, offline.",
    )
