"""Protocols of single segments: beats of the same type between people, and nearest neighbours of a test set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet.errors import LeakageError, ParameterError
from sigsimnet.metrics.bootstrap import MIN_PEOPLE, Interval
from sigsimnet.metrics.identification import average_precision_at_r

__all__ = ["AAMI_CLASSES", "DS1", "DS2", "BeatTypeRetrieval", "NearestNeighbour", "RetrievalResult"]

# De Chazal, O'Dwyer & Reilly 2004 (doi:10.1109/TBME.2004.827359), table III: MIT-BIH without the four paced records.
DS1 = tuple("101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230".split())  # noqa: SIM905 - as printed
DS2 = tuple("100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234".split())  # noqa: SIM905 - as printed
# ANSI/AAMI EC57 by the marks of PhysioNet; Q (paced, unknown) is left out.
AAMI_CLASSES: Mapping[str, str] = {
    **dict.fromkeys("NLRej", "N"),
    **dict.fromkeys("AaJS", "S"),
    "V": "V",
    "E": "V",
    "F": "F",
}
ONE_PERSON: Mapping[str, str] = {"202": "201"}  # two records of one man, says the database's directory


@dataclass(frozen=True, eq=False)
class RetrievalResult:
    """MAP@R by class, with intervals over the people whose beats were looked for.

    Attributes
    ----------
    among : str
        ``"all"``: each beat was looked for among all others; ``"others"``: among those of other people.
    by_class : dict of Interval
        0…1; a class that nobody (else) has is not there.
    mean : Interval
        Mean over classes, each counting the same. Intervals resample the people whose beats are looked for, not those
        among whose they are, and leave out resamples in which nobody has a class: with few people they are too narrow,
        and with fewer than `sigsimnet.metrics.MIN_PEOPLE` their ends are NaN.
    protocol : dict
        What was tested, in words and numbers.

    Examples
    --------
    >>> similarity = [[1.0, 0.9, 0.2], [0.9, 1.0, 0.1], [0.2, 0.1, 1.0]]
    >>> BeatTypeRetrieval().evaluate(similarity, ["N", "N", "V"], ["100", "103", "105"]).by_class["N"].estimate
    1.0
    """

    among: str
    by_class: dict[str, Interval]
    mean: Interval
    protocol: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BeatTypeRetrieval:
    """Are the beats nearest to a beat of its type? Tested on people that nothing was learnt from.

    Parameters
    ----------
    learn, test : tuple of str
        Records to learn from and to test on: by default de Chazal's DS1, and DS2 without 202, which is the man of 201.
    one_person : mapping of str to str
        Records of a person who has several, and the record that stands for her.
    most : int, default 1000
        Beats of a class that are queries and gallery at once, drawn by a seed.

    Raises
    ------
    LeakageError
        If a record or a person is on both sides.

    Examples
    --------
    >>> BeatTypeRetrieval().label_of("R")
    'N'
    >>> BeatTypeRetrieval(test=DS2)
    Traceback (most recent call last):
    sigsimnet.errors.LeakageError: 202 is the person of 201: on both sides of the split
    """

    learn: tuple[str, ...] = DS1
    test: tuple[str, ...] = tuple(name for name in DS2 if name not in ONE_PERSON)
    one_person: Mapping[str, str] = field(default_factory=lambda: dict(ONE_PERSON))
    most: int = 1000

    def __post_init__(self) -> None:
        if self.most < 2:
            raise ParameterError(f"most is {self.most}: a class needs at least 2 beats to find one another")
        learnt = {self.person_of(name): name for name in self.learn}
        for name in self.test:
            if (person := self.person_of(name)) in learnt:
                who = name if learnt[person] == name else f"{name} is the person of {learnt[person]}:"
                raise LeakageError(f"{who} on both sides of the split")

    def person_of(self, record: str) -> str:
        """Return the person of a record, by the record that stands for her."""
        return self.one_person.get(record, record)

    def label_of(self, mark: str) -> str:
        """Return the AAMI class of a mark of PhysioNet; empty for marks that are left out."""
        return AAMI_CLASSES.get(mark, "")

    def draw(self, types: ArrayLike, *, seed: int = 0) -> NDArray[np.int64]:
        """Return positions of up to ``most`` beats of each class, in order.

        Examples
        --------
        >>> BeatTypeRetrieval(most=2).draw(["N", "N", "N", "V"], seed=1).tolist()
        [0, 1, 3]
        """
        names, rng = np.asarray(types), np.random.default_rng(seed)
        chosen = [rng.permutation(np.flatnonzero(names == name))[: self.most] for name in np.unique(names)]
        return np.sort(np.concatenate(chosen)) if chosen else np.empty(0, np.int64)

    def evaluate(
        self,
        similarity: ArrayLike,
        types: ArrayLike,
        records: ArrayLike,
        *,
        among: str = "others",
        n_resamples: int = 1000,
        seed: int = 0,
    ) -> RetrievalResult:
        """Return MAP@R of every class and their mean.

        Parameters
        ----------
        similarity : array_like, shape (n, n)
            Of every beat with every other; higher is more alike.
        types, records : array_like of str, shape (n,)
            Class and record of each beat.
        among : {"others", "all"}
            Whether a person's own beats can be found.
        n_resamples : int, default 1000
            Of people, for the intervals.
        seed : int

        Raises
        ------
        LeakageError
            If a beat is from a record that is not among those to test on.
        ParameterError
            If shapes do not fit, or no beat has another of its type to find.

        Examples
        --------
        >>> vectors = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
        >>> protocol = BeatTypeRetrieval()
        >>> found = protocol.evaluate(vectors @ vectors.T, ["N", "N", "V", "V"], ["100", "103", "100", "103"])
        >>> found.mean.estimate
        1.0
        """
        if among not in ("others", "all"):
            raise ParameterError(f"unknown gallery {among!r} (known: others, all)")
        names, whose = np.asarray(types), np.asarray([self.person_of(str(name)) for name in np.asarray(records)])
        foreign = sorted({str(name) for name in np.asarray(records)} - set(self.test))
        if foreign:
            raise LeakageError(
                f"beats of {', '.join(foreign)}, which {'is' if len(foreign) == 1 else 'are'} not to test on"
            )
        precision = average_precision_at_r(similarity, names, owners=whose if among == "others" else None)
        known = ~np.isnan(precision)
        if not known.any():
            raise ParameterError("no beat has another of its type to find")
        people, person = np.unique(whose, return_inverse=True)
        classes, kind = np.unique(names[known], return_inverse=True)
        total, count = np.zeros((2, len(people), len(classes)))
        np.add.at(total, (person[known], kind), precision[known])
        np.add.at(count, (person[known], kind), 1.0)
        times = np.random.default_rng(seed).multinomial(len(people), np.full(len(people), 1 / len(people)), n_resamples)
        with np.errstate(invalid="ignore"):  # a resample may hold nobody with a class
            drawn = (times @ total) / (times @ count)
        whole = total.sum(axis=0) / count.sum(axis=0)
        every = [_interval(whole[k], drawn[:, k], len(people)) for k in range(len(classes))]
        return RetrievalResult(
            among,
            dict(zip((str(name) for name in classes), every, strict=True)),
            _interval(float(whole.mean()), drawn.mean(axis=1), len(people)),
            {
                "trials": "beats of the same type, " + ("other people's" if among == "others" else "anybody's"),
                "same": "label",
                "n_people": len(people),
                "n_queries": int(known.sum()),
                "n_beats": len(names),
                "people_disjoint": True,
                "n_resamples": n_resamples,
                "seed": seed,
            },
        )


@dataclass(frozen=True)
class NearestNeighbour:
    """Classify each test segment by the nearest training segment: the yardstick of the UCR archive (Dau 2019).

    Examples
    --------
    >>> known, probes = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.1, 0.9], [0.8, 0.3], [0.2, 0.3]])
    >>> found = NearestNeighbour().evaluate(probes @ known.T, ["a", "b"], ["a", "b", "b"])
    >>> round(found.estimate, 2), found.n_people
    (0.67, 3)
    """

    def check(self, learn: ArrayLike, test: ArrayLike) -> None:
        """Refuse a test set that holds rows of the training set.

        Raises
        ------
        LeakageError
            If a row is on both sides, in single precision.
        """
        rows, probes = (np.ascontiguousarray(x, dtype=np.float32) + np.float32(0) for x in (learn, test))  # −0 is 0
        known = {row.tobytes() for row in rows}
        repeated = sum(row.tobytes() in known for row in probes)
        if repeated:
            raise LeakageError(f"{repeated} test rows are training rows too: a row found by itself is no test")

    def evaluate(self, similarity: ArrayLike, learn_labels: ArrayLike, test_labels: ArrayLike) -> Interval:
        """Return the share of test segments with the label of their nearest, with Wilson's 95 % interval.

        Parameters
        ----------
        similarity : array_like, shape (n_test, n_learn)
            Higher is more alike; of equal ones the first counts.
        learn_labels, test_labels : array_like

        Returns
        -------
        Interval
            ``n_people`` is the number of test segments: the archive names no people.

        Raises
        ------
        ParameterError
            If shapes do not fit, or a similarity is NaN.
        """
        matrix, known, truth = (
            np.asarray(similarity, dtype=np.float64),
            np.asarray(learn_labels),
            np.asarray(test_labels),
        )
        if matrix.shape != (len(truth), len(known)) or not matrix.size:
            raise ParameterError(
                f"similarity of shape {matrix.shape} for {len(truth)} test and {len(known)} known labels"
            )
        if np.isnan(matrix).any():
            raise ParameterError(f"{int(np.isnan(matrix).sum())} similarities are NaN: leave those items out")
        right = known[matrix.argmax(axis=1)] == truth
        return wilson(int(right.sum()), len(right))


def wilson(hits: int, trials: int) -> Interval:
    """Return a share with Wilson's 95 % interval (1927, doi:10.1080/01621459.1927.10502953).

    Examples
    --------
    >>> str(wilson(9, 10))
    '0.9 [0.596, 0.982]'
    """
    z = 1.959964
    share = hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return Interval(share, middle - half, middle + half, 0.95, trials, 0)


def _interval(estimate: float, drawn: NDArray[np.float64], n_people: int) -> Interval:
    good = drawn[~np.isnan(drawn)]
    enough = len(good) * 2 >= max(len(drawn), 1) and n_people >= MIN_PEOPLE and len(good) > 0
    low, high = np.quantile(good, (0.025, 0.975)) if enough else (math.nan, math.nan)
    return Interval(float(estimate), float(low), float(high), 0.95, n_people, len(drawn) - len(good))
