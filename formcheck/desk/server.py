"""The desk's application: pages, what they are made of, and what they ask for and send. Nothing is kept in memory.

All of it is behind the guard that live has: this computer alone, or a token; what changes something has to come from a
page of this very server.
"""

import datetime as dt
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import Body, Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from formcheck.batch.claim import claim_folder
from formcheck.batch.job import Limits
from formcheck.batch.shelf import BEST, REPORT, VIDEOS, WORST, read_json
from formcheck.desk import answers
from formcheck.desk.athletes import describe_athlete, list_athletes_of, log_quickly, plan_week, render_trends, show_set
from formcheck.desk.crew import Crew
from formcheck.desk.edits import change_sets, name_alike, read_changes
from formcheck.desk.intake import (
    MAX_TABLE_BYTES,
    NAME,
    Watch,
    delete_video,
    known_athletes,
    receive,
    take_manifest,
    tidy_up,
)
from formcheck.desk.keeping import take_back
from formcheck.desk.library import Entry, Filter, Library
from formcheck.desk.pages import FOLDER, SHARED, read_style, render
from formcheck.desk.sharing import write_comparison, write_share, write_week
from formcheck.desk.tasks import COPY
from formcheck.errors import FormcheckError, InputError, OutputError
from formcheck.report.terminal import clock
from formcheck.web.access import Gate
from formcheck.web.serving import Guard, picture_code

if TYPE_CHECKING:
    from starlette.types import ASGIApp

MADE = ".pages"  # the folder of pages that are made for one answer
PAGE_SETS = 60  # cards on one page
SHOWN_DONE = 12  # of the inbox: what was finished last
MAX_JSON_BYTES = 1_000_000
MAX_TEXT = 2000  # letters of a comment
MAX_POINTS = 5000  # of one drawing
MAX_UIDS = 20_000  # of one bulk edit
SCRIPTS = frozenset({"frame.js", "parts.js", "inbox.js", "sets.js", "review.js", "athlete.js"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FRAMED = {**HEADERS, "Content-Security-Policy": "frame-ancestors 'self'"}  # a report's own policy stands in it


@dataclass(frozen=True)
class Desk:
    """What the routes work with. `watch`: the folder that videos come from by themselves."""

    library: Library
    crew: Crew
    limits: Limits
    watch: Watch | None = None


@contextmanager
def open_desk(home: Path, count: int, watched: Path | None = None) -> Iterator[Desk]:
    """Hold the home folder, go on with what an earlier desk left, and yield the desk. Raises FormcheckError."""
    limits = Limits()
    with ExitStack() as stack:
        try:
            scratch = stack.enter_context(claim_folder(str(home)))
        except OutputError as error:
            message = error.message.replace("Another formcheck batch is writing to", "Another formcheck has opened")
            raise OutputError(message, "Close that one, or choose another folder with --home.") from error
        library = Library(home)
        tidy_up(library)
        shutil.rmtree(home / MADE, ignore_errors=True)
        crew = stack.enter_context(Crew(library, count, scratch, limits))
        watch = None if watched is None else Watch(library, watched)
        if watch is not None:
            stack.callback(watch.stop)
            threading.Thread(target=watch.run, daemon=True).start()
        yield Desk(library, crew, limits, watch)


def build_app(desk: Desk, gate: Gate, live: "ASGIApp | None" = None, place: str = "") -> "ASGIApp":
    """Return the application behind the gate; `live` is the live page's, for /live/, `place` what a phone opens."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.exception_handler(FormcheckError)(_tell)
    app.state.is_open = gate.token is not None
    for add in (_add_inbox, _add_uploads, _add_sets, _add_athletes, _add_files, _add_made, _add_edits, _add_words):
        add(app, desk)
    if gate.token is not None:  # a phone's camera reads the token off it: it is shown to those who are in already

        @app.get("/phone.svg")
        def phone() -> Response:
            return Response(picture_code(place), media_type="image/svg+xml", headers=HEADERS)

    if live is not None:
        app.mount("/live", live)
    return Guard(app, gate, remembers=True)


async def _tell(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, FormcheckError)
    return JSONResponse({"message": error.message, "hint": error.hint}, 422, headers=HEADERS)


def _show(page: str, /, **content: Any) -> HTMLResponse:
    return HTMLResponse(render(page, **content), headers={**HEADERS, "Content-Security-Policy": POLICY})


def _small(request: Request) -> None:
    """Refuse a message that does not say its length, or is too long for what pages send."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MAX_JSON_BYTES:
        raise HTTPException(413, "Too much was sent at once.")


SMALL = [Depends(_small)]


def _entry(desk: Desk, uid: str) -> Entry:
    entry = desk.library.find(uid)
    if entry is None:
        raise HTTPException(404, "There is no such set.")
    return entry


def read_filter(query: Any) -> Filter:
    """Return the filter that a page's address names."""
    fault = query.get("fault") or ""
    codes = tuple(answers.fault_codes().get(fault, [fault])) if fault else ()
    reviewed = {"new": False, "reviewed": True}.get(query.get("show") or "")
    athlete = query.get("athlete") or None
    week = query.get("week") or None
    if week is not None:
        try:
            week = dt.date.fromisoformat(week).isoformat()
        except ValueError:
            week = None
    return Filter("" if athlete == "-" else athlete, query.get("lift") or None, codes, week, reviewed)


def _filter_query(query: Any) -> str:
    """Return the part of an address that names a filter, with its question mark; "" for none."""
    kept = {name: query[name] for name in ("athlete", "lift", "fault", "week", "show") if query.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


# ---- pages ----
def _add_sets(app: FastAPI, desk: Desk) -> None:
    library = desk.library

    @app.get("/sets")
    def sets(request: Request) -> Response:
        query = request.query_params
        page = int(query.get("page", "1")) if query.get("page", "1").isdigit() else 1
        first = max(0, min(page, 10**6) - 1) * PAGE_SETS
        found, total = library.sets(read_filter(query), PAGE_SETS, first)
        return _show(
            "sets",
            here="sets",
            counts=library.counts(),
            cards=[answers.card(each) for each in found],
            total=total,
            first=first + 1,
            last=first + len(found),
            before=_page_link(query, page - 1) if page > 1 else None,
            after=_page_link(query, page + 1) if first + len(found) < total else None,
            query=_filter_query(query),
            chosen={name: query.get(name, "") for name in ("athlete", "lift", "fault", "week", "show")},
            choices=_choices(library),
            names=known_athletes(library),
        )

    @app.get("/sets/{uid}")
    def review(uid: str, request: Request) -> Response:
        desk.crew.warm()
        return _show_set(library, _entry(desk, uid), request.query_params)

    @app.get("/compare")
    def compare(a: str, b: str) -> Response:
        sides = [answers.card(_entry(desk, uid)) for uid in (a, b)]
        return _show("compare", here="sets", counts=library.counts(), sides=sides, a=a, b=b)


def _show_set(library: Library, entry: Entry, query: Any) -> Response:
    """Return the page on which a coach goes through one set."""
    before, after, place, total = library.neighbours(read_filter(query), entry.uid)
    kept, has_report = _filter_query(query), entry.lift is not None
    return _show(
        "review",
        here="sets",
        counts=library.counts(),
        entry=entry,
        card=answers.card(entry),
        has_report=has_report,
        lifts=[("auto", "Recognise it"), *answers.lift_choices()],
        hint=answers.next_step(entry),
        findings=answers.findings_of(library, entry) if has_report else [],
        reps=answers.reps_of(library, entry) if has_report else [],
        comments=[{**each, "clock": clock(each["time_s"])} for each in library.comments(entry.uid)],
        names=known_athletes(library),
        before=None if before is None else f"/sets/{before}{kept}",
        after=None if after is None else f"/sets/{after}{kept}",
        place=place,
        total=total,
        query=kept,
    )


def _add_athletes(app: FastAPI, desk: Desk) -> None:
    library = desk.library

    @app.get("/athletes")
    def athletes() -> Response:
        return _show("athletes", here="athletes", counts=library.counts(), athletes=list_athletes_of(library))

    @app.get("/athletes/{name}")
    def athlete(name: str) -> Response:
        return _show("athlete", here="athletes", counts=library.counts(), **describe_athlete(library, name))

    @app.get("/athletes/{name}/trends.html")
    def trends(name: str) -> Response:
        return HTMLResponse(render_trends(library, name), headers=FRAMED)

    @app.post("/api/athletes/{name}/log", dependencies=SMALL)
    def log(name: str, sent: dict[str, Any] = Body()) -> Response:  # noqa: B008  # FastAPI's way
        return JSONResponse({"said": log_quickly(name, sent)}, headers=HEADERS)


def _page_link(query: Any, page: int) -> str:
    base = _filter_query(query)
    return f"/sets{base}{'&' if base else '?'}page={page}"


def _choices(library: Library) -> dict[str, Any]:
    """Return what the filters offer, each as value and words."""
    found = library.choices()
    named = answers.fault_codes()
    faults = [name for name, codes in named.items() if set(codes) & set(found["codes"])]
    return {
        "athletes": found["athletes"],
        "lifts": [(name, answers.lift_title(name)) for name in found["lifts"]],
        "faults": sorted(faults),
        "weeks": found["weeks"],
    }


# ---- what pages are made of ----
def _add_files(app: FastAPI, desk: Desk) -> None:
    home = desk.library.home

    @app.get("/style.css")
    def style() -> Response:
        return Response(read_style(), media_type="text/css", headers=HEADERS)

    @app.get("/scripts/{name}")
    def script(name: str) -> Response:
        if name not in SCRIPTS:
            raise HTTPException(404)
        return FileResponse(
            (SHARED if name == "frame.js" else FOLDER) / name, media_type="text/javascript", headers=HEADERS
        )

    @app.get("/sets/{uid}/report.html")
    def report(uid: str) -> Response:
        return _send(home / VIDEOS / _entry(desk, uid).folder / "report.html", FRAMED)

    @app.get("/sets/{uid}/{which}.jpg")
    def picture(uid: str, which: Literal["worst", "best"]) -> Response:
        folder = home / VIDEOS / _entry(desk, uid).folder
        return _send(folder / {"worst": WORST, "best": BEST}[which], HEADERS)

    @app.get("/sets/{uid}/video")
    def video(uid: str) -> Response:
        entry = _entry(desk, uid)
        copy = home / VIDEOS / entry.folder / COPY
        return _send(copy if copy.exists() else Path(entry.place), HEADERS, "video/mp4")


def _add_made(app: FastAPI, desk: Desk) -> None:
    """Add what is made when it is asked for, by a worker."""

    @app.get("/compare/page.html")
    def comparison(a: str, b: str) -> Response:
        one, other = (show_set(desk.library, _entry(desk, uid)) for uid in (a, b))
        return _make(desk, lambda target: desk.crew.ask(write_comparison, one, other, target), FRAMED)

    @app.get("/sets/{uid}/share.html")
    def share(uid: str, hide: bool = False, film: bool = True) -> Response:  # noqa: FBT001, FBT002  # FastAPI names it
        entry = _entry(desk, uid)
        shown = show_set(desk.library, entry)
        headers = _as_file(Path(entry.name).stem) if film else FRAMED

        def write(target: Path) -> None:
            desk.crew.ask(write_share, shown, target, hides_head=hide, has_film=film)

        return _make(desk, write, headers)

    @app.get("/athletes/{name}/week.html")
    def week(name: str, monday: str, hide: bool = False, film: bool = True) -> Response:  # noqa: FBT001, FBT002
        sheet = plan_week(desk.library, name, monday)

        def write(target: Path) -> None:
            desk.crew.ask(write_week, sheet, target, hides_head=hide, has_film=film)

        return _make(desk, write, _as_file(f"{name}_{sheet.monday}") if film else FRAMED)

    @app.get("/labels.csv")
    def labels() -> Response:
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="labels.csv"'}
        return StreamingResponse(answers.write_labels(desk.library), media_type="text/csv", headers=headers)


def _send(path: Path, headers: dict[str, str], kind: str | None = None) -> Response:
    if not path.is_file():
        raise HTTPException(404, "It is not there.")
    return FileResponse(path, headers=headers, media_type=kind)


def _as_file(stem: str) -> dict[str, str]:
    """Return the headers of what the browser saves under a name of its own."""
    kind = f"attachment; filename=\"formcheck.html\"; filename*=UTF-8''{quote(stem, safe='')}_formcheck.html"
    return {**HEADERS, "Content-Disposition": kind}


def _make(desk: Desk, write: Callable[[Path], None], headers: dict[str, str]) -> Response:
    """Send a page that is made for this one answer; what cannot be made is a sentence."""
    folder = desk.library.home / MADE
    folder.mkdir(exist_ok=True)
    target = folder / f"{uuid.uuid4().hex}.html"

    def clear() -> None:
        for each in (target, target.with_suffix(".mp4")):
            each.unlink(missing_ok=True)

    try:
        write(target)
    except FormcheckError as error:
        clear()
        return PlainTextResponse(f"{error.message} {error.hint}", 422, headers=HEADERS)
    return FileResponse(target, headers=headers, media_type="text/html", background=BackgroundTask(clear))


# ---- the inbox ----
def _add_inbox(app: FastAPI, desk: Desk) -> None:
    library = desk.library

    @app.get("/")
    def inbox() -> Response:
        watched = None if desk.watch is None else desk.watch.folder.name
        return _show(
            "inbox",
            counts=library.counts(),
            watched=watched,
            here="inbox",
            lifts=answers.lift_choices(),
            phone=app.state.is_open,
            names=known_athletes(library),
        )

    @app.get("/api/inbox")
    def progress() -> Response:
        doing = desk.crew.doing()
        waiting, counts, usual_s = library.waiting(), library.counts(), library.usual_s()
        lines = [_waiting_line(each, doing, usual_s) for each in waiting]
        known = [line["left_s"] for line in lines] + (counts["waiting"] - len(lines)) * [usual_s]
        left_s = None if not lines or None in known else sum(known) / min(desk.crew.count, len(lines))
        return JSONResponse(
            {
                "counts": counts,
                "left_s": left_s,
                "said": "" if desk.watch is None else desk.watch.said,
                "waiting": lines,
                "failed": [_failed_line(each) for each in library.failed()],
                "done": [answers.card(each) for each in library.recent(SHOWN_DONE)],
            },
            headers=HEADERS,
        )

    @app.get("/api/sets/{uid}")
    def state(uid: str) -> Response:
        entry = _entry(desk, uid)
        line = _waiting_line(entry, desk.crew.doing(), library.usual_s())
        return JSONResponse(
            {
                "state": entry.state,
                "revision": entry.revision,
                "message": f"{entry.message} {entry.hint}".strip(),
                **line,
            },
            headers=HEADERS,
        )


def _add_uploads(app: FastAPI, desk: Desk) -> None:
    library = desk.library

    @app.put("/api/uploads/{uid}")
    async def upload(uid: str, request: Request, path: str, modified: float | None = None) -> Response:
        if not NAME.fullmatch(uid):
            raise HTTPException(404)
        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) > desk.limits.max_bytes:
            most = desk.limits.max_bytes / 1e6
            raise InputError(f"{Path(path).name} has more than {most:.0f} MB.", "Cut it to the set, or compress it.")
        modified_s = None if modified is None or not 0 < modified < 1e14 else modified / 1000
        arrived = await receive(library, uid, path, modified_s, request.stream(), desk.limits)
        desk.crew.call()
        return JSONResponse(asdict(arrived), headers=HEADERS)

    @app.put("/api/manifest")
    async def manifest(request: Request) -> Response:
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > MAX_TABLE_BYTES:
                raise InputError("The table is too large.", "Split it.")
        said = await run_in_threadpool(take_manifest, library, bytes(raw))
        desk.crew.call()
        return JSONResponse({"said": said}, headers=HEADERS)


def _waiting_line(entry: Entry, doing: Any, usual_s: float | None) -> dict[str, Any]:
    """Return a set that waits: its share done (None: it has not begun), and the time left, s (None: not known)."""
    now = doing.get(entry.uid)
    share, left_s = None, usual_s
    if now is not None:
        share = min(1.0, now.done / now.expected) if now.expected else 0.0
        if now.done > now.expected / 20 > 0:
            left_s = now.elapsed_s * (1 - share) / share
        elif usual_s is not None:
            left_s = max(1.0, usual_s - now.elapsed_s)
    return {"uid": entry.uid, "name": entry.name, "athlete": entry.athlete or "", "share": share, "left_s": left_s}


def _failed_line(entry: Entry) -> dict[str, Any]:
    return {
        "uid": entry.uid,
        "name": entry.name,
        "athlete": entry.athlete or "",
        "message": entry.message,
        "hint": answers.next_step(entry),
        "asks_lift": entry.failure == "lift",
        "may_pass": entry.failure in {"fetch", "timeout", "memory", "crash", "output", "bug"},
    }


# ---- what a coach changes ----
def _add_edits(app: FastAPI, desk: Desk) -> None:
    library = desk.library

    @app.post("/api/sets", dependencies=SMALL)
    def change(sent: dict[str, Any] = Body()) -> Response:  # noqa: B008  # FastAPI's way
        uids, changes = sent.get("uids"), sent.get("changes")
        if not isinstance(uids, list) or not isinstance(changes, dict) or len(uids) > MAX_UIDS:
            raise HTTPException(422)
        anew = change_sets(library, [str(uid) for uid in uids], changes)
        athlete = read_changes(changes).get("athlete")
        also = name_alike(library, athlete) if athlete else []
        desk.crew.call()
        return JSONResponse({"again": anew, "also": len(also)}, headers=HEADERS)

    @app.post("/api/sets/{uid}/again", dependencies=SMALL)
    def again(uid: str) -> Response:
        library.change([_entry(desk, uid).uid], {}, judge_anew=True)
        desk.crew.call()
        return JSONResponse({}, headers=HEADERS)

    @app.delete("/api/sets/{uid}")
    def remove(uid: str) -> Response:
        entry = _entry(desk, uid)
        take_back(entry)
        library.remove(uid)
        delete_video(library, entry)
        return JSONResponse({}, headers=HEADERS)


def _add_words(app: FastAPI, desk: Desk) -> None:
    """Add what a coach says of a set: right or wrong, and comments."""
    library = desk.library

    @app.post("/api/sets/{uid}/marks", dependencies=SMALL)
    def mark(uid: str, sent: dict[str, Any] = Body()) -> Response:  # noqa: B008
        entry = _entry(desk, uid)
        report = read_json(str(library.home), entry.folder, REPORT)
        findings = report.get("findings", [])
        place, said = sent.get("place"), sent.get("mark")
        if not isinstance(place, int) or not 0 <= place < len(findings) or said not in {"right", "wrong", None}:
            raise InputError("There is no such finding.", "Load the page again.")
        library.mark(uid, {**findings[place], "lift": report["lift"]["name"]}, said)
        return JSONResponse({}, headers=HEADERS)

    @app.post("/api/sets/{uid}/comments", dependencies=SMALL)
    def comment(uid: str, sent: dict[str, Any] = Body()) -> Response:  # noqa: B008
        _entry(desk, uid)
        time_s, text, strokes = sent.get("time_s"), str(sent.get("text") or "").strip(), sent.get("strokes") or []
        if not isinstance(time_s, int | float) or not 0 <= time_s < 1e6 or len(text) > MAX_TEXT:
            raise InputError("This comment cannot be kept.", f"Write up to {MAX_TEXT} letters.")
        strokes = _check_strokes(strokes)
        if not text and not strokes:
            raise InputError("The comment is empty.", "Write or draw something.")
        return JSONResponse({"uid": library.comment(uid, float(time_s), text, strokes)}, headers=HEADERS)

    @app.delete("/api/sets/{uid}/comments/{comment}")
    def remove_comment(uid: str, comment: str) -> Response:
        library.remove_comment(uid, comment)
        return JSONResponse({}, headers=HEADERS)


def _check_strokes(sent: Any) -> list[list[list[float]]]:
    """Return drawn lines, each a list of points from 0 to 1. Raises InputError for anything else."""
    try:
        strokes = [[[round(float(x), 4), round(float(y), 4)] for x, y in stroke] for stroke in sent]
        points = [value for stroke in strokes for point in stroke for value in point]
        if len(points) <= 2 * MAX_POINTS and all(-0.01 <= value <= 1.01 for value in points):
            return strokes
    except (TypeError, ValueError):
        pass
    raise InputError("This drawing cannot be kept.", "Draw less of it.")
