"""Reading and writing recordings: `read` and `write` choose the module of the format (`sigsimnet formats`)."""

from __future__ import annotations

from sigsimnet.io._archive import list_members
from sigsimnet.io._explain import explain
from sigsimnet.io._files import files_read
from sigsimnet.io._folder import find_recordings
from sigsimnet.io._inputs import FORMATS, Like, RecordingLike, as_recording, as_recordings, is_many, takes_recordings
from sigsimnet.io._read import read, read_by_rate
from sigsimnet.io._remote import fetched_if_table, find_remote, is_remote, state_of_remote
from sigsimnet.io._write import lost_in, write
from sigsimnet.io.formats._write_annotations import write_annotations

__all__ = [
    "FORMATS",
    "Like",
    "RecordingLike",
    "as_recording",
    "as_recordings",
    "explain",
    "fetched_if_table",
    "files_read",
    "find_recordings",
    "find_remote",
    "is_many",
    "is_remote",
    "list_members",
    "lost_in",
    "read",
    "read_by_rate",
    "state_of_remote",
    "takes_recordings",
    "write",
    "write_annotations",
]
