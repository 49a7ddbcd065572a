"""Optional libraries: what is missing is said with the line to type."""

from __future__ import annotations

from importlib.util import find_spec

from sigsimnet.errors import MissingExtraError

__all__ = ["require_torch"]


def require_torch(what: str) -> None:
    """Raise with the line to type where PyTorch is not installed; call it before importing a room that needs it.

    Raises
    ------
    MissingExtraError
        Naming what needs it.

    Examples
    --------
    >>> from sigsimnet.errors import MissingExtraError
    >>> try:
    ...     require_torch("training")
    ... except MissingExtraError as error:
    ...     assert "pip install 'sigsimnet[train]'" in str(error)
    """
    try:
        found = find_spec("torch") is not None
    except (ImportError, ValueError):  # a finder that forbids it; a module put into sys.modules by hand
        found = False
    if not found:
        raise MissingExtraError(what, "train")
