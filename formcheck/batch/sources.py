"""What the user named (folders, patterns, manifests, zip files, URLs) as a list of jobs. Nothing is decoded here.

A folder gives its files whatever they are called, but for those whose ending says that they are no video; a link in it
is not followed. A manifest and what is named outright may lie anywhere: they are the user's own word.
"""

import glob
import mimetypes
import os
import posixpath
import re
import stat
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from formcheck import own_files
from formcheck.batch.fetch import is_url, open_url, split_url
from formcheck.batch.job import Failure, Job, JobError, Limits, Tags
from formcheck.batch.manifest import Row, read_manifest
from formcheck.batch.naming import name_folder
from formcheck.own_files import DamagedError
from formcheck.report.document import printable
from formcheck.store.guessing import guess_athlete

AUTO = "auto"  # the athlete is whoever file or folder is named after
MAX_ENTRIES = 100_000  # of one zip file
MAX_MANIFEST_BYTES = 200_000_000  # a million rows
BOMB_BYTES = 100_000_000  # an entry above this that was packed
BOMB_RATIO = 100  # times smaller is no video: those hardly shrink
NO_VIDEOS = re.compile(
    r".*\.(aae|c3d|cfg|csv|db|docx?|flac|frag|h(df)?5|ini|ipynb|jsonl?|lock|log|lrv|m3u|m4a|md|npz|numbers|od[spt]|pages"
    r"|parquet|pdf|pptx?|py|rst|rtf|srt|thm|toml|trc|tsv|txt|vert|xlsx?|xml|ya?ml)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Listing:
    """The jobs of one source, and the names in it that were passed over because their ending is not a video's."""

    jobs: tuple[Job, ...]
    ignored: tuple[str, ...] = ()


def list_source(source: str, lifts: Collection[str], limits: Limits, left_out: str = "") -> Listing:
    """Return the jobs of one source; one that cannot be listed is one refused job.

    `left_out` is a folder that is not looked into: the results' own. Raises nothing for what a stranger may have made.
    """
    ignored: list[str] = []
    try:
        jobs = tuple(_list(source, lifts, limits, left_out, ignored))
    except JobError as error:
        jobs = (refuse(source, error),)
    except OSError as error:
        why = (error.strerror or str(error) or type(error).__name__).lower()
        jobs = (refuse(source, JobError("source", f"{source} cannot be listed: {why}.", "Check name and access.")),)
    return Listing(jobs, tuple(ignored))


def refuse(label: str, error: JobError, identity: str = "", tags: Tags = Tags()) -> Job:  # noqa: B008  # frozen
    """Return the job of something that will not be attempted."""
    folder = name_folder(Path(posixpath.basename(label)).stem, identity or label)
    told = Failure(error.kind, printable(error.message), error.hint)
    return Job(place="", label=printable(label), folder=folder, tags=tags, refusal=told)


def merge_jobs(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """Return the jobs without repetitions: a video that two sources name is one job, with what either says about it.

    A video of which two rows say different things is two jobs, and their folders have different names.
    """
    kept: dict[str, Job] = {}
    for job in jobs:
        name, number = job.folder, 1
        while name in kept and not _same(kept[name], job):
            number += 1
            name = f"{job.folder}-{number}"
        earlier = kept.get(name)
        if earlier is None or _silent(earlier):
            kept[name] = replace(job, folder=name)
    return tuple(kept.values())


def name_athlete(job: Job, asked: str, known: Sequence[str]) -> Job:
    """Return a job with its athlete: the one that a manifest has told, else `asked`; AUTO stands for whoever the
    file or its folder is named after. `known`: the names that files and folders may hold.
    """
    if job.tags.athlete is not None:
        return job
    name = guess_athlete(printable(job.below), known) if asked == AUTO else asked
    return replace(job, tags=replace(job.tags, athlete=name))


def _same(one: Job, other: Job) -> bool:
    return _silent(one) or _silent(other) or (one.tags, one.lift) == (other.tags, other.lift)


def _silent(job: Job) -> bool:
    """Whether nothing was said about a video but its name."""
    return job.tags == Tags() and job.lift is None


def _list(source: str, lifts: Collection[str], limits: Limits, left_out: str, ignored: list[str]) -> Iterator[Job]:
    if is_url(source):
        yield from _list_url(source, limits, ignored)
    elif os.path.isdir(source):  # noqa: PTH112  # pathlib raises for a name that is too long
        yield from _list_folder(source, limits, left_out, ignored)
    elif os.path.lexists(source) or not glob.has_magic(source):
        yield from _list_file(source, lifts, limits, ignored)
    else:
        root = _fixed_part(source) or "."
        found = sorted(glob.glob(source, recursive=True))  # noqa: PTH207  # the pattern may be absolute
        if not found:
            raise JobError("source", f"Nothing matches {source}.", "Check the pattern; put it in quotes.")
        for each in found:
            if os.path.isdir(each):  # noqa: PTH112
                yield from _list_folder(each, limits, left_out, ignored)
            else:
                yield from _list_file(each, lifts, limits, ignored, root)


def _fixed_part(pattern: str) -> str:
    """Return the folder that a pattern looks below."""
    while glob.has_magic(pattern):
        pattern = os.path.dirname(pattern)  # noqa: PTH120  # a URL may come here
    return pattern


def _below(place: str, root: str) -> str:
    """Return a path or URL from the name of the folder `root` on, with forward slashes; a host is no folder."""
    path, home = (_path_of_url(each) if is_url(each) else os.path.abspath(each) for each in (place, root))  # noqa: PTH100
    return Path(os.path.relpath(path, os.path.dirname(home))).as_posix()  # noqa: PTH120


def _path_of_url(url: str) -> str:
    _, _, behind = url.partition("?")[0].partition("://")
    return "/" + behind.partition("/")[2].rstrip("/")


def _list_file(
    path: str, lifts: Collection[str], limits: Limits, ignored: list[str], root: str | None = None
) -> Iterator[Job]:
    """Yield the jobs of a file that was named outright, or by a pattern that looks below `root`."""
    _check_regular(path)
    match Path(path).suffix.lower():
        case ".csv":
            yield from _list_manifest(path, lifts)
        case ".zip":
            yield from _list_zip(path, limits, ignored, root)
        case _:
            yield _job_of_file(path, root)


def _check_regular(path: str) -> None:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  # pathlib's stat gives the same
    except (OSError, ValueError) as error:
        raise JobError("source", f"There is no file {path}.", "Check the name and the folder.") from error
    if not stat.S_ISREG(mode):
        raise JobError("source", f"{path} is a stream or a device, not a file.", "Save the video as a file.")


def _job_of_file(path: str, root: str | None = None) -> Job:
    """Return a file's job; who lifts may be named by a folder from `root` on, without one by the file's own."""
    whole = os.path.abspath(path)  # noqa: PTH100  # resolves no link
    below = _below(whole, root or os.path.dirname(whole))  # noqa: PTH120
    return Job(place=whole, label=printable(path), folder=name_folder(Path(path).stem, whole), below=below)


def _list_folder(folder: str, limits: Limits, left_out: str, ignored: list[str]) -> Iterator[Job]:
    """Yield the jobs of all files below a folder, in order of their names."""
    root = os.path.realpath(folder)
    skipped = os.path.realpath(left_out) if left_out else None
    for here, folders, names in os.walk(folder):
        for name in [each for each in folders if os.path.islink(os.path.join(here, each))]:  # noqa: PTH114, PTH118
            yield from _refuse_link(os.path.join(here, name), root)  # noqa: PTH118
        folders[:] = sorted(
            each
            for each in folders
            if not (each.startswith(".") or each.endswith("_formcheck"))
            and os.path.realpath(os.path.join(here, each)) != skipped  # noqa: PTH118
        )
        for name in sorted(names):
            path = os.path.join(here, name)  # noqa: PTH118  # keeps bytes that are not UTF-8, and "./"
            if name.startswith("."):
                continue
            if os.path.islink(path):  # noqa: PTH114
                yield from _refuse_link(path, root)
            elif _is_other(name):
                ignored.append(path)
            else:
                try:
                    yield from _list_found(path, limits, ignored, folder)
                except JobError as error:
                    yield refuse(path, error, os.path.abspath(path))  # noqa: PTH100


def _list_found(path: str, limits: Limits, ignored: list[str], root: str) -> Iterator[Job]:
    _check_regular(path)
    if path.lower().endswith(".zip"):
        yield from _list_zip(path, limits, ignored, root)
    else:
        yield _job_of_file(path, root)


def _refuse_link(path: str, root: str) -> Iterator[Job]:
    """Yield a refused job for a link that leaves the folder; the target of any other is in the folder itself."""
    target = os.path.realpath(path)
    if os.path.commonpath([target, root]) != root:
        yield refuse(
            path,
            JobError("source", f"{path} is a link that leads out of the folder.", "Put the video itself there."),
            path,
        )


def _is_other(name: str) -> bool:
    """Whether a name's ending says that it is no video."""
    kind, _ = mimetypes.guess_type(name)
    if NO_VIDEOS.fullmatch(name):
        return True
    return (
        kind is not None and kind.split("/")[0] in {"text", "image", "font", "audio", "message"} and kind != "image/gif"
    )


def _list_manifest(path: str, lifts: Collection[str]) -> Iterator[Job]:
    """Yield a job per row; relative paths start at the manifest's folder."""
    try:
        raw = own_files.read_bytes(Path(path), MAX_MANIFEST_BYTES)
    except DamagedError as error:
        raise JobError(
            "source", f"{path} cannot be read: {error}.", "Check the file; if it is large, split it."
        ) from error
    try:
        rows = 0
        for row in read_manifest(raw, lifts):
            rows += 1
            yield _job_of_row(row, path)
        if not rows:
            raise JobError("source", "The table names no video.", "Write one row per video below the headings.")
    except JobError as error:
        raise JobError(error.kind, f"{path}: {error.message}", error.hint) from error


def _job_of_row(row: Row, manifest: str) -> Job:
    place = row.path if is_url(row.path) else os.path.join(os.path.dirname(manifest), row.path)  # noqa: PTH118, PTH120
    try:
        if row.error is not None:
            raise row.error
        if is_url(row.path):
            job = _job_of_url(row.path)
        else:
            _check_regular(place)
            job = _job_of_file(place)
        return replace(job, lift=row.lift, tags=row.tags)
    except JobError as error:
        where = f"{manifest}, line {row.line}"
        told = JobError(error.kind, f"{where}: {error.message}", error.hint)
        return refuse(place if row.path else where, told, where, row.tags)


def _list_zip(path: str, limits: Limits, ignored: list[str], root: str | None = None) -> Iterator[Job]:
    """Yield a job per entry of a zip file, local or at a URL; nothing is unpacked. Its name is as a folder's."""
    identity = path if is_url(path) else os.path.abspath(path)  # noqa: PTH100
    try:
        with open_url(path) as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise JobError("source", f"{path} is not a zip file, or is damaged.", "Pack it again.") from error
    if len(entries) > MAX_ENTRIES:
        raise JobError("source", f"{path} has {len(entries)} entries.", f"Split it: at most {MAX_ENTRIES}.")
    unpacked = os.path.splitext(identity)[0]  # noqa: PTH122
    for number, entry in enumerate(entries):
        name = posixpath.basename(entry.filename.replace("\\", "/"))
        if entry.is_dir() or not name or name.startswith(".") or entry.filename.startswith("__MACOSX/"):
            continue
        label = f"{path}/{entry.filename}"
        if _is_other(name):
            ignored.append(label)
            continue
        place = f"{identity}#{number}/{entry.filename}"
        try:
            _check_entry(entry, limits)
            folder = name_folder(Path(name).stem, place)
            below = _below(f"{unpacked}/{entry.filename}", root or unpacked)
            yield Job(place=identity, label=printable(label), folder=folder, entry=number, below=below)
        except JobError as error:
            yield refuse(label, error, place)


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    """Raise JobError for an entry that is a link, locked, or unpacks to more than a video can be."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise JobError("source", f"{entry.filename} is a link, not a file.", "Pack the video itself.")
    if entry.flag_bits & 0x1:
        raise JobError("source", f"{entry.filename} is locked with a password.", "Pack it without one.")
    packed = max(entry.compress_size, 1)
    if entry.file_size > limits.max_bytes or (entry.file_size > BOMB_BYTES and entry.file_size > BOMB_RATIO * packed):
        raise JobError(
            "limit",
            f"{entry.filename} would unpack to {entry.file_size / 1e6:.0f} MB.",
            f"A video of up to {limits.max_bytes / 1e6:.0f} MB is read, and no video compresses {BOMB_RATIO} times.",
        )


def _list_url(url: str, limits: Limits, ignored: list[str]) -> Iterator[Job]:
    place = _without_query(url)
    if place.lower().endswith(".zip"):
        yield from _list_zip(url, limits, ignored)
        return
    if place.lower().endswith(".csv"):
        raise JobError("source", f"{url} is a manifest at a URL.", "Download it; its rows may be URLs.")
    if not (url.endswith("/") or glob.has_magic(place)):
        yield _job_of_url(url)
        return
    filesystem, path = split_url(url)
    if not url.endswith("/") and filesystem.exists(path):  # a name may have what elsewhere makes a pattern
        yield _job_of_url(url)
        return
    found = filesystem.find(path) if url.endswith("/") else filesystem.glob(path)
    if not found:
        raise JobError("source", f"There is nothing at {url}.", "Check the address.")
    for each in sorted(found):
        if _is_other(each):
            ignored.append(each)
        else:
            yield _job_of_url(filesystem.unstrip_protocol(each), _fixed_part(url))


def _without_query(url: str) -> str:
    """Return a URL up to its "?", which asks a web server for something and elsewhere is one letter of a pattern."""
    return url.partition("?")[0] if url.lower().startswith(("http://", "https://")) else url


def _job_of_url(url: str, root: str | None = None) -> Job:
    plain = _without_query(url).rstrip("/")
    name, below = posixpath.basename(plain), _below(plain, root or posixpath.dirname(plain))
    return Job(place=url, label=url, folder=name_folder(Path(name).stem, url), below=below)
