"""What the service takes: a day of twelve leads to move about in, start, memory, many requests, many comparisons.

    python benchmarks/service/run.py            # writes service.csv; needs 3 GB of disk and 4 GB of memory

The day is made up: ten minutes of a simulated ECG again and again with noise, 12 leads at 250 Hz, as WFDB.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np

from sigsimnet import Recording, simulate
from sigsimnet._utils.files import write_whole
from sigsimnet.io import write

HERE = Path(__file__).parent
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def day(folder: Path, hours: float) -> Path:
    ten = simulate(1, 1, duration=600, sampling_rate=250, seed=1)[0].data[0]
    n = int(hours * 3600 * 250)
    rng = np.random.default_rng(0)
    data = np.empty((12, n), np.float32)
    for k in range(12):
        data[k] = np.resize(np.roll(ten, 37 * k) * (0.4 + 0.1 * k), n)
        data[k] += 0.02 * rng.standard_normal(n, np.float32)
    path = folder / "day.hea"
    write(Recording(data, 250.0, channel_names=LEADS, units=["mV"] * 12), path)
    return path


def memory(process: int) -> tuple[int, int]:
    """Return resident MB of a process and of its children, and the most that they have had."""
    now = most = 0
    children = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False).stdout.split()
    for one in [str(process), *children]:
        try:
            text = Path(f"/proc/{one}/status").read_text()
        except OSError:
            continue
        now += int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) // 1024
        most += int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) // 1024
    return now, most


def draw(address: str, base: str, length: float) -> list[tuple[str, float]]:
    """Return how long fetching and drawing takes in Chromium, in ms: from the request to the next frame."""
    import shutil

    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--window-size=1600,1200",
    ):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    browser.set_script_timeout(120)
    found = []
    try:
        browser.get(address)
        browser.get(f"{base}/look?path=day.hea&start=0&stop=10")
        time.sleep(30)  # beats and quality of a day are looked for meanwhile
        watch = """
            const [from, to, done] = arguments, box = document.getElementById("plots");
            const drawn = Number(box.dataset.drawn);
            history.pushState(null, "", `?path=day.hea&start=${from}&stop=${to}`);
            const began = performance.now(); dispatchEvent(new PopStateEvent("popstate"));
            (function look() {
              if (Number(box.dataset.drawn) === drawn) { setTimeout(look, 1); return; }
              requestAnimationFrame(() => done(performance.now() - began));
            })();
        """
        for what, span in (("a day", length), ("an hour", 3600.0), ("ten seconds", 10.0)):
            times = []
            for k in range(15):
                start = min(k * 1013.0, max(length - span, 0.0))
                times.append(float(browser.execute_async_script(watch, start, start + span)))
            found.append((f"{what} of 12 leads: fetch and draw, median", float(np.median(times))))
    finally:
        browser.quit()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--compares", type=int, default=1000)
    parser.add_argument("-o", "--output", type=Path, default=HERE / "service.csv")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []

    def told(what: str, value: float, unit: str) -> None:
        rows.append({"what": what, "value": round(value, 2), "unit": unit})
        print(f"{what}: {value:.2f} {unit}", flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        day(folder, options.hours)
        for one in simulate(2, 2, duration=20, seed=3):
            write(one, folder / f"{one.metadata['subject']}_{one.metadata['session']}.csv")
        began = time.monotonic()
        server = subprocess.Popen(
            [sys.executable, "-m", "sigsimnet", "serve", "--root", name, "--port", "0"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        lines = [server.stdout.readline() for _ in range(3)]
        address = next(line.split()[1] for line in lines if line.startswith("open"))
        base, _, token = address.partition("/?token=")
        with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=600) as client:
            while True:
                try:
                    client.get("/")
                    break
                except httpx.ConnectError:
                    time.sleep(0.02)
            told("from the command to the first page", time.monotonic() - began, "s")
            began = time.monotonic()
            answer = client.get("/api/v1/recording", params={"path": "day.hea"})
            assert answer.status_code == 200, answer.text
            told("opening a day of 12 leads", time.monotonic() - began, "s")
            now, most = memory(server.pid)
            told("memory with a day open", now, "MB")
            told("most memory while it was opened", most, "MB")
            rng = np.random.default_rng(0)
            length = options.hours * 3600
            for what, span in (("a day", length), ("an hour", 3600.0), ("ten minutes", 600.0), ("ten seconds", 10.0)):
                times, sizes = [], []
                for _ in range(30):
                    start = float(rng.uniform(0, max(length - span, 0)))
                    at = time.perf_counter()
                    asked = {"path": "day.hea", "start": start, "stop": start + span, "points": 1200}
                    sizes.append(len(client.get("/api/v1/signal", params=asked).content))
                    times.append(time.perf_counter() - at)
                told(f"{what} of 12 leads: fetch, median", 1000 * float(np.median(times)), "ms")
                told(f"{what} of 12 leads: fetch, slowest of 30", 1000 * max(times), "ms")
                told(f"{what} of 12 leads: answer", max(sizes) / 1000, "kB")

            try:
                for what, value in draw(address, base, length):
                    told(what, value, "ms")
            except ImportError:
                print("drawing was not timed: Selenium is not installed")

            def one(k: int) -> bool:
                path = f"S0{k % 2 + 1}_{k % 2 + 1}.csv"
                found = client.get("/api/v1/recording", params={"path": path})
                return found.status_code == 200 and found.json()["source"] == path

            with ThreadPoolExecutor(200) as pool:
                told("200 requests at once, right", sum(pool.map(one, range(200))), "answers")
            asked = {"a": {"path": "S01_1.csv"}, "b": {"path": "S01_2.csv"}}
            used = []
            at = time.monotonic()
            for k in range(options.compares):
                assert client.post("/api/v1/compare", json=asked).status_code == 200
                if k in (49, options.compares - 1):
                    used.append(memory(server.pid)[0])
            told(f"{options.compares} comparisons, each", 1000 * (time.monotonic() - at) / options.compares, "ms")
            told("memory after 50", used[0], "MB")
            told(f"memory after {options.compares}", used[-1], "MB")
        server.send_signal(signal.SIGINT)
        server.wait(30)
    static = HERE.parents[1] / "src" / "sigsimnet" / "app" / "static"
    told("static files", sum(file.stat().st_size for file in static.rglob("*") if file.is_file()) / 1000, "kB")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    rows.append({"what": machine, "value": "", "unit": ""})
    with write_whole(options.output) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=("what", "value", "unit"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
