"""Every page in Debian's Chromium: nothing in the browser's log, no request that leaves this machine."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="no browser tests: pip install '.[dev]'")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if not (CHROMIUM and DRIVER):
    pytest.skip("no browser tests: Debian's chromium and chromium-driver are not installed", allow_module_level=True)

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.slow
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAGES = {
    "open": "/",
    "folder": "/?path=people",
    "look": "/look?path=people/S01_1.csv",
    "compare": "/compare?a=people/S01_1.csv&b=people/S01_2.csv&why=1",
    "several": "/compare?a=people/S01_1.csv&b=people/S01_2.csv&more=people/S02_1.csv&more_start=2&more_stop=9",
    "change": "/change?baseline=people/S01_1.csv&now=people/S01_2.csv",
    "search": "/search?path=people/S01_1.csv&level=stretch",
    "profile": "/profile?path=people/S01_1.csv",
    "clean": "/clean?path=people/S01_1.csv",
    "audit": "/audit",
    "work": "/work",
}


def start(width, address, profile):
    options = Options()
    for argument in (*ARGUMENTS, f"--window-size={width},900", f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.binary_location = CHROMIUM
    made = webdriver.Chrome(options=options, service=Service(DRIVER))
    made.set_page_load_timeout(60)
    made.get(address)
    return made


@pytest.fixture(scope="module", params=[1200, 420], ids=["wide", "narrow"])
def pages(request, served, tmp_path_factory):
    """Return a browser in which every page is looked at."""
    made = start(request.param, served.address, tmp_path_factory.mktemp("profile"))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def browser(served, tmp_path_factory):
    """Return a browser in which pages are used."""
    made = start(1200, served.address, tmp_path_factory.mktemp("profile"))
    yield made
    made.quit()


def go(browser, served, address):
    """Open a page, and wait until nothing on it waits."""
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(served.base + address)
    settle(browser)


def settle(browser):
    time.sleep(0.2)
    for _ in range(200):
        waiting = "return [...document.querySelectorAll('.wait')].some((one) => !one.hidden)"
        if not browser.execute_script(waiting):
            break
        time.sleep(0.2)
    time.sleep(0.3)


def requests(browser):
    found = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.append(message["params"]["request"]["url"])
    return found


@pytest.mark.parametrize("name", PAGES)
def test_each_page_speaks_to_this_machine_alone_and_logs_nothing(pages, served, name):
    go(pages, served, PAGES[name])
    assert pages.find_element(By.TAG_NAME, "h1").text
    assert [entry["message"] for entry in pages.get_log("browser")] == []
    asked = requests(pages)
    assert asked
    assert [url for url in asked if not url.startswith((served.base, "data:", "blob:", "about:"))] == []
    wide = pages.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 1  # nothing sticks out at the side
    unnamed = pages.execute_script(
        "return [...document.querySelectorAll('input, select, button, a')].filter((one) => !(one.innerText || "
        "(one.labels || []).length || one.getAttribute('aria-label'))).map((one) => one.outerHTML)"
    )
    assert unnamed == []
    if folder := os.environ.get("SIGSIMNET_PICTURES"):
        pages.save_screenshot(str(Path(folder) / f"{name}-{pages.get_window_size()['width']}.png"))
    frames = pages.find_elements(By.CSS_SELECTOR, "iframe.report")
    if name in ("compare", "change", "search", "profile"):
        pages.switch_to.frame(frames[0])
        assert pages.find_element(By.TAG_NAME, "h1").text
        pages.switch_to.default_content()


def test_one_moves_about_by_keys_and_the_address_holds_the_view(browser, served):
    go(browser, served, "/look?path=people/S02_1.csv&start=5&stop=15")
    before = browser.find_element(By.ID, "range").text
    assert before == "0:05.0 to 0:15.0 of 0:30.0"
    body = browser.find_element(By.TAG_NAME, "body")
    for key, expected in ((Keys.ARROW_RIGHT, "0:10.0 to 0:20.0"), ("+", "0:12.5 to 0:17.5"), ("0", "0:00.0 to 0:30.0")):
        body.send_keys(key)
        time.sleep(0.5)
        assert browser.find_element(By.ID, "range").text.startswith(expected)
    assert "stop=30.000" in browser.current_url
    browser.back()
    time.sleep(0.7)
    assert browser.find_element(By.ID, "range").text.startswith("0:12.5 to 0:17.5")
    assert "beats found in" in browser.find_element(By.ID, "marks-said").text
    drawn = browser.execute_script(
        "const c = document.querySelector('#plots canvas'), g = c.getContext('2d');"
        "const d = g.getImageData(0, 0, c.width, c.height).data, seen = new Set();"
        "for (let k = 0; k < d.length; k += 4) { seen.add(d[k] + 256 * d[k + 1]); } return seen.size"
    )
    assert drawn > 5


def test_two_cursors_measure_and_a_stretch_leads_to_a_search(browser, served):
    from selenium.webdriver.common.action_chains import ActionChains

    go(browser, served, "/look?path=people/S02_1.csv&start=0&stop=10")
    over = browser.find_element(By.CSS_SELECTOR, "#plots .u-over")
    width = over.size["width"]
    ActionChains(browser).move_to_element_with_offset(over, -width // 4, 0).click().perform()
    ActionChains(browser).key_down(Keys.SHIFT).move_to_element_with_offset(over, width // 4, 0).click().key_up(
        Keys.SHIFT
    ).perform()
    time.sleep(0.3)
    said = browser.find_element(By.ID, "said").text
    assert "second cursor" in said
    milliseconds = float(said.split(" ms")[0].split()[-1])
    assert milliseconds == pytest.approx(5000, abs=120)
    ActionChains(browser).move_to_element_with_offset(over, -width // 4, 0).click_and_hold().move_by_offset(
        width // 2, 0
    ).release().perform()
    time.sleep(0.3)
    link = browser.find_element(By.ID, "to-search")
    assert link.is_displayed()
    link.click()
    settle(browser)
    assert "start=2." in browser.current_url
    browser.switch_to.frame(browser.find_element(By.CSS_SELECTOR, "iframe.report"))
    assert "nearest to" in browser.find_element(By.TAG_NAME, "h1").text
    browser.switch_to.default_content()


def test_a_cell_of_the_matrix_shows_both_places(browser, served):
    go(browser, served, "/compare?a=people/S01_1.csv&b=people/S01_2.csv")
    canvas = browser.find_element(By.CSS_SELECTOR, "#matrix canvas")
    for _ in range(100):
        if browser.find_element(By.ID, "matrix").get_attribute("data-drawn"):
            break
        time.sleep(0.1)
    assert "score 0." in browser.find_element(By.ID, "matrix-said").text
    browser.execute_script("arguments[0].scrollIntoView(); arguments[0].focus()", canvas)
    for key in (Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_RIGHT):
        canvas.send_keys(key)
    time.sleep(0.8)
    said = browser.find_element(By.ID, "matrix-said").text
    assert said.startswith("first 5.0 to 10.0 s, second 0.0 to 5.0 s")
    assert len(browser.find_elements(By.CSS_SELECTOR, "#pair .uplot")) == 2
    assert "start=5&" in browser.find_element(By.ID, "look-a").get_attribute("href")


def test_a_cell_of_several_leads_to_the_two(browser, served):
    go(browser, served, PAGES["several"])
    links = browser.find_elements(By.CSS_SELECTOR, "#several td a")
    assert len(links) == 6
    assert "same" in links[0].text
    links[1].click()
    settle(browser)
    address = browser.current_url
    assert "a=people%2FS01_1.csv" in address
    assert "b=people%2FS02_1.csv&b_start=2&b_stop=9" in address
    assert browser.find_elements(By.CSS_SELECTOR, "iframe.report")


def test_real_recordings(browser, served, shared_data):
    """A half hour of two leads and two recordings of a person, copied below the root."""
    for name in ("mitdb/100.hea", "mitdb/100.dat", "mitdb/100.atr", "ecg-id/Person_01/rec_1.hea",
                 "ecg-id/Person_01/rec_1.dat", "ecg-id/Person_01/rec_2.hea", "ecg-id/Person_01/rec_2.dat"):  # fmt: skip
        target = served.root / "real" / Path(name).name
        target.parent.mkdir(exist_ok=True)
        if not target.exists():
            shutil.copy(shared_data / name, target)
    for address in ("/look?path=real/100.hea&start=0&stop=1805", "/look?path=real/100.hea&start=500&stop=510",
                    "/compare?a=real/rec_1.hea&b=real/rec_2.hea", "/profile?path=real/rec_1.hea",
                    "/search?path=real/rec_1.hea", "/clean?path=real/rec_1.hea"):  # fmt: skip
        go(browser, served, address)
        assert [entry["message"] for entry in browser.get_log("browser")] == []
        assert [url for url in requests(browser) if not url.startswith((served.base, "data:", "blob:", "about:"))] == []
    go(browser, served, "/compare?a=real/rec_1.hea&b=real/rec_2.hea")
    browser.switch_to.frame(browser.find_element(By.CSS_SELECTOR, "iframe.report"))
    assert browser.find_element(By.TAG_NAME, "h1").text == "Same person"
    browser.switch_to.default_content()


def test_a_file_is_dropped_in_and_opened_again(browser, served):
    go(browser, served, "/")
    browser.find_element(By.ID, "pick").send_keys(str(served.root / "people" / "S03_1.csv"))
    for _ in range(100):
        if "/look" in browser.current_url:
            break
        time.sleep(0.1)
    settle(browser)
    assert "upload" in browser.current_url
    assert "beats found in" in browser.find_element(By.ID, "marks-said").text
    go(browser, served, "/look?path=people/S04_1.csv")
    go(browser, served, "/")
    assert browser.find_elements(By.CSS_SELECTOR, "#recent a")[0].text == "people/S04_1.csv"


def test_two_files_are_dropped_in_and_compared(browser, served):
    go(browser, served, "/")
    files = [str(served.root / "people" / f"S03_{k}.csv") for k in (1, 2)]
    browser.find_element(By.ID, "pick").send_keys("\n".join(files))
    for _ in range(100):
        if "/compare" in browser.current_url:
            break
        time.sleep(0.1)
    settle(browser)
    browser.switch_to.frame(browser.find_element(By.CSS_SELECTOR, "iframe.report"))
    assert "Same person" in browser.find_element(By.TAG_NAME, "h1").text
    browser.switch_to.default_content()
    offered = browser.execute_script("return [...document.querySelectorAll('#recordings option')].map((o) => o.value)")
    assert {"people/S01_1.csv", "wfdb.hea"} <= set(offered)
    assert "table.csv" not in offered


def test_hits_lead_to_their_places(browser, served):
    go(browser, served, PAGES["search"])
    for _ in range(100):
        if links := browser.find_elements(By.CSS_SELECTOR, "#hits td a"):
            break
        time.sleep(0.1)
    assert "path=people%2FS01_1.csv" in links[0].get_attribute("href")
    links[0].click()
    settle(browser)
    assert "/look?path=people%2FS01" in browser.current_url


def test_faults_are_said_where_one_looks(browser, served):
    go(browser, served, "/look?path=missing.csv")
    assert "missing.csv: no such file" in browser.find_element(By.TAG_NAME, "main").text
    go(browser, served, "/compare?a=missing.csv&b=wfdb.hea")
    browser.switch_to.frame(browser.find_element(By.CSS_SELECTOR, "iframe.report"))
    assert "no such file" in browser.find_element(By.TAG_NAME, "body").text
    browser.switch_to.default_content()


def test_long_work_is_started_from_the_page(browser, served):
    go(browser, served, "/work")
    browser.find_element(By.NAME, "source").send_keys("nowhere.csv")
    browser.find_element(By.NAME, "target").send_keys("model")
    browser.find_element(By.CSS_SELECTOR, "#start button").click()
    time.sleep(0.6)
    assert "nowhere.csv: no such file" in browser.find_element(By.ID, "start-said").text
