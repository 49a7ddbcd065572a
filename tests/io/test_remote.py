"""Recordings far away: the same as beside us, and one sentence where they are out of reach."""

from __future__ import annotations

import os

import pytest

fsspec = pytest.importorskip("fsspec", reason="pip install 'sigsimnet[engines]'")

from sigsimnet import read, simulate
from sigsimnet.datasets import entries_in
from sigsimnet.errors import ReadError
from sigsimnet.io import find_remote, state_of_remote, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a WFDB record, a table of text in a folder below, and a manifest."""
    made = tmp_path_factory.mktemp("recordings")
    one, two = simulate(2, 1, duration=12, seed=2)
    write(one, made / "a.hea")
    (made / "below").mkdir()
    write(two, made / "below" / "b.csv")
    (made / "table.csv").write_text("path,subject\na.hea,anna\nbelow/b.csv,bo\n")
    (made / "notes.pages").write_text("no signal")
    return made


@pytest.fixture(scope="module")
def s3():
    """Return the options of a server that speaks S3."""
    pytest.importorskip("s3fs", reason="no S3 to test with: pip install '.[dev]'")
    server = pytest.importorskip("moto.server", reason="no S3 to test with: pip install '.[dev]'")
    made = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    made.start()
    host, port = made.get_host_and_port()
    kept = {name: os.environ.get(name) for name in
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION")}  # fmt: skip
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    yield "s3://archive"
    for name, value in kept.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    made.stop()


@pytest.fixture(params=["memory", "s3"])
def far(request, folder):
    """Return the URL of the same folder, far away."""
    url = "memory://archive" if request.param == "memory" else request.getfixturevalue("s3")
    files, root = fsspec.core.url_to_fs(url)
    if request.param == "s3":
        files.invalidate_cache()
        if not files.exists(root):
            files.mkdir(root)
    for path in folder.rglob("*"):
        if path.is_file():
            files.pipe_file(f"{root}/{path.relative_to(folder).as_posix()}", path.read_bytes())
    return url


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_lies_far_away_is_read_as_what_lies_here(far, folder):
    found = find_remote(far)
    assert [name.rpartition("archive/")[2] for name in found] == ["a.hea", "table.csv", "below/b.csv"]
    for url, path in ((found[0], folder / "a.hea"), (found[2], folder / "below" / "b.csv")):
        one, other = read(url), read(path)
        assert one.data.tobytes() == other.data.tobytes()
        assert one.source == url
        assert [note.replace(url, str(path)) for note in one.warnings] == list(other.warnings)
    entries = entries_in(f"{far}/table.csv")
    assert [one.subject for one in entries] == ["anna", "bo"]
    assert entries[1].path.endswith("archive/below/b.csv")
    assert entries[0].read().metadata["subject"] == "anna"
    assert len(entries_in(f"{far}/**/*.csv")) >= 1
    assert state_of_remote(found[0])
    with pytest.raises(ReadError, match=r"missing\.edf: no such file"):
        read(f"{far}/missing.edf")
    with pytest.raises(ReadError, match="no recordings there"):
        entries_in(f"{far}/empty")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_index_of_what_lies_far_away(far, folder, tmp_path):
    pytest.importorskip("duckdb", reason="an index needs DuckDB: pip install 'sigsimnet[search]'")
    from sigsimnet import Index

    index = Index(tmp_path / "a.index")
    assert index.add(f"{far}/table.csv", progress=False).n_new == 2
    assert index.add(f"{far}/table.csv", progress=False).n_unchanged == 2
    hit = index.search(folder / "a.hea", k=1).hits[0]
    assert (hit.subject, hit.path.rpartition("/")[2]) == ("anna", "a.hea")
    assert hit.score == pytest.approx(1.0, abs=1e-4)
    files, root = fsspec.core.url_to_fs(far)
    files.pipe_file(f"{root}/below/b.csv", (folder / "below" / "b.csv").read_bytes() + b"\n")
    assert index.add(f"{far}/table.csv", progress=False).n_changed == 1
    files.mv(f"{root}/a.hea", f"{root}/moved.hea")
    header = files.cat_file(f"{root}/moved.hea").decode().replace("a 1", "moved 1", 1)
    files.pipe_file(f"{root}/moved.hea", header.encode())
    assert index.add([f"{far}/moved.hea"], progress=False).n_new == 1  # its header is another one now


def test_a_place_that_is_not_known():
    with pytest.raises(ReadError, match="cannot be reached"):
        read("nowhere://bucket/a.edf")
