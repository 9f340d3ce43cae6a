"""The desk in chromium, as a coach uses it: videos dropped in, a lift mended, a finding rejected, two sets compared."""

import base64
import csv
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import find_barriers
from desks import Served, make_clips, serve_desk, wait_for
from playwright.sync_api import Browser, BrowserContext, Page

DROP = """async ([names, contents]) => {
  const transfer = new DataTransfer();
  const bytes = (letters) => Uint8Array.from(atob(letters), (each) => each.charCodeAt(0));
  names.forEach((name, at) => transfer.items.add(new File([bytes(contents[at])], name)));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""
# Whether a picture is of the drawing's yellow at some points (shares of its width and height).
SHARE_OF_INK = """(picture, points) => {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [picture.naturalWidth, picture.naturalHeight];
  const ink = sheet.getContext("2d");
  ink.drawImage(picture, 0, 0);
  return points.map(([x, y]) => {
    const [red, green, blue] = ink.getImageData(Math.round(x * sheet.width), Math.round(y * sheet.height), 1, 1).data;
    return red > 200 && green > 160 && blue < 90;
  });
}"""


SAID_OF_OVERRUN = "Your hips stopped moving back here"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, clips: dict[str, Path]) -> Iterator[Served]:
    with serve_desk(tmp_path_factory.mktemp("desk") / "home") as desk:
        yield desk


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A window whose every complaint on the console fails the tests at their end."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.set_default_timeout(60_000)
    context.add_init_script("window.print = () => (top.printed ??= []).push(location.pathname + location.search)")
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    page.close()


def printed(page: Page) -> list[str]:
    """The pages that were handed to the printer since this one was opened, those in frames too."""
    return list(page.evaluate("window.printed || []"))


def done(desk: Served) -> list[dict[str, Any]]:
    return list(desk.get("/api/inbox")["done"])


def one_called(desk: Served, name: str) -> dict[str, Any]:
    return next(each for each in done(desk) if each["name"] == name)


def open_set(page: Page, desk: Served, name: str) -> str:
    uid = str(one_called(desk, name)["uid"])
    page.goto(f"{desk.url}/sets/{uid}")
    page.wait_for_selector("#main[data-ready=yes]")
    return uid


def seconds(clock: str) -> float:
    minutes, rest = clock.split(":")
    return 60 * int(minutes) + float(rest)


def wait_judged(page: Page) -> None:
    """Wait until the set was judged again, and its page has come anew."""
    page.wait_for_selector("#again:not([hidden])")
    page.wait_for_selector("#main[data-state=done][data-ready=yes]", timeout=800_000)


def draw_across(page: Page) -> None:
    """Draw a line over the middle half of the report's picture."""
    box = page.frame_locator("#report").locator("#stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    page.mouse.up()


@pytest.mark.timeout(900)  # of a machine that does much else beside it
def test_three_videos_are_dropped_and_the_browser_closed(page: Page, desk: Served, clips: dict[str, Path]) -> None:
    """A folder's name is the athlete; what has come in goes on without the page."""
    page.goto(desk.url)
    page.set_input_files("#folder", clips["Ana/too_deep.mp4"].parent)
    film = base64.b64encode(clips["Ben/bow.mp4"].read_bytes()).decode()
    page.evaluate(DROP, [["bow.mp4", "broken.mp4", "notes.txt"], [film, base64.b64encode(b"no film").decode(), ""]])
    assert "Skipped" in page.inner_text("#said")
    wait_for(lambda: sum(desk.get("/api/inbox")["counts"][each] for each in ("waiting", "done", "failed")) == 3)
    assert "You may close this page" in page.inner_text("#whole")
    page.close()
    last = wait_for(lambda: (got := desk.get("/api/inbox"))["counts"]["waiting"] == 0 and got, 800)
    assert last["counts"] == {"waiting": 0, "done": 2, "failed": 1, "new": 2}
    athletes = {each["name"]: each["athlete"] for each in last["done"]}
    assert athletes == {"too_deep.mp4": "Ana", "bow.mp4": ""}


def test_fifty_are_chosen_and_browser_and_desk_killed_on_the_way_lose_none(browser: Browser, tmp_path: Path) -> None:
    """What had come in is there at the next start, and who chooses the fifty again has each of them once."""
    folder, home = tmp_path / "fifty", tmp_path / "home"
    folder.mkdir()
    for number in range(50):
        (folder / f"{number:02d}.mp4").write_bytes(f"{number:02d}".encode() * 1_000_000)

    def arrived(desk: Served) -> int:
        counts = desk.get("/api/inbox")["counts"]
        return sum(int(counts[each]) for each in ("waiting", "done", "failed"))

    with serve_desk(home, "--workers", "1") as desk:
        context = browser.new_context()
        page = context.new_page()
        page.goto(desk.url)
        page.set_input_files("#folder", folder)
        wait_for(lambda: arrived(desk) >= 5)
        context.close()
        desk.kill()
    with serve_desk(home, "--workers", "1") as desk:
        assert 5 <= arrived(desk) < 50
        page = browser.new_page()
        page.goto(desk.url)
        page.set_input_files("#folder", folder)
        last = wait_for(lambda: (got := desk.get("/api/inbox"))["counts"]["failed"] == 50 and got)
        page.close()
        assert len({each["name"] for each in last["failed"]}) == 50
        assert last["counts"] == {"waiting": 0, "done": 0, "failed": 50, "new": 0}
    assert list((home / "uploads").glob("*.part")) == []


def test_a_failure_is_a_sentence_on_its_card(page: Page, desk: Served) -> None:
    page.goto(desk.url)
    card = page.locator("#failed li")
    assert "broken.mp4 cannot be read as a video." in card.inner_text()
    card.get_by_role("button", name="Remove").click()
    page.wait_for_selector("#failures", state="hidden")
    assert desk.get("/api/inbox")["counts"]["failed"] == 0


def test_sets_are_filtered_by_athlete_and_fault(page: Page, desk: Served) -> None:
    page.goto(f"{desk.url}/sets?show=new")
    shown = {each["name"]: each["cues"] for each in done(desk)}
    assert set(page.locator(".card .file").all_inner_texts()) == set(shown)
    assert all(cues[0]["name"] == "Overrun" for cues in shown.values()), "the one who moves most was followed"
    assert page.locator(".card img").first.evaluate("each => each.naturalWidth") > 0
    page.select_option("[name=athlete]", "Ana")
    page.wait_for_url("**athlete=Ana**")
    assert page.locator(".card").count() == 1
    page.select_option("[name=fault]", "Overrun")
    page.wait_for_url("**fault=Overrun**")
    assert page.locator(".card .file").all_inner_texts() == ["too_deep.mp4"]
    page.locator(".card .shot").click()
    page.wait_for_selector("#main[data-ready=yes]")
    assert page.locator(".turner .small").first.inner_text() == "1 of 1"


def test_a_set_that_could_not_be_judged_looks_like_the_others(page: Page, desk: Served) -> None:
    """A card and a line of any verdict have one shape; what is good in part has the colour of what is good."""
    shape = """each => ["none", "part", "good", "fault"].map((verdict) => {
      each.className = `${each.classList[0]} ${verdict}`;
      const { padding, textAlign, borderTopColor } = getComputedStyle(each);
      return [padding, textAlign, borderTopColor];
    })"""
    for path, each in (("/", "#done .line"), ("/sets", ".card")):
        page.goto(desk.url + path)
        none, part, good, fault = page.locator(each).first.evaluate(shape)
        assert none[:2] == good[:2] == fault[:2], path
        assert part == good, path
    assert len({none[2], good[2], fault[2]}) == 3


def test_one_click_names_the_athlete_of_several_sets(page: Page, desk: Served) -> None:
    page.goto(f"{desk.url}/sets?athlete=-")
    page.check("#cards input")
    page.fill("#bulk-athlete", "Ben")
    page.click("[data-do=athlete]")
    wait_for(lambda: one_called(desk, "bow.mp4")["athlete"] == "Ben")


def test_a_finding_is_rejected_commented_and_exported(page: Page, desk: Served) -> None:
    uid = open_set(page, desk, "too_deep.mp4")
    line = page.locator(".found li", has_text="Overrun").first
    line.get_by_role("button", name="Wrong").click()
    page.wait_for_selector('[data-mark=wrong][aria-pressed="true"]')
    assert SAID_OF_OVERRUN in page.frame_locator("#report").locator("body").inner_text(), "the coach still sees it"
    line.locator("[data-time]").click()
    moment = wait_for(lambda: (text := page.inner_text("#moment")) != "0:00.0" and text)
    page.fill("#text", "the plates touch here")
    page.click("#comment [type=submit]")
    page.wait_for_selector("#comments li")
    kept = page.inner_text("#comments li [data-time]")
    assert seconds(kept) == pytest.approx(seconds(moment), abs=0.11), "a half is rounded up or down"
    page.wait_for_selector("#main[data-ready=yes]")
    assert page.inner_text("#said") == "Kept."
    shown = wait_for(lambda: (text := page.inner_text("#moment")) != "0:00.0" and text)
    assert seconds(shown) == pytest.approx(seconds(moment), abs=0.11), "the moment is still shown"
    assert page.get_attribute("[data-mark=wrong]", "aria-pressed") == "true", "it is kept"
    (row,) = csv.DictReader(io.StringIO(desk.client.get(f"{desk.url}/labels.csv").text))
    assert (row["video"], row["athlete"], row["lift"], row["code"], row["mark"]) == (
        "too_deep.mp4", "Ana", "rdl", "rdl.overrun", "wrong",
    )  # fmt: skip
    assert float(row["low"]) < float(row["value"]) < float(row["high"])
    assert desk.get(f"/api/sets/{uid}")["state"] == "done"


def test_a_line_is_drawn_over_the_picture(page: Page, desk: Served) -> None:
    open_set(page, desk, "too_deep.mp4")
    page.click("#draw")
    draw_across(page)
    page.click("#comment [type=submit]")
    page.wait_for_selector("#comments li:has-text('a drawing')")
    page.wait_for_selector("#main[data-ready=yes]")
    page.locator("#comments li", has_text="a drawing").locator("[data-time]").click()
    points = page.frame_locator("#report").locator("#drawing polyline").get_attribute("points")
    assert points is not None
    ends = [float(each) for each in re.split("[ ,]", points)]
    assert ends[0] == pytest.approx(0.25, abs=0.01)
    assert ends[-2] == pytest.approx(0.75, abs=0.01)


@pytest.mark.timeout(900)  # of a machine that does much else beside it
def test_a_click_on_the_lifter_leads_to_a_new_verdict(page: Page, desk: Served) -> None:
    """Who moves most was followed: somebody who deadlifts beside Ben, whose lift is another."""
    uid = open_set(page, desk, "bow.mp4")
    assert one_called(desk, "bow.mp4")["lift"] == "Romanian deadlift"
    page.click("#wrong-lifter")
    video = page.locator("#crowd")
    wait_for(lambda: video.evaluate("each => each.readyState") >= 1)
    box = video.bounding_box()
    assert box is not None
    with page.expect_request("**/api/sets") as asked:
        page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    x, y = map(int, asked.value.post_data_json["changes"]["subject"].split(","))
    assert (x, y) == (pytest.approx(720, abs=2), pytest.approx(180, abs=2)), "in pixels of the video"
    wait_judged(page)
    assert page.frame_locator("#report").locator("h1").inner_text() == "Good morning"
    assert one_called(desk, "bow.mp4")["lift"] == "Good morning"
    assert desk.get(f"/api/sets/{uid}")["state"] == "done"


def test_the_lift_is_changed_and_a_repetition_left_out(page: Page, desk: Served) -> None:
    open_set(page, desk, "bow.mp4")
    started_s = time.monotonic()
    page.focus("#lift")
    page.select_option("#lift", "rdl")
    wait_judged(page)
    assert time.monotonic() - started_s < 60, "of known poses: a second, of a machine that does nothing else"
    assert page.frame_locator("#report").locator("h1").inner_text() == "Romanian deadlift"
    assert page.inner_text("#said") == "Judged again."
    assert page.evaluate("document.activeElement.id") == "lift", "the keyboard is where it was"
    page.click("#draw")
    draw_across(page)
    page.fill("#text", "not kept yet")
    page.locator("#reps button").first.click()
    wait_judged(page)
    assert page.evaluate("document.activeElement.dataset.rep") == "1"
    assert page.input_value("#text") == "not kept yet"
    assert page.frame_locator("#report").locator("#drawing polyline").count() == 1, "the line is there, too"
    page.click("#comment [type=submit]")
    page.wait_for_selector("#comments li:has-text('not kept yet (with a drawing)')")
    page.wait_for_selector("#main[data-ready=yes]")
    assert page.input_value("#text") == "", "it is kept"
    page.click("#comments .drop-it")
    assert page.get_attribute("#reps button", "aria-pressed") == "false"
    assert one_called(desk, "bow.mp4")["reps"] == "0 reps"
    sent: list[Any] = []
    page.route(
        "**/api/sets", lambda route: (sent.append(route.request.post_data_json), route.fulfill(json={"again": []}))
    )
    page.fill("[name=start_s]", "0,5")
    page.click("#trim [type=submit]")
    wait_for(lambda: sent)
    assert sent[0]["changes"] == {"start_s": "0,5", "end_s": ""}


def test_keys_lead_through_the_sets_from_inside_the_report_too(page: Page, desk: Served) -> None:
    open_set(page, desk, "too_deep.mp4")
    page.frame_locator("#report").locator("#play").focus()
    page.keyboard.press("r")
    page.wait_for_selector("#reviewed[aria-pressed=true]")
    page.keyboard.press("j")
    page.wait_for_selector(".turner .small:has-text('2 of 2')")
    page.wait_for_selector("#main[data-ready=yes]")
    page.keyboard.press("j")
    page.wait_for_selector("#said:has-text('This is the last set.')")
    page.keyboard.press("k")
    page.wait_for_selector(".turner .small:has-text('1 of 2')")
    assert page.get_attribute("#reviewed", "aria-pressed") == "true"
    page.wait_for_selector("#main[data-ready=yes]")
    page.keyboard.press("n")
    assert page.frame_locator("#report").locator("#scrub").evaluate("each => Number(each.value)") > 0, (
        "the player hears its keys before anything is clicked"
    )
    page.focus("[name=notes]")
    page.keyboard.type("jk r")
    assert page.input_value("[name=notes]") == "jk r", "in a text they are letters"


def test_two_sets_stand_side_by_side(page: Page, desk: Served) -> None:
    page.goto(f"{desk.url}/sets")
    for each in page.locator("#cards input").all():
        each.check()
    page.click("[data-do=compare]")
    frame = page.frame_locator("#report")
    frame.locator("h1").wait_for(state="attached", timeout=120_000)  # the desk's own heading stands for it
    assert {"bow.mp4", "too_deep.mp4"} <= set(re.findall(r"\w+\.mp4", frame.locator("body").inner_text()))
    for video in frame.locator("video").all():
        wait_for(lambda video=video: video.evaluate("each => each.readyState") >= 1)
    page.click("#print-report")
    assert [each.split("?")[0] for each in printed(page)] == ["/compare/page.html"], (
        "what is compared is printed, not the desk around it"
    )
    page.keyboard.press("Control+p")
    assert len(printed(page)) == 2


def test_a_shared_page_is_whole_and_tells_no_path(page: Page, desk: Served, tmp_path: Path) -> None:
    uid = open_set(page, desk, "too_deep.mp4")
    with page.expect_download(timeout=120_000) as waiting:
        page.click("#save")
    target = tmp_path / "shared.html"
    waiting.value.save_as(target)
    assert waiting.value.suggested_filename == "too_deep_formcheck.html"
    text = target.read_text(encoding="utf-8")
    for secret in (str(desk.home), str(desk.home.parent), "/uploads/", str(Path.home())):
        assert secret not in re.sub(r"[A-Za-z0-9+/=]{200,}", "", text), secret
    hidden = desk.client.get(f"{desk.url}/sets/{uid}/share.html?hide=true", timeout=240).text
    films = [re.findall(r'id="packed-video">([^<]+)<', each) for each in (text, hidden)]
    assert all(len(each) == 1 and len(each[0]) > 20_000 for each in films)
    assert films[0] != films[1], "the head is hidden in a video of its own"
    assert page.inner_text("#said").startswith("Saved as too_deep_formcheck.html")
    shared = page.context.new_page()
    shared.goto(target.as_uri())
    wait_for(lambda: shared.evaluate("document.querySelector('video').videoWidth") > 0)
    assert SAID_OF_OVERRUN not in shared.inner_text("body"), "what the coach has marked as wrong is not given away"
    notes = shared.locator(".notes")
    assert "the plates touch here" in notes.inner_text()
    picture = notes.get_by_role("img", name=re.compile(r"Drawn at 0:\d\d\.\d"))
    assert picture.evaluate("each => each.naturalWidth / each.naturalHeight") == pytest.approx(4 / 3, abs=0.02), (
        "all of it"
    )
    yellow = picture.evaluate(SHARE_OF_INK, [[0.3, 0.5], [0.5, 0.5], [0.7, 0.5], [0.5, 0.2], [0.1, 0.5]])
    assert yellow == [True, True, True, False, False], "the line lies where it was drawn"
    shared.close()


def test_a_set_and_a_week_are_printed_on_two_sheets_without_a_head(page: Page, desk: Served) -> None:
    uid = open_set(page, desk, "too_deep.mp4")
    page.check("#hide")
    page.click("#paper")
    wait_for(lambda: printed(page))
    assert printed(page) == [f"/sets/{uid}/share.html?hide=true&film=false"]
    page.goto(f"{desk.url}/athletes/Ana")
    page.click("#paper")
    wait_for(lambda: printed(page))
    (week,) = printed(page)
    assert week.startswith("/athletes/Ana/week.html?monday=")
    for path in (f"/sets/{uid}/share.html?hide=true&film=false", week):
        page.goto(desk.url + path)
        page.wait_for_selector(f"html[data-{'ready' if 'week' in path else 'charts'}]", state="attached")
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2, path
    told = page.locator(".note-line").all_inner_texts()
    assert any("the plates touch here" in each for each in told), "the coach's words go with it"
    note = page.locator(".note-line:has(img[alt^='Drawn at'])")
    assert "see the drawing" in note.inner_text(), "and what was drawn, under its own moment"
    width, widest = note.evaluate("each => [each.querySelector('img').clientWidth, each.clientWidth]")
    assert width > 0.9 * widest


def test_a_week_is_one_page_with_its_videos(page: Page, desk: Served, tmp_path: Path) -> None:
    page.goto(f"{desk.url}/athletes/Ana")
    with page.expect_download(timeout=120_000) as waiting:
        page.click("#save")
    target = tmp_path / "week.html"
    waiting.value.save_as(target)
    assert re.fullmatch(r"Ana_\d{4}-\d\d-\d\d_formcheck.html", waiting.value.suggested_filename)
    text = re.sub(r"[A-Za-z0-9+/=]{200,}", "", target.read_text(encoding="utf-8"))
    for secret in (str(desk.home.parent), "/uploads/", str(Path.home()), "127.0.0.1"):
        assert secret not in text, secret
    shared = page.context.new_page()
    shared.goto(target.as_uri())
    wait_for(lambda: shared.evaluate("document.querySelector('video').videoWidth") > 0)
    assert SAID_OF_OVERRUN not in shared.inner_text("body")
    shared.close()


def test_pages_fit_a_phone_in_the_dark(browser: Browser, desk: Served) -> None:
    uid = one_called(desk, "too_deep.mp4")["uid"]
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True)
    page = context.new_page()
    week = f"/athletes/Ana/week.html?monday={one_called(desk, 'too_deep.mp4')['day']}&film=false"
    for path in ("/", "/sets", f"/sets/{uid}", "/athletes", "/athletes/Ana", week):
        page.goto(desk.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert find_barriers(page) == [], path
        assert page.locator("main").count() == page.locator("h1").count() == 1, path
    assert page.locator("td.say").first.bounding_box()["width"] > 300, "what to change has the whole line"
    page.goto(f"{desk.url}/sets/{uid}")
    page.click("#swap")
    assert page.is_visible("#hands")
    assert not page.is_visible("#report")
    context.close()


def test_a_screen_reader_finds_every_place_by_name(page: Page, desk: Served) -> None:
    """No barrier on any page, and what is on the way is told when it changes."""
    uid, other = (one_called(desk, name)["uid"] for name in ("too_deep.mp4", "bow.mp4"))
    places = ("/", "/sets", f"/sets/{uid}", f"/sets/{uid}/report.html", "/athletes", "/athletes/Ana")
    for path in (*places, "/athletes/Ana/trends.html", f"/compare?a={uid}&b={other}", "/live/"):
        page.goto(desk.url + path)
        assert find_barriers(page) == [], path
    page.goto(f"{desk.url}/sets/{uid}")
    names = page.locator(".turner").aria_snapshot()
    for told in ('link "The set before"', 'link "The next set"', 'heading "Ana', "eviewed"):
        assert told in names, (told, names)
    assert page.get_attribute("#after", "aria-keyshortcuts") == "J"
    page.goto(desk.url)
    page.wait_for_selector("#whole:has-text('All are done.')")
    page.evaluate("""() => {
      window.told = 0;
      new MutationObserver(() => window.told++).observe(document.getElementById("whole"), { childList: true });
    }""")
    page.wait_for_timeout(2500)
    assert page.evaluate("window.told") == 0, "the page looks every second, and has nothing new to tell"


def test_the_live_page_is_behind_the_same_door(page: Page, desk: Served) -> None:
    page.goto(desk.url)
    page.click("text=Live")
    page.wait_for_selector("#start")
    assert page.url == f"{desk.url}/live/"


def test_a_change_of_a_set_whose_film_is_gone_says_so_beside_its_report(
    browser: Browser, tmp_path: Path, clips: dict[str, Path]
) -> None:
    film = tmp_path / "films" / "Ana" / "a.mp4"
    film.parent.mkdir(parents=True)
    film.write_bytes(clips["Ana/too_deep.mp4"].read_bytes())
    with serve_desk(tmp_path / "home", "--watch", str(tmp_path / "films")) as desk:
        wait_for(lambda: done(desk))
        film.unlink()
        page = browser.new_page()
        open_set(page, desk, "a.mp4")
        page.locator("[data-rep='1']").click()
        gone = "The film a.mp4 is no longer where it was. Put it back, or add it here again."
        page.wait_for_selector(f"#said:text-is('{gone}')")
        assert page.locator("#main .warn").inner_text() == gone
        assert page.locator("[data-rep='1']").get_attribute("aria-pressed") == "true", "it counts as before"
        page.wait_for_selector("#report")
        page.close()
