"""No command writes over what it reads or over what it did not make; names say the format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sigsimnet import simulate
from sigsimnet.io import read, write
from sigsimnet.recording import Annotation


@pytest.fixture
def record(tmp_path, monkeypatch):
    """A WFDB record ``a`` with annotations in the current folder."""
    one = simulate(1, 1, duration=12, seed=3)[0]
    write(one.replace(annotations=[Annotation(9, "N")]), tmp_path / "a.hea")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("a.hea", "a.dat"),
        ("a.dat", "a.hea"),
        ("a", "a.hea"),
        ("a", "a.dat"),
        ("a", "sub/../a.dat"),
        ("a", "link.hea"),
        ("a", "linked/a.hea"),
        ("linked/a.hea", "a.dat"),
        ("copy.zip/a", "copy.zip"),
    ],
)
def test_a_record_that_is_read_is_never_written_over(run_cli, record, source, target, force):
    import zipfile

    (record / "sub").mkdir()
    (record / "link.hea").symlink_to("a.hea")
    (record / "linked").symlink_to(".")
    with zipfile.ZipFile(record / "copy.zip", "w") as archive:
        for name in ("a.hea", "a.dat"):
            archive.write(name)
    before = contents(record)
    ran = run_cli("clean", source, "-o", target, *force)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert contents(record) == before


def test_annotations_of_the_record_that_is_read_stay(run_cli, record):
    before = contents(record)
    for more in ([], ["--force"]):
        assert "belongs to the input" in run_cli("peaks", "a", "-o", "a.atr", *more).err
    assert contents(record) == before


def test_hard_links_lead_to_the_input_too(run_cli, record):
    os.link("a.hea", "b.hea")
    os.link("a.dat", "b.dat")
    before = contents(record)
    assert run_cli("clean", "a", "-o", "b.hea", "--force").code == 2
    assert contents(record) == before


def test_signals_of_another_record_stay(run_cli, record):
    """A header may name the signals of another record as its own."""
    text = (record / "a.hea").read_text()
    (record / "other.hea").write_text(text.replace("a.dat", "c.dat"))
    (record / "c.dat").write_bytes((record / "a.dat").read_bytes())
    before = contents(record)
    for more in ([], ["--force"]):
        ran = run_cli("clean", "a", "-o", "c.hea", *more)
        assert ran.code == 2
        assert "other.hea" in ran.err
    assert contents(record) == before


@pytest.mark.parametrize(
    ("command", "target"),
    [
        (("clean", "a"), "x.csv"),
        (("clean", "a"), "x.hea"),
        (("clean", "a"), "x.npz"),
        (("plot", "a"), "x.png"),
        (("plot", "a"), "x.svg"),
        (("plot", "a"), "x.pdf"),
        (("compare", "a", "a"), "x.html"),
        (("profile", "a"), "x.html"),
    ],
)
def test_what_is_there_needs_force_but_for_what_the_command_made(run_cli, record, command, target):
    (record / target).write_text("somebody's")
    ran = run_cli(*command, "-o", target)
    assert ran.code == 2
    assert "--force" in ran.err
    assert (record / target).read_text() == "somebody's"
    first = run_cli(*command, "-o", target, "--force")
    assert first.code == 0, first.err
    assert run_cli(*command, "-o", target).code == 0
    (record / target).write_text("somebody's again")
    assert run_cli(*command, "-o", target).code == 2
    assert (record / target).read_text() == "somebody's again"


@pytest.mark.parametrize(
    ("command", "target", "before", "after"),
    [
        (("plot", "a"), "x.svg", b"#", b"# "),
        (("compare", "a", "a"), "x.html", b"<h1", b"<h1 class='mine'"),
        (("plot", "a"), "x.pdf", b"/Creator", b"/Mine 1 /Creator"),
        (("clean", "a"), "x.csv", b"0.004", b"0.0040"),
    ],
)
def test_what_was_edited_by_hand_needs_force(run_cli, record, command, target, before, after):
    assert run_cli(*command, "-o", target).code == 0
    assert run_cli(*command, "-o", target).code == 0
    edited = (record / target).read_bytes().replace(before, after, 1)
    assert edited != (record / target).read_bytes()
    (record / target).write_bytes(edited)
    assert run_cli(*command, "-o", target).code == 2
    assert (record / target).read_bytes() == edited


def test_tables_carry_no_mark_and_need_force(run_cli, record):
    assert run_cli("peaks", "a", "-o", "x.csv").code == 0
    assert run_cli("peaks", "a", "-o", "x.csv").code == 2
    assert run_cli("peaks", "a", "-o", "x.csv", "--force").code == 0


def test_a_sealed_picture_is_a_picture(run_cli, record):
    from matplotlib.image import imread

    from sigsimnet._utils.producer import sealed_by

    assert run_cli("plot", "a", "-o", "x.png").code == 0
    assert imread(record / "x.png").ndim == 3
    assert sealed_by(record / "x.png") == "plot"


@pytest.mark.parametrize("name", ["x.edf.gz", "x.npz.gz", "x.parquet.gz", "x.gz", "x.hea.gz"])
def test_only_text_is_packed(run_cli, record, name):
    ran = run_cli("clean", "a", "-o", name)
    assert ran.code == 2
    assert not (record / name).exists()


def test_two_outputs_are_two_files(run_cli, record):
    (record / "sub").mkdir()
    ran = run_cli("evaluate", "ecg", "m.csv", "--plot", "x.png", "--map", "sub/../x.png")
    assert ran.code == 2
    assert "two files" in ran.err


def test_a_folder_called_like_a_header_is_in_nobody_s_way(run_cli, record):
    (record / "fold.hea").mkdir()
    for _ in range(2):
        assert run_cli("clean", "a", "-o", "b.hea").code == 0


def test_links_go_on_leading_where_they_led(run_cli, record):
    (record / "sub").mkdir()
    (record / "sub" / "real.csv").write_text("old")
    (record / "link.csv").symlink_to("sub/real.csv")
    assert run_cli("clean", "a", "-o", "link.csv").code == 2
    assert run_cli("clean", "a", "-o", "link.csv", "--force").code == 0
    assert (record / "link.csv").is_symlink()
    assert read("sub/real.csv").n_channels == 1


def test_what_another_command_made_needs_force(run_cli, record):
    assert run_cli("plot", "a", "-o", "p.png").code == 0
    assert run_cli("peaks", "a", "--plot", "p.png").code == 2
    assert run_cli("clean", "a", "-o", "x.csv").code == 0
    assert run_cli("peaks", "a", "-o", "x.csv").code == 2


def test_a_cleaned_file_that_was_changed_since_needs_force(run_cli, record):
    assert run_cli("clean", "a", "-o", "x.csv").code == 0
    log = json.loads((record / "x.csv.log.json").read_text())
    assert list(log["files"]) == ["x.csv"]
    with (record / "x.csv").open("a") as file:
        file.write("\n")
    assert run_cli("clean", "a", "-o", "x.csv").code == 2


@pytest.mark.parametrize(
    ("command", "target"),
    [
        (("compare", "a", "a"), "x.pdf"),
        (("compare", "a", "a"), "x"),
        (("profile", "a"), "x.pdf"),
        (("plot", "a"), "x.csv"),
        (("plot", "a"), "x"),
        (("peaks", "a"), "x.html"),
        (("clean", "a"), "x.html"),
        (("export", "ecg"), "x.pb"),
        (("demo",), "x.html"),
    ],
)
def test_the_name_says_the_format(run_cli, record, command, target):
    before = contents(record)
    ran = run_cli(*command, "-o", target)
    assert ran.code == 2
    assert "name it" in ran.err
    assert contents(record) == before
    assert not Path(target).exists()


def test_python_does_not_write_over_what_was_read_either(record):
    from sigsimnet.errors import WriteError

    one = read("a")
    before = contents(record)
    for target in ("a.hea", "a.dat", Path("a.hea").absolute()):
        with pytest.raises(WriteError, match="was read from"):
            write(one, target)
    assert contents(record) == before
    write(one, "b.hea")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", [("info", "a"), ("info", "a", "--json"), ("peaks", "a"), ("--help",)])
def test_a_full_disk_behind_standard_output(record, command):
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "sigsimnet", *command], check=False, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert ran.returncode == 2
    assert ran.stderr == "sigsimnet: standard output: cannot be written or read (No space left on device)\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_output_that_is_not_utf_8(record, encoding):
    """A redirect on Windows has the encoding of the country."""
    one = read("a").replace(channel_names=["Ableitung Ω é"])
    write(one, "b.csv")
    for command in (("clean", "b.csv", "-o", f"{encoding}.csv", "--preset", "ecg"), ("info", "b.csv", "--json")):
        ran = subprocess.run(
            [sys.executable, "-m", "sigsimnet", *command],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        )
        assert ran.returncode == 0, ran.stderr
        assert b"Traceback" not in ran.stderr
    assert json.loads(ran.stdout.decode(encoding))["channels"][0]["name"] == "Ableitung Ω é"


@pytest.mark.parametrize("target", ["", " ", "sub/", "a.csv/"])
def test_an_output_without_a_name(run_cli, record, target):
    before = contents(record)
    ran = run_cli("clean", "a", "-o", target)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert contents(record) == before


def test_annotations_of_a_segment_belong_to_the_record(run_cli, record):
    (record / "all.hea").write_text("all/2 1 250 6000\na 3000\na 3000\n")
    before = contents(record)
    ran = run_cli("peaks", "all", "-o", "a.atr", "--force")
    assert ran.code == 2
    assert contents(record) == before


def test_standard_output_that_is_closed(record):
    ran = subprocess.run(
        ["/bin/sh", "-c", f'exec "{sys.executable}" -m sigsimnet peaks a -o beats.csv >&-'],
        check=False, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 0
    assert (record / "beats.csv").is_file()
