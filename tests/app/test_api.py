"""The interface: the answers of the command line, over HTTP."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sigsimnet import compare, read


def test_files_below_the_root(served):
    found = served.client.get("/api/v1/files").json()
    assert "people" in found["folders"]
    assert "archive.index" in found["indexes"]
    names = [one["name"] for one in found["recordings"]]
    assert {"evil.csv", "wfdb.hea"} <= set(names)
    assert not {"table.csv", "wfdb.dat"} & set(names)
    below = served.client.get("/api/v1/files", params={"path": "people"}).json()
    assert below["parent"] == ""
    assert below["recordings"][0]["path"] == "people/S01_1.csv"


def test_what_is_in_a_recording_and_its_samples(served):
    path = "people/S01_1.csv"
    recording = read(served.root / path)
    about = served.client.get("/api/v1/recording", params={"path": path}).json()
    assert about["sampling_rate"] == recording.sampling_rate
    assert about["n_samples"] == recording.n_samples
    assert about["source"] == path
    asked = {"path": path, "start": 2.0, "stop": 3.0, "format": "npy", "points": 1000}
    values = np.load(io.BytesIO(served.client.get("/api/v1/signal", params=asked).content))
    first = round(2.0 * recording.sampling_rate)
    expected = recording.data[:, first : first + values.shape[1]]
    step = about["channels"][0]["scale"]
    np.testing.assert_allclose(values, expected, atol=0.6 * step)
    whole = served.client.get("/api/v1/signal", params={"path": path, "points": 20, "format": "json"}).json()
    name = recording.channel_names[0]
    assert whole["header"]["kind"] == "range"
    assert max(whole["columns"][f"{name} greatest"]) == pytest.approx(float(recording.data.max()), abs=step)
    assert min(whole["columns"][f"{name} least"]) == pytest.approx(float(recording.data.min()), abs=step)
    packed = served.client.get("/api/v1/signal", params={"path": path}).content
    header = json.loads(packed[4 : 4 + int.from_bytes(packed[:4], "little")])
    assert len(packed) == 4 + int.from_bytes(packed[:4], "little") + header["n"] * 2 * (
        2 if header["kind"] == "range" else 1
    )
    pa = pytest.importorskip("pyarrow")
    arrow = served.client.get("/api/v1/signal", params={**asked, "format": "arrow"}).content
    table = pa.ipc.open_stream(arrow).read_all()
    np.testing.assert_allclose(table[name].to_numpy(), values[0])


def test_how_to_read_a_file_stands_behind_its_name(served):
    one = read(served.root / "people" / "S01_1.csv")
    np.save(served.root / "bare.npy", one.data[0])
    refused = served.client.get("/api/v1/recording", params={"path": "bare.npy"})
    assert refused.status_code == 422
    assert "?rate=" in refused.json()["detail"]
    assert "sampling_rate" not in refused.json()["detail"]
    name = f"bare.npy?rate={one.sampling_rate:g}&unit=mV"
    about = served.client.get("/api/v1/recording", params={"path": name}).json()
    assert (about["sampling_rate"], about["channels"][0]["unit"]) == (one.sampling_rate, "mV")
    half = served.client.get("/api/v1/recording", params={"path": "bare.npy?rate=125"}).json()
    assert half["sampling_rate"] == 125
    found = served.client.post("/api/v1/compare", json={"a": {"path": name}, "b": {"path": "people/S01_2.csv"}}).json()
    expected = compare((one.data[0], one.sampling_rate), read(served.root / "people" / "S01_2.csv"))
    assert found["answer"]["score"] == pytest.approx(expected.score, abs=1e-6)
    for wrong in ("bare.npy?rate=fast", "bare.npy?rate=250&x=1", "bare.npy?rate=-1"):
        assert served.client.get("/api/v1/recording", params={"path": wrong}).status_code == 422
    (served.root / "bare.npy").unlink()


def test_beats_and_quality(served):
    found = served.client.get("/api/v1/marks", params={"path": "people/S02_1.csv"}).json()
    assert 20 <= len(found["beats"]) <= 60
    assert found["channel"]


def test_an_answer_is_that_of_the_library(served):
    a, b = "people/S01_1.csv", "people/S01_2.csv"
    expected = compare(read(served.root / a), read(served.root / b))
    found = served.client.post("/api/v1/compare", json={"a": {"path": a}, "b": {"path": b}, "why": True}).json()[
        "answer"
    ]
    assert found["score"] == pytest.approx(expected.score, abs=1e-6)
    assert found["verdict"] == expected.verdict
    assert found["why"]["parts"]
    part = served.client.post(
        "/api/v1/compare", json={"a": {"path": a, "start": 3, "stop": 15}, "b": {"path": b}}
    ).json()
    assert 5 <= part["answer"]["n_segments_a"] < expected.to_dict()["n_segments_a"]
    assert part["answer"]["compared"]["a"] == {"path": a, "start": 3.0, "stop": 15.0}
    beyond = served.client.post("/api/v1/compare", json={"a": {"path": a, "start": 500}, "b": {"path": b}})
    assert beyond.status_code == 422
    assert a in beyond.json()["detail"]


def test_each_with_each(served):
    files = [{"path": "people/S01_1.csv", "start": 2, "stop": 12}, {"path": "people/S01_2.csv"}, {"path": "evil.csv"}]
    found = served.client.post("/api/v1/compare-all", json={"files": files}).json()["answer"]
    assert [(one["a"], one["b"]) for one in found["pairs"]] == [(0, 1), (0, 2), (1, 2)]
    first = compare(read(served.root / "people/S01_1.csv").crop(2, 12), read(served.root / "people/S01_2.csv"))
    assert found["pairs"][0]["score"] == pytest.approx(first.score, abs=1e-6)
    assert (found["pairs"][0]["verdict"], found["pairs"][0]["reason"]) == (first.verdict, first.reasons[0])
    assert served.client.post("/api/v1/compare-all", json={"files": files[:1]}).status_code == 422


def test_what_changed(served):
    pytest.importorskip("openecg", reason="pip install 'sigsimnet[delineate]'")
    a, b = "people/S01_1.csv", "people/S01_2.csv"
    now = served.client.post("/api/v1/change", json={"baselines": [{"path": a}], "now": {"path": b}})
    assert now.status_code == 200, now.text
    assert now.json()["answer"]["verdict"]


def test_search_and_who_it_is(served):
    asked = {"query": {"path": "people/S03_1.csv"}, "k": 3, "exclude_same": "recording"}
    found = served.client.post("/api/v1/search", json=asked).json()["answer"]
    assert found["hits"][0]["subject"] == "S03"
    assert found["n_filtered"] == 1
    assert found["hits"][0]["path"] == "people/S03_2.csv"
    person = served.client.post("/api/v1/search", json={"person": "S02", "level": "person", "k": 2}).json()["answer"]
    assert "S02" not in {hit["subject"] for hit in person["hits"]}
    who = served.client.post("/api/v1/identify", json={"query": {"path": "people/S03_1.csv"}}).json()["answer"]
    assert who["verdict"] == "cannot tell"  # four people are too few
    assert who["hits"][0]["path"] == "people/S03_1.csv + people/S03_2.csv"
    assert served.client.get("/api/v1/index").json()["answer"]["recordings"] == 8


def test_no_file_outside_the_root_is_drawn(served, tmp_path):
    from sigsimnet import Index, simulate
    from sigsimnet.io import write

    write(simulate(1, 1, duration=20, seed=9)[0], tmp_path / "outside.csv")
    Index(served.root / "outside.index").add(tmp_path / "outside.csv", progress=False)
    asked = {"path": "people/S01_1.csv", "index": "outside.index"}
    page = served.client.get("/report/search", params=asked)
    assert page.status_code == 200
    assert "its file lies outside the folder that is served" in page.text
    (served.root / "outside.index").unlink()


def test_upload_clean_and_download(served):
    body = (served.root / "people" / "S04_1.csv").read_bytes()
    sent = served.client.put("/api/v1/uploads/0123456789abcdef/mine.csv", content=body)
    assert sent.status_code == 201
    path = sent.json()["path"]
    assert path == "upload:0123456789abcdef/mine.csv"
    done = served.client.post("/api/v1/clean", json={"file": {"path": path}}).json()["answer"]
    assert done["done"]
    parts = served.client.post("/api/v1/clean", json={"file": {"path": path}, "ending": ".hea"}).json()["answer"]
    assert {"dat", "hea"} <= {name.rsplit(".", 1)[1] for name in parts["files"]}
    given = served.client.get("/api/v1/download", params={"path": done["path"]})
    assert given.status_code == 200
    assert "mine-clean.csv" in given.headers["content-disposition"]
    assert served.client.get("/api/v1/recording", params={"path": done["path"]}).status_code == 200
    assert served.client.get("/api/v1/download", params={"path": "people/S04_1.csv"}).status_code == 422


def test_faults_are_problem_details_with_the_sentence_of_the_command_line(served):
    for asked, status, said in (
        ({"path": "missing.csv"}, 404, "missing.csv: no such file"),
        ({"path": "table.csv"}, 422, "table.csv: "),
        ({"path": "people"}, 422, "people: is no plain file"),
    ):
        answer = served.client.get("/api/v1/recording", params=asked)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == status
        assert said in told["detail"]
        assert str(served.root) not in told["detail"]
    where = served.client.post("/api/v1/search", json={"query": {"path": "wfdb.hea"}, "where": "nonsense > 3"})
    assert where.status_code == 422
    assert "is no condition on a recording" in where.json()["detail"]
    body = served.client.post("/api/v1/search", json={"level": "heart"})
    assert body.status_code == 422
    assert "level" in body.json()["detail"]
    assert served.client.get("/api/v1/jobs/none").status_code == 404
    for content, kind, said in ((b"{", "application/json", "is no JSON"), (b"{}", "text/plain", "Content-Type")):
        answer = served.client.post("/api/v1/search", content=content, headers={"Content-Type": kind})
        assert (answer.status_code, said in answer.json()["detail"]) == (422, True)
    for numbers in ({"start": "nan"}, {"stop": "inf"}, {"stop": "nan"}, {"start": 1e9}, {"start": 5, "stop": 5},
                    {"channels": 99}, {"channels": -1}, {"points": 1}, {"format": "xml"}):  # fmt: skip
        answer = served.client.get("/api/v1/signal", params={"path": "wfdb.hea", **numbers})
        assert answer.status_code == 422, numbers
        assert answer.json()["detail"]


def test_the_interface_describes_itself(served):
    found = served.client.get("/api/v1/openapi.json").json()
    assert "/api/v1/compare" in found["paths"]
    assert "CompareRequest" in found["components"]["schemas"]


def test_many_at_once_none_lost_none_wrong(served):
    def one(k):
        path = f"people/S0{k % 4 + 1}_{k % 2 + 1}.csv"
        answer = served.client.get("/api/v1/recording", params={"path": path})
        return answer.status_code, answer.json()["source"] == path

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(one, range(200))) == {(200, True)}


def wait(served, job, *states):
    for _ in range(600):
        found = served.client.get(f"/api/v1/jobs/{job}").json()
        if found["state"] in states:
            return found
        time.sleep(0.2)
    raise AssertionError(found)


@pytest.mark.slow
def test_long_work_is_started_watched_stopped_and_gone_on_with(served):
    asked = {"command": "index add", "source": "people", "target": "new.index"}
    job = served.client.post("/api/v1/jobs", json=asked).json()
    assert job["line"] == "sigsimnet index add ./people --index ./new.index"
    done = wait(served, job["id"], "done", "failed", "stopped")
    assert done["state"] == "done", done
    assert done["progress"] == 1.0
    assert (served.root / "new.index").is_file()
    first = served.client.post("/api/v1/jobs", json={"command": "audit", "source": "people", "target": "found"}).json()
    waits = served.client.post("/api/v1/jobs", json={"command": "audit", "source": "people", "target": "other"}).json()
    stopped = served.client.post(f"/api/v1/jobs/{waits['id']}/stop").json()
    assert stopped["state"] in ("stopped", "runs")
    found = wait(served, first["id"], "done", "failed")
    assert found["state"] == "done", found
    table = "found.csv"
    page = served.client.get("/audit", params={"table": table})
    assert page.status_code == 200
    again = served.client.post(f"/api/v1/jobs/{waits['id']}/go-on")
    assert again.status_code == 200
    assert wait(served, waits["id"], "done", "failed")["state"] == "done"
    assert len(served.client.get("/api/v1/jobs").json()) >= 3


def test_a_service_that_was_killed_says_what_is_there(served_root, tmp_path):
    from sigsimnet.app import Settings
    from sigsimnet.app._jobs import Jobs

    folder = tmp_path / ".sigsimnet" / "jobs"
    folder.mkdir(parents=True)
    job = {
        "id": "a1b2",
        "command": "index add",
        "arguments": ["x"],
        "state": "runs",
        "began": 5.0,
        "ended": 0.0,
        "code": None,
    }
    (folder / "a1b2.json").write_text(json.dumps(job))
    said = "epoch 1 of 12: loss 0.900\nepoch 3 of 12: loss 0.500, held-out EER 4.5 %\n"
    (folder / "a1b2.log").write_text(said)
    (folder / "broken.json").write_text("{")
    jobs = Jobs(Settings(tmp_path, tmp_path))
    [shown] = jobs.listed()
    assert (shown["state"], shown["progress"]) == ("stopped", 0.25)
    assert shown["curve"] == [{"epoch": 1, "loss": 0.9, "eer": None}, {"epoch": 3, "loss": 0.5, "eer": 4.5}]
    assert jobs.again("a1b2").state in ("waits", "runs", "failed")
    jobs.close()


@pytest.mark.slow
def test_an_audit_writes_over_nothing(served):
    before = (served.root / "people" / "S01_1.csv").read_bytes()
    for asked in ({"source": "table.csv", "target": "people/S01_1"}, {"source": "people", "target": "table"}):
        job = served.client.post("/api/v1/jobs", json={"command": "audit", **asked}).json()
        assert wait(served, job["id"], "done", "failed")["state"] == "failed"
    assert (served.root / "people" / "S01_1.csv").read_bytes() == before
    assert (served.root / "table.csv").read_text().startswith("path,subject")


def test_models_are_listed_and_offered(served):
    from sigsimnet import load_model

    load_model("ecg").save(served.root / "ours")
    assert served.client.get("/api/v1/files").json()["models"] == ["ours"]
    asked = {"a": {"path": "people/S01_1.csv"}, "b": {"path": "people/S01_2.csv"}, "model": "ours"}
    assert served.client.post("/api/v1/compare", json=asked).status_code == 200
    assert '<option value="ours">' in served.client.get("/compare").text


@pytest.mark.needs_torch
@pytest.mark.slow
def test_long_work_ends_with_the_service_however_that_ends(served, tmp_path):
    command = [sys.executable, "-m", "sigsimnet.app._attached", "train", str(served.root / "table.csv")]
    command += ["-o", str(tmp_path / "model"), "--epochs", "5000", "--validation", "0"]
    log = tmp_path / "log"
    with log.open("wb") as file, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file, stderr=file) as process:
        for _ in range(600):
            if "epoch " in log.read_text() or process.poll() is not None:
                break
            time.sleep(0.1)
        assert process.poll() is None, log.read_text()
        process.stdin.close()  # as where the service is killed
        assert process.wait(30) == 130, log.read_text()
    assert "the same command goes on" in log.read_text()


def test_decisions_of_an_audit_are_kept(served):
    from sigsimnet.audits import COLUMNS

    table = served.root / "findings.csv"
    table.write_text(",".join(COLUMNS) + "\n0.9,copy,a.csv,anna,,b.csv,the same signal\n")
    asked = {"table": "findings.csv", "row": 0, "decision": "accepted"}
    assert served.client.post("/api/v1/audit/decisions", json=asked).status_code == 200
    assert "accepted" in served.client.get("/audit", params={"table": "findings.csv"}).text
    assert json.loads((served.root / "findings.csv.decisions.json").read_text())
    served.client.post("/api/v1/audit/decisions", json={**asked, "decision": "open"})
    assert json.loads((served.root / "findings.csv.decisions.json").read_text()) == {}
    assert served.client.post("/api/v1/audit/decisions", json={**asked, "row": 7}).status_code == 422
    assert served.client.post("/api/v1/audit/decisions", json={**asked, "table": "table.csv"}).status_code == 422
