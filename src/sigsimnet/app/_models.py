"""What the interface takes and gives, typed: OpenAPI is made of it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Accepted",
    "Answer",
    "ChangeRequest",
    "CleanRequest",
    "CompareAllRequest",
    "CompareRequest",
    "IdentifyRequest",
    "JobRequest",
    "Part",
    "Problem",
    "SearchRequest",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Part(_Strict):
    """A recording, or a stretch of it."""

    path: str = Field(
        description="Below the root, with / between folders; or upload:ID/NAME. Behind it may stand how to read "
        "it, such as ?rate=250&unit=mV&key=ecg&time=0&layout=rows",
        examples=["anna.csv", "holter.npy?rate=250"],
    )
    start: float | None = Field(None, ge=0, allow_inf_nan=False, description="In s since the first sample")
    stop: float | None = Field(None, gt=0, allow_inf_nan=False, description="In s since the first sample")


class CompareRequest(_Strict):
    """Two recordings."""

    a: Part
    b: Part
    model: str = Field("ecg", description="Name of a model of the package, or a model folder below the root")
    channel_a: str | None = None
    channel_b: str | None = None
    why: bool = Field(default=False, description="Also say which waves make them alike or different")


class CompareAllRequest(_Strict):
    """Several recordings, each to be compared with each."""

    files: list[Part] = Field(min_length=2, max_length=24)
    model: str = Field("ecg", description="Name of a model of the package, or a model folder below the root")


class ChangeRequest(_Strict):
    """Baselines of a person, and a recording of now."""

    baselines: list[Part] = Field(min_length=1, max_length=50)
    now: Part


class SearchRequest(_Strict):
    """What to find in an index."""

    query: Part | None = None
    person: str | None = Field(None, description="Ask with a person of the index instead")
    index: str | None = Field(None, description="Below the root; that of the service when left out")
    k: int = Field(10, ge=1, le=1000)
    level: Literal["beat", "stretch", "recording", "person"] = "recording"
    where: str | None = Field(None, max_length=2000, description="SQL condition on the recordings of the index")
    exclude_same: Literal["recording", "subject"] | None = None
    channel: str | None = None


class IdentifyRequest(_Strict):
    """Who it is among the people of an index."""

    query: Part
    index: str | None = None
    k: int = Field(5, ge=1, le=1000)
    fpir: float = Field(0.01, gt=0, lt=1, description="Share of strangers who may be taken for somebody of the index")


class CleanRequest(_Strict):
    """What to clean."""

    file: Part
    preset: str | None = Field(
        None, description="ecg, ecg_diagnostic, eeg, emg, eog, ppg or resp; by the names if none"
    )
    ending: Literal[".csv", ".edf", ".hea", ".parquet", ".npz"] = ".csv"


class JobRequest(_Strict):
    """Long work to be started. Paths lie below the root."""

    command: Literal["train", "evaluate", "audit", "index add"]
    source: str = Field(description="A table; of audit and index add also a folder")
    target: str = Field(
        "", description="What is written: a model folder, a page of findings, an index; of evaluate none"
    )
    same: Literal["subject", "label", "recording"] | None = None
    model: str | None = None
    epochs: int | None = Field(None, ge=1, le=10_000)
    seed: int | None = Field(None, ge=0, lt=2**32)
    people: Literal["folder"] | None = Field(None, description="Of audit: the folder that a file lies in is its person")
    protocol: str | None = Field(None, pattern="^[a-z_]+$")
    baselines: str | None = Field(None, pattern="^[a-z_0-9,]+$")


class Accepted(_Strict):
    """What somebody decided of a finding of an audit."""

    table: str
    row: int = Field(ge=0)
    decision: Literal["accepted", "rejected", "open"]


class Answer(BaseModel):
    """What the command line gives with --json."""

    answer: dict[str, Any]


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
