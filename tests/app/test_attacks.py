"""What is refused: foreign hosts and origins, no token, ways out of the root, too much, too slow, too large."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import zipfile

import pytest

httpx = pytest.importorskip("httpx", reason="pip install 'sigsimnet[app]' httpx")
pytest.importorskip("fastapi", reason="pip install 'sigsimnet[app]'")

from sigsimnet.app import Settings, serve
from sigsimnet.app._paths import allowed
from sigsimnet.app._worker import Refused, Worker
from sigsimnet.errors import ParameterError, ReadError, SigSimNetError

PAGES = ("/", "/look", "/compare", "/change", "/search", "/profile", "/clean", "/audit", "/work", "/api/v1/files",
         "/api/v1/openapi.json", "/report/compare?a=wfdb.hea&b=wfdb.hea")  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_nothing_without_the_token(served, page):
    for headers in ({}, {"Authorization": "Bearer old"}, {"Cookie": "sigsimnet=old"}, {"Cookie": "sigsimnet"}):
        answer = httpx.get(served.base + page, headers=headers)
        assert answer.status_code == 401
        assert "people" not in answer.text


def test_the_token_becomes_a_cookie_that_scripts_and_other_pages_cannot_use(served):
    answer = httpx.get(served.address)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    with httpx.Client(base_url=served.base) as client:
        assert client.get("/", params={"token": served.settings.token}, follow_redirects=True).status_code == 200
        assert client.get("/look").status_code == 200
    odd = httpx.get(f"{served.base}//evil.example/?token={served.settings.token}")
    assert odd.headers["location"].startswith("/evil.example")
    split = httpx.get(f"{served.base}/%0d%0aSet-Cookie:%20a=b?token={served.settings.token}")
    assert split.headers["location"].startswith("/%0D%0ASet-Cookie")


def test_foreign_hosts_and_origins(served):
    for host in ("evil.example", "127.0.0.1", f"evil.example:{served.settings.port}", "127.0.0.1:1"):
        assert served.client.get("/", headers={"Host": host}).status_code == 400
    cookie = {"Cookie": f"sigsimnet={served.settings.token}"}
    asked = {"a": {"path": "wfdb.hea"}, "b": {"path": "wfdb.hea"}}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        answer = httpx.post(f"{served.base}/api/v1/compare", json=asked, headers={**cookie, **headers})
        assert answer.status_code == 403
    good = httpx.post(
        f"{served.base}/api/v1/compare", json=asked, headers={**cookie, "Origin": served.base}, timeout=60
    )
    assert good.status_code == 200
    foreign = served.client.get("/", headers={"Origin": "https://evil.example"})
    assert not [name for name in foreign.headers if name.startswith("access-control")]


def test_what_a_browser_may_do(served):
    page = served.client.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    report = served.client.get("/report/compare", params={"a": "wfdb.hea", "b": "people/S01_2.csv"})
    assert report.status_code == 200
    assert "sandbox allow-scripts" in report.headers["content-security-policy"]
    assert "default-src 'none'" in report.headers["content-security-policy"]


@pytest.mark.parametrize(
    "name",
    [
        *("../etc/passwd", "/etc/passwd", "people/../../x", "..", "people/..", "link.csv", "linked/a.csv", "a\0b"),
        *("upload:../x/y", "upload:zz/y", "C:\\x", "fifo"),
    ],
)
def test_there_is_no_way_out_of_the_root(served, name, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "a.csv").write_text("ECG (mV)\n0.1\n0.2\n")
    for link, target in (("link.csv", outside / "a.csv"), ("linked", outside)):
        if not (served.root / link).is_symlink():
            (served.root / link).symlink_to(target)
    if not (served.root / "fifo").exists():
        os.mkfifo(served.root / "fifo")
    answer = served.client.get("/api/v1/recording", params={"path": name})
    assert answer.status_code in (404, 422)
    assert "no such file" in answer.text or "is no" in answer.text or "link" in answer.text
    with pytest.raises(ReadError):
        allowed(served.settings, name)
    assert not [one for one in served.client.get("/api/v1/files").json()["folders"] if "link" in one]


def test_devices_are_no_files(tmp_path):
    with pytest.raises(ReadError, match="is no plain file"):
        allowed(Settings(tmp_path.root and type(tmp_path)("/dev"), tmp_path), "null")


@pytest.mark.parametrize("target", ["../x", "/tmp/x", ".hidden", "-o", "people/../../x", "no/such/x", "", "a:b"])
def test_long_work_writes_below_the_root_alone(served, target):
    asked = {"command": "index add", "source": "people", "target": target}
    assert served.client.post("/api/v1/jobs", json=asked).status_code in (404, 422)
    bad = {"command": "demo", "source": "people", "target": "x"}
    assert served.client.post("/api/v1/jobs", json=bad).status_code == 422
    options = {"command": "evaluate", "source": "table.csv", "protocol": "--help"}
    assert served.client.post("/api/v1/jobs", json=options).status_code == 422


def test_a_table_does_not_lead_out_of_the_root(served, tmp_path):
    (tmp_path / "secret.csv").write_text("ECG (mV)\n0.1\n0.2\n")
    for path in (str(tmp_path / "secret.csv"), "../secret.csv", "s3://bucket/secret.csv"):
        (served.root / "out.csv").write_text(f"path,subject\n{path},anna\n")
        asked = {"command": "index add", "source": "out.csv", "target": "out.index"}
        answer = served.client.post("/api/v1/jobs", json=asked)
        assert answer.status_code == 422
        assert "outside the folder that is served" in answer.json()["detail"]
    served.client.put("/api/v1/uploads/0011223344556677/t.csv", content=b"path\na.csv\n")
    asked = {"command": "index add", "source": "upload:0011223344556677/t.csv", "target": "out.index"}
    assert served.client.post("/api/v1/jobs", json=asked).status_code == 422
    (served.root / "out.csv").unlink()


def test_uploads_that_are_too_large_too_slow_or_badly_named(served):
    url = "/api/v1/uploads/00112233445566/big.csv"
    assert served.client.put(url, content=b"0" * 500_000).status_code == 413

    def pieces():
        for _ in range(60):
            yield b"0" * 10_000

    assert served.client.put(url, content=pieces()).status_code == 413  # no length was said
    for name in ("..", ".hidden", "a%2Fb", "a%5Cb"):
        assert served.client.put(f"/api/v1/uploads/00112233445566/{name}", content=b"x").status_code in (
            400,
            404,
            405,
            422,
        )
    assert served.client.put("/api/v1/uploads/nothex/a.csv", content=b"x").status_code == 422
    with socket.create_connection(("127.0.0.1", served.settings.port)) as line:
        head = f"PUT {url} HTTP/1.1\r\nHost: 127.0.0.1:{served.settings.port}\r\nContent-Length: 1000\r\n"
        line.sendall(f"{head}Authorization: Bearer {served.settings.token}\r\n\r\nab".encode())
        line.settimeout(10)
        assert b"408" in line.recv(200)
    assert not list((served.settings.work / "uploads" / "00112233445566").iterdir())


def test_uploads_are_limited_together(served_root, tmp_path):
    import asyncio

    import httpx

    from sigsimnet.app import Settings, make_app

    settings = Settings(served_root, tmp_path, most_upload=1000, most_uploads=1500)
    headers = {"Authorization": f"Bearer {settings.token}", "Host": "127.0.0.1:8765"}

    async def run():
        line = httpx.ASGITransport(make_app(settings))
        async with httpx.AsyncClient(transport=line, base_url=settings.origins[0], headers=headers) as client:
            return [await client.put(f"/api/v1/uploads/0011223344/{name}.csv", content=b"0" * 900) for name in "ab"]

    answers = asyncio.run(run())
    assert [one.status_code for one in answers] == [201, 413]
    assert "together" in answers[1].json()["detail"]
    assert [one.name for one in (tmp_path / "uploads" / "0011223344").iterdir()] == ["a.csv"]


def test_a_zip_bomb(served, tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.csv", b"ECG (mV)\n" + b"0.1\n" * 50_000_000)
    sent = served.client.put("/api/v1/uploads/aabbccddeeff00/bomb.zip", content=bomb.read_bytes())
    assert sent.status_code == 201
    answer = served.client.get("/api/v1/recording", params={"path": sent.json()["path"]})
    assert answer.status_code == 422


def test_names_from_files_never_become_markup(served):
    page = served.client.get("/look", params={"path": "evil.csv"})
    assert page.status_code == 200
    assert "<img src=x" not in page.text
    report = served.client.get("/report/profile", params={"path": "evil.csv"})
    assert report.status_code == 200
    assert "<img src=x onerror" not in report.text
    odd = served.client.get("/look", params={"path": "<script>alert(1)</script>"})
    assert odd.status_code in (404, 422)
    assert "<script>alert" not in odd.text
    assert "<script>alert" not in served.client.get("/compare", params={"a": '"><script>alert(1)</script>'}).text


def test_sql_in_a_filter_reaches_nothing(served):
    for where in ("path in (select content from read_text('/etc/hostname'))", "true); drop table beat; --"):
        asked = {"query": {"path": "wfdb.hea"}, "where": where}
        assert served.client.post("/api/v1/search", json=asked).status_code == 422
    assert served.client.get("/api/v1/index").json()["answer"]["recordings"] == 8


@pytest.mark.slow
def test_a_computation_has_limits_and_the_next_one_works(tmp_path, served_root):
    import asyncio

    async def run():
        slow = Worker(Settings(served_root, tmp_path, seconds=0.05))
        with pytest.raises(Refused, match=r"more than 0\.05 s"):
            await slow.call("open", {"path": str(served_root / "wfdb.hea"), "name": "wfdb.hea"})
        slow.close()
        small = Worker(Settings(served_root, tmp_path, seconds=60.0, most_memory=60_000_000))
        with pytest.raises(Refused):
            await small.call("open", {"path": str(served_root / "wfdb.hea"), "name": "wfdb.hea"})
        small.close()
        good = Worker(Settings(served_root, tmp_path, seconds=60.0))
        with pytest.raises(Refused, match="no such file"):
            await good.call("open", {"path": str(served_root / "none.csv"), "name": "none.csv"})
        assert (await good.call("open", {"path": str(served_root / "wfdb.hea"), "name": "wfdb.hea"}))["n_samples"]
        good.close()

    asyncio.run(run())


def test_others_cannot_listen_unless_it_is_said(tmp_path):
    with pytest.raises(ParameterError, match=r"--host 0\.0\.0\.0: others on the network could listen"):
        serve(tmp_path, host="0.0.0.0")
    with pytest.raises(ParameterError, match="no such folder"):
        serve(tmp_path / "none")
    with pytest.raises(ParameterError, match="no such index"):
        serve(tmp_path, index=str(tmp_path / "none.index"))
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        line.listen()
        with pytest.raises(ParameterError, match="is taken"):
            serve(tmp_path, port=line.getsockname()[1])


def test_what_serve_needs_is_looked_at_before_it_says_that_it_serves(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("path\nx.csv\n")
    with pytest.raises(SigSimNetError, match=r"a\.csv"):
        serve(tmp_path, index=str(tmp_path / "a.csv"))
    with pytest.raises(ParameterError, match="a certificate needs its key"):
        serve(tmp_path, certificate="a.pem")
    with pytest.raises(ParameterError, match=r"--certificate a\.pem: cannot be used"):
        serve(tmp_path, certificate="a.pem", key="b.pem")
    (tmp_path / "a.pem").write_text("nothing")
    with pytest.raises(ParameterError, match="cannot be used"):
        serve(tmp_path, certificate=str(tmp_path / "a.pem"), key=str(tmp_path / "a.pem"))
    assert capsys.readouterr().out == ""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_stays_behind(tmp_path, number):
    (tmp_path / "tmp").mkdir()
    command = [sys.executable, "-m", "sigsimnet", "serve", "--root", str(tmp_path), "--port", "0"]
    around = os.environ | {"TMPDIR": str(tmp_path / "tmp")}

    def begun(**more):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=around, text=True, **more)
        for line in process.stdout:
            if line.startswith("Ctrl-C"):
                break
        time.sleep(1.0)
        return process

    first = begun()
    [folder] = (tmp_path / "tmp").glob("sigsimnet-serve-*")
    first.send_signal(number)
    first.wait(30)
    first.stdout.close()
    assert folder.exists() == (number == signal.SIGKILL)
    if number == signal.SIGKILL:  # the next one sweeps up
        second = begun()
        assert not folder.exists()
        second.send_signal(signal.SIGTERM)
        second.wait(30)
        second.stdout.close()
    assert not list((tmp_path / "tmp").glob("sigsimnet-serve-*"))


@pytest.mark.slow
def test_files_of_one_name_that_come_at_once_do_not_mix(served):
    from concurrent.futures import ThreadPoolExecutor

    url = "/api/v1/uploads/aabbccddeeff0011/mix.csv"

    def pieces(sign):
        for _ in range(30):
            yield sign * 10_000
            time.sleep(0.01)

    def send(sign):
        return httpx.put(served.base + url, content=pieces(sign), headers=dict(served.client.headers)).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, [b"a", b"b", b"c", b"d"])) == {201}
    whole = (served.settings.work / "uploads" / "aabbccddeeff0011" / "mix.csv").read_bytes()
    assert len(whole) == 300_000
    assert len(set(whole)) == 1


def test_the_token_is_not_shown_by_accident(served):
    assert served.settings.token not in repr(served.settings)
