"""What a service is allowed to do."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Settings"]

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Settings:
    """Limits and places of a service.

    Attributes
    ----------
    root : Path
        Folder that files are served from; nothing else is read or written.
    work : Path
        Folder for uploads and for what is kept of opened recordings; it goes when the service ends.
    index : str
        An index to search; empty for none.
    host : str
    port : int
    token : str
        Without it nothing is answered.
    secure : bool
        Whether it speaks TLS.
    most_upload : int
        Bytes of a file that is uploaded.
    most_uploads : int
        Bytes of all uploads together.
    most_memory : int
        Bytes of address space that a computation may take; 0 for no limit.
    seconds : float
        That a computation may take.
    body_seconds : float
        That a piece of an upload may be waited for.

    Examples
    --------
    >>> Settings(Path("."), Path("/tmp/work")).origins
    ('http://127.0.0.1:8765', 'http://localhost:8765')
    """

    root: Path
    work: Path
    index: str = ""
    host: str = "127.0.0.1"
    port: int = 8765
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    secure: bool = False
    most_upload: int = 2000 * MEGABYTE
    most_uploads: int = 8000 * MEGABYTE
    most_memory: int = 12_000 * MEGABYTE
    seconds: float = 600.0
    body_seconds: float = 20.0

    @property
    def hosts(self) -> tuple[str, ...]:
        """Values of the header ``Host`` that are answered."""
        names = ["127.0.0.1", "localhost"] if self.host in ("127.0.0.1", "localhost") else [self.host]
        return tuple(f"[{name}]:{self.port}" if ":" in name else f"{name}:{self.port}" for name in names)

    @property
    def origins(self) -> tuple[str, ...]:
        """Values of the header ``Origin`` that may change something."""
        return tuple(f"{'https' if self.secure else 'http'}://{host}" for host in self.hosts)
