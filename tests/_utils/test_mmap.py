"""Memory of mapped files is given back only where nothing can be lost."""

from __future__ import annotations

import mmap

import numpy as np

from sigsimnet._utils.mmap import release_mmap_pages


def test_samples_stay_what_they_were(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.arange(5000.0))
    mapped = np.load(path, mmap_mode="r")
    for x in (mapped, mapped[100:], np.asarray(mapped), mapped.reshape(50, 100)[3], np.arange(5000.0)):
        before = x.copy()
        release_mmap_pages(x)
        np.testing.assert_array_equal(x, before)


def test_what_was_written_to_a_private_map_is_not_lost(tmp_path):
    path = tmp_path / "x.bin"
    np.arange(4096.0).tofile(path)
    private = np.memmap(path, dtype=np.float64, mode="c")
    private[:] = 7.0
    release_mmap_pages(private)
    assert (private == 7.0).all()
    with path.open("r+b") as file:
        other = np.ndarray(4096, dtype=np.float64, buffer=mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
        other[:] = 3.0
        other.flags.writeable = False
        release_mmap_pages(other)
        assert (other == 3.0).all()
