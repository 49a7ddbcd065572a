"""What a header claims against what the file holds, before anything is allocated."""

from __future__ import annotations

from sigsimnet.errors import ReadError

__all__ = ["check_declared_size"]


def check_declared_size(source: str, claimed: int, held: int, what: str = "samples") -> str | None:
    """Compare the length in a header with the length of the file.

    A file that holds at least half of what its header claims was most likely truncated at the end: what is there is
    read, with the warning returned here. Less than half means that the header is wrong: nobody knows what the bytes
    are, and the file is refused.

    Parameters
    ----------
    source : str
        File, for the message.
    claimed, held : int
        Number of ``what`` in the header and in the file.
    what : str
        What is counted.

    Returns
    -------
    str or None
        A warning when the file is short.

    Raises
    ------
    ReadError
        If the file holds less than half of what the header claims.

    Examples
    --------
    >>> check_declared_size("a.dat", 1000, 900)
    'a.dat: the header says 1,000 samples but the file holds 900: the end is missing and was left out'
    """
    if held >= claimed:
        return None
    if held * 2 < claimed or held < 1:
        raise ReadError(
            f"{source}: the header claims {claimed:,} {what} but the file holds {held:,}; "
            "the header is wrong or most of the file is missing"
        )
    return (
        f"{source}: the header says {claimed:,} {what} but the file holds {held:,}: the end is missing and was left out"
    )
