"""What the user may name, and what strangers may have put into it: a list of jobs; nothing is decoded."""

import os
import stat
import zipfile
from pathlib import Path

import fsspec
import pytest

from formcheck.batch.fetch import local_copy
from formcheck.batch.job import Job, JobError, Limits, Tags
from formcheck.batch.naming import name_folder
from formcheck.batch.sources import AUTO, Listing, list_source, merge_jobs, name_athlete

LIFTS = ("auto", "rdl", "nordic")
HOSTILE = (
    "../../etc/passwd",
    "con",
    "..",
    "a" * 255,
    "новый подход",
    "セット",
    "<script>alert(1)</script>",
    "line\nbreak\x1b[31m",
    "\udcff\udcfe",
    "=cmd|' /C calc'!A0",
    "a/b\\c:d*e?f",
    " . ",
    "",
)


def names(listing: Listing) -> list[str]:
    return [Path(job.label).name for job in listing.jobs]


def only(listing: Listing) -> Job:
    (job,) = listing.jobs
    return job


def refusal(job: Job) -> str:
    assert job.refusal is not None, job
    assert job.refusal.hint
    return job.refusal.message


@pytest.mark.parametrize("stem", HOSTILE)
def test_a_folders_name_is_safe_whatever_the_upload_was_called(stem: str) -> None:
    name = name_folder(stem, f"/uploads/{stem}")
    assert name == name_folder(stem, f"/uploads/{stem}")
    assert len(name.encode()) <= 200
    assert all(letter.isalnum() or letter in "-_" for letter in name), name
    assert not name.startswith((".", "-"))


def test_equal_stems_have_folders_of_their_own() -> None:
    assert len({name_folder("IMG_1", f"/{athlete}/IMG_1.mp4").casefold() for athlete in "abcdefgh"}) == 8


def test_a_folder_gives_its_files_in_order(tmp_path: Path) -> None:
    for name in (
        "b/2.mov",
        "a/1.mp4",
        "noend",
        "notes.txt",
        ".hidden.mp4",
        "x.GIF",
        "1_formcheck/annotated.mp4",
        "p.png",
        "IMG_1.AAE",
        "GX1.LRV",
        "voice.m4a",
        "markers.c3d",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    listing = list_source(str(tmp_path), LIFTS, Limits())
    assert names(listing) == ["noend", "x.GIF", "1.mp4", "2.mov"]
    assert sorted(Path(name).name for name in listing.ignored) == [
        "GX1.LRV",
        "IMG_1.AAE",
        "markers.c3d",
        "notes.txt",
        "p.png",
        "voice.m4a",
    ]


def test_the_results_own_folder_is_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "set.mp4").write_bytes(b"x")
    (tmp_path / "res" / "videos").mkdir(parents=True)
    (tmp_path / "res" / "videos" / "old.mp4").write_bytes(b"x")
    assert names(list_source(str(tmp_path), LIFTS, Limits(), str(tmp_path / "res"))) == ["set.mp4"]


def test_links_that_leave_the_folder_are_refused_and_others_passed_over(tmp_path: Path) -> None:
    uploads, secret = tmp_path / "uploads", tmp_path / "secret"
    uploads.mkdir()
    secret.mkdir()
    (secret / "other.mp4").write_bytes(b"x")
    (uploads / "set.mp4").write_bytes(b"x")
    (uploads / "again.mp4").symlink_to("set.mp4")
    (uploads / "stolen.mp4").symlink_to(secret / "other.mp4")
    (uploads / "all").symlink_to(secret)
    (uploads / "round").symlink_to(uploads)
    os.mkfifo(uploads / "pipe.mp4")
    jobs = list_source(str(uploads), LIFTS, Limits()).jobs
    assert {Path(job.label).name: job.refusal is None for job in jobs} == {
        "set.mp4": True,
        "stolen.mp4": False,
        "all": False,
        "pipe.mp4": False,
    }


def test_patterns_and_what_is_not_there(tmp_path: Path) -> None:
    for name in ("a1.mp4", "a2.mp4", "b1.mp4", "[odd].mp4"):
        (tmp_path / name).write_bytes(b"x")
    assert names(list_source(f"{tmp_path}/a*.mp4", LIFTS, Limits())) == ["a1.mp4", "a2.mp4"]
    assert names(list_source(f"{tmp_path}/[odd].mp4", LIFTS, Limits())) == ["[odd].mp4"]
    assert "Nothing matches" in refusal(only(list_source(f"{tmp_path}/c*", LIFTS, Limits())))
    assert "There is no file" in refusal(only(list_source(f"{tmp_path}/gone.mp4", LIFTS, Limits())))
    assert "There is no file" in refusal(only(list_source("x" * 5000, LIFTS, Limits())))


def test_a_question_to_a_web_server_is_not_a_pattern() -> None:
    for url in ("https://host.example/a/set.mp4?key=1&t=[2]*", "HTTP://127.0.0.1:9/a/set.mp4?k=1"):
        job = only(list_source(url, LIFTS, Limits()))
        assert (job.place, job.folder.split("-")[0], job.refusal) == (url, "set", None)
    table = only(list_source("https://host.example/sets.csv?k=1", LIFTS, Limits()))
    assert "is a manifest at a URL" in refusal(table)


def test_a_name_at_a_url_that_is_there_is_not_a_pattern() -> None:
    fsspec.filesystem("memory").pipe({"/odd/[a]?.mp4": b"x", "/odd/ab.mp4": b"y"})
    assert only(list_source("memory:///odd/[a]?.mp4", LIFTS, Limits())).place == "memory:///odd/[a]?.mp4"
    assert names(list_source("memory:///odd/[a]?.*", LIFTS, Limits())) == ["ab.mp4"]


def test_a_manifest_says_who_lifted_what_and_when(tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "one.mp4").write_bytes(b"x")
    text = (
        "\ufeffPath;Athlete;Lift;Date;Load;Sets;Notes\n"
        'up/one.mp4;"Ana; B.";RDL;2026-11-20;82,5 kg;3;heavy\n'
        "\n"
        "up/gone.mp4;Ben;rdl;2026-11-20;;;\n"
        "up/one.mp4;Cem;squat;;;;\n"
        "up/one.mp4;Cem;;2026-11-31;;;\n"
        "up/one.mp4;Cem;;;many;;\n"
        "up/one.mp4;Cem;;;;0;\n"
        ";Cem;;;;;\n"
        "http://127.0.0.1:9/a/set.mp4?k=1;Dee;;;;;\n"
    )
    (tmp_path / "sets.csv").write_text(text, encoding="utf-8")
    jobs = list_source(str(tmp_path / "sets.csv"), LIFTS, Limits()).jobs
    assert jobs[0].lift == "rdl"
    assert jobs[0].tags == Tags("Ana; B.", "2026-11-20", 82.5, 3, "heavy")
    expected = [
        "line 4: There is no file",
        "line 5: The lift 'squat'",
        "line 6: The date is wrong: '2026-11-31' is not a date",
    ]
    expected += ["line 7: The load 'many'", "line 8: '0' is not a number of sets", "line 9: The row names no video"]
    for job, words in zip(jobs[1:7], expected, strict=True):
        assert words in refusal(job)
    assert (jobs[7].place, jobs[7].folder.split("-")[0]) == ("http://127.0.0.1:9/a/set.mp4?k=1", "set")


@pytest.mark.parametrize("heading", ["Load (kg)", "weight", "Weight (kg)"])
def test_a_weight_in_a_manifest_is_the_load(heading: str, tmp_path: Path) -> None:
    (tmp_path / "one.mp4").write_bytes(b"x")
    (tmp_path / "sets.csv").write_text(f"path,{heading}\none.mp4,82.5\n")
    (job,) = list_source(str(tmp_path / "sets.csv"), LIFTS, Limits()).jobs
    assert (job.refusal, job.tags.load_kg) == (None, 82.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("video,athlete\n", "has no column named path"),
        ("time,LShoulder_x,LShoulder_y\n0,1,2\n", "holds landmarks, and no videos"),
        ("frame,landmark,x,y\n0,left_hip,1,2\n", "holds landmarks, and no videos"),
        ("path,athlet\n", "has a column 'athlet'"),
        ("path,path\n", "the column path twice"),
        ("path,athlete\n,,\n", "names no video"),
        ('path\n"' + "x" * 200_000, "is not CSV"),
        ("", "has no column named path"),
    ],
)
def test_a_table_that_is_no_manifest(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "sets.csv").write_text(text)
    assert words in refusal(list_source(str(tmp_path / "sets.csv"), LIFTS, Limits()).jobs[-1])


def test_a_manifest_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "sets.csv").write_bytes(b"\xff\xfe\x00path")
    assert "is not text" in refusal(only(list_source(str(tmp_path / "sets.csv"), LIFTS, Limits())))


def make_zip(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_a_zip_file_is_a_folder_whose_names_lead_nowhere(tmp_path: Path) -> None:
    path = make_zip(
        tmp_path / "up.zip", {"../../evil.mp4": b"one", "/abs.mp4": b"two", "notes.txt": b"", "a/.b.mp4": b""}
    )
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("link.mp4")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    evil, absolute, linked = list_source(str(path), LIFTS, Limits()).jobs
    assert "is a link" in refusal(linked)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for job, content in ((evil, b"one"), (absolute, b"two")):
        with local_copy(job, Limits(), scratch) as copy:
            assert (copy.read_bytes(), copy.name, copy.parent.parent) == (content, "video", scratch)
    assert list(scratch.iterdir()) == []
    assert sorted(each.name for each in tmp_path.iterdir()) == ["scratch", "up.zip"]


def test_a_bomb_does_not_go_off(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "bomb.zip", {"bomb.mp4": bytes(120_000_000), "large.mp4": os.urandom(3000)})
    bomb, large = list_source(str(path), LIFTS, Limits(max_bytes=2000)).jobs
    assert "would unpack to 120 MB" in refusal(bomb)
    assert "would unpack" in refusal(large)
    (told,) = [each for each in list_source(str(path), LIFTS, Limits()).jobs if each.refusal is None]
    with pytest.raises(JobError, match="is larger than 0 MB"), local_copy(told, Limits(max_bytes=2000), tmp_path):
        pass


def test_damaged_archives(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "up.zip", {"set.mp4": os.urandom(5000)})
    whole = path.read_bytes()
    path.write_bytes(whole[:3000])
    assert "is not a zip file" in refusal(only(list_source(str(path), LIFTS, Limits())))
    path.write_bytes(whole[:1000] + bytes(1000) + whole[2000:])
    with (
        pytest.raises(JobError, match=r"set.mp4 cannot be read: .*CRC") as caught,
        local_copy(only(list_source(str(path), LIFTS, Limits())), Limits(), tmp_path),
    ):
        pass
    assert caught.value.kind == "fetch"


def test_a_video_that_two_sources_name_is_one_job(tmp_path: Path) -> None:
    (tmp_path / "set.mp4").write_bytes(b"x")
    (tmp_path / "sets.csv").write_text("path,athlete\nset.mp4,Ana\nset.mp4,Ben\n")
    sources = (str(tmp_path), str(tmp_path / "sets.csv"), str(tmp_path / "set.mp4"))
    jobs = merge_jobs(job for source in sources for job in list_source(source, LIFTS, Limits()).jobs)
    assert [job.tags.athlete for job in jobs] == ["Ana", "Ben"]
    assert len({job.folder for job in jobs}) == 2


@pytest.mark.parametrize(
    ("source", "known", "athletes"),
    [
        ("coachbob/uploads", [], {"x.mp4": None, "y.mp4": "nested", "z.mp4": "Cleo"}),
        ("coachbob/uploads", ["Anna"], {"x.mp4": None, "y.mp4": "Anna", "z.mp4": "Cleo"}),
        ("coachbob/uploads/**/?.mp4", ["Anna"], {"x.mp4": None, "y.mp4": "Anna"}),
        ("coachbob/upl*", ["Anna"], {"x.mp4": None, "y.mp4": "Anna", "z.mp4": "Cleo"}),
        ("coachbob/uploads/Anna", [], {"y.mp4": "nested"}),
        ("coachbob/uploads/x.mp4", [], {"x.mp4": None}),
        ("coachbob/uploads/Anna/nested/y.mp4", ["Anna"], {"y.mp4": "nested"}),
        ("coachbob/uploads/Cleo.zip", [], {"z.mp4": "Cleo"}),
    ],
)
@pytest.mark.parametrize("spelled", ["relative", "whole", "from inside"])
def test_only_what_lies_below_the_source_names_an_athlete(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    known: list[str],
    athletes: dict[str, str | None],
    spelled: str,
) -> None:
    """The folder or zip file that was named is the last resort; however it is spelled, the answer is the same."""
    nested = tmp_path / "coachbob" / "uploads" / "Anna" / "nested"
    nested.mkdir(parents=True)
    for path in (nested / "y.mp4", nested.parent.parent / "x.mp4"):
        path.touch()
    make_zip(nested.parent.parent / "Cleo.zip", {"z.mp4": b"z"})
    monkeypatch.chdir(tmp_path)
    if spelled == "whole":
        source = str(tmp_path / source)
    elif spelled == "from inside":
        monkeypatch.chdir(tmp_path / "coachbob")
        source = os.path.join(".", os.path.relpath(source, "coachbob"))  # noqa: PTH118
    jobs = [name_athlete(job, AUTO, known) for job in list_source(source, LIFTS, Limits()).jobs]
    assert {Path(job.label).name: job.tags.athlete for job in jobs} == athletes


def test_a_host_or_bucket_names_nobody() -> None:
    for url, athlete in (
        ("https://anna.example/x.mp4", None),
        ("https://anna.example/Ben/x.mp4", "Ben"),
        ("s3://bucket/a/Ben/2026/x.mp4", None),
    ):
        (job,) = list_source(url, LIFTS, Limits()).jobs
        assert name_athlete(job, AUTO, []).tags.athlete == athlete
    fsspec.filesystem("memory").pipe({"/uploads/x.mp4": b"x", "/uploads/Ben/2026/y.mp4": b"y"})
    for url, found in (("memory:///uploads/", ["Ben", None]), ("memory:///uploads/*/2026/*.mp4", ["Ben"])):
        jobs = [name_athlete(job, AUTO, []) for job in list_source(url, LIFTS, Limits()).jobs]
        assert [job.tags.athlete for job in jobs] == found
