"""The figure drawn onto pictures, and the annotated video read back."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import make_finding, make_kinematics, make_report
from films import plain, read_pictures, write_film

from formcheck.data import BackContour, Concern, PoseSequence, Report, View
from formcheck.errors import InputError, OutputError
from formcheck.rendering.annotated_video import find_offset, read_upright, take_stills, write_video
from formcheck.rendering.body_figure import joint_landmarks, sample_at
from formcheck.rendering.lettering import write_edged
from formcheck.rendering.overlay import NEAR, draw_figure, figure_of
from formcheck.rendering.set_captions import (
    PHASE_COLOURS,
    Captions,
    draw_captions,
    draw_card,
    draw_stop,
    write_captions,
)
from formcheck.report.folder import write_aside
from formcheck.skeleton import Landmark
from formcheck.video import decode_from, probe

SIZE = (320, 240)  # width, height
PLACES = {"ear": (150, 40), "shoulder": (150, 70), "elbow": (180, 100), "wrist": (180, 130), "hip": (150, 130)}
PLACES |= {"knee": (150, 170), "ankle": (150, 210), "heel": (145, 220), "foot_index": (170, 220)}
GREY = 90


def make_set(n_samples: int = 30, rate_hz: float = 10.0) -> Report:
    """One second to three of a body that stands, seen from the left, facing right; nobody in the last ten samples."""
    xy_px = np.full((n_samples, 33, 2), np.nan)
    for side, shift in (("left", 0), ("right", 4)):
        for joint, (x, y) in PLACES.items():
            xy_px[:, Landmark[f"{side}_{joint}".upper()]] = (x + shift, y)
    xy_px[-10:] = np.nan
    chord_px = np.tile([[150.0, 130.0], [150.0, 70.0]], (n_samples, 1, 1))
    depth_px = np.full((n_samples, 2, 51), 20.0)
    base = make_report(kinematics=make_kinematics(n_samples))
    time_s = np.arange(n_samples) / rate_hz
    poses = PoseSequence(
        time_s=time_s,
        xy_px=xy_px,
        world_m=np.zeros((n_samples, 33, 3)),
        visibility=np.ones((n_samples, 33)),
        size_px=SIZE,
        back=BackContour(chord_px, np.linspace(0, 1, 51), depth_px),
        provenance=base.provenance,
    )
    rep = replace(base.reps[0], stop=25)
    finding = make_finding(
        "rdl.overrun", "fault", rep=1, start_s=1.5, end_s=2.0, text="Start back up when your hips stop."
    )
    return replace(base, poses=poses, reps=(rep,), findings=(finding,), source=replace(base.source, size_px=SIZE))


def film(path: Path, *, seconds: float = 3.0, size: tuple[int, int] = SIZE, turned_deg: int = 0) -> Path:
    return write_film(path, [plain(*size, GREY)] * round(10 * seconds), fps=10.0, turned_deg=turned_deg)


def changed(picture: np.ndarray, level: int = GREY) -> np.ndarray:
    return (np.abs(picture.astype(int) - level) > 25).any(axis=2)


def test_limbs_and_joints_lie_on_the_landmarks() -> None:
    figure = figure_of(make_set())
    assert figure is not None
    picture = plain(640, 480, GREY)
    draw_figure(picture, figure, 1.0, zoom=2.0, origin_px=(0, 0))
    for x, y in PLACES.values():
        assert tuple(picture[2 * y, 2 * x]) == NEAR
    assert tuple(picture[230, 360]) == NEAR, "halfway from elbow to wrist"
    assert changed(picture)[200, 260], "the back's outline, 20 px behind the chord"
    assert not changed(picture)[200, 340]


def test_a_cut_picture_moves_the_figure() -> None:
    figure = figure_of(make_set())
    assert figure is not None
    picture = plain(160, 200, GREY)
    draw_figure(picture, figure, 1.0, zoom=1.0, origin_px=(100, 30))
    assert tuple(picture[100, 50]) == NEAR


def test_nobody_is_drawn_where_nobody_was_seen() -> None:
    report = make_set()
    assert report.poses is not None
    figure = figure_of(
        replace(report, poses=replace(report.poses, back=None), kinematics=make_kinematics(30, channels={}))
    )
    assert figure is not None
    for moment_s in (2.5, 9.0):
        picture = plain(*SIZE, GREY)
        draw_figure(picture, figure, moment_s, zoom=1.0, origin_px=(0, 0))
        assert not changed(picture).any()
    assert figure_of(replace(report, poses=None)) is None


def test_a_camera_far_off_the_side_view_shows_no_angle() -> None:
    report = make_set()
    oblique = View(side="left", facing="right", yaw_deg=50.0, verdict="red", reason="the camera is off")
    for view, shown in ((report.kinematics.view, True), (oblique, False)):
        figure = figure_of(replace(report, kinematics=make_kinematics(30, view=view)))
        assert figure is not None
        picture = plain(*SIZE, GREY)
        draw_figure(picture, figure, 1.0, zoom=1.0, origin_px=(0, 0))
        assert bool(changed(picture)[:60, :80].any()) is shown


def test_samples_between_frames() -> None:
    times_s, values = np.array([0.0, 0.1, 0.2]), np.array([0.0, 1.0, np.nan])
    assert sample_at(times_s, values, 0.05) == pytest.approx(0.5)
    assert sample_at(times_s, values, 0.12) == 1.0, "the seen neighbour"
    assert np.isnan(sample_at(times_s, values, 0.19))
    assert sample_at(times_s, values, -0.1) == 0.0
    assert np.isnan(sample_at(times_s, values, -0.3))


@pytest.mark.parametrize(("facing", "x"), [("left", 120.0), ("right", 80.0)])
def test_the_back_is_where_the_lifter_does_not_look(facing: str, x: float) -> None:
    upright = BackContour(
        np.array([[[100.0, 200.0], [100.0, 100.0]]]), np.array([0.0, 1.0]), np.array([[[20.0, 20.0], [20.0, np.nan]]])
    )
    traced = upright.trace(facing)  # type: ignore[arg-type]  # one of the two
    np.testing.assert_allclose(traced[0, 0], [x, 200.0])
    assert np.isnan(traced[0, 1]).all() == (facing == "right")


def test_the_near_side_comes_first() -> None:
    assert joint_landmarks("right")[4] == Landmark.RIGHT_HIP
    assert joint_landmarks("right")[13] == Landmark.LEFT_HIP


NAMES = {"rdl.overrun": "no overrun", "rdl.tempo": "lowering time"}


def captions_of(report: Report) -> Captions:
    return write_captions(report, "Romanian deadlift", NAMES)


def test_captions_say_the_set() -> None:
    """A cue stops the picture where it begins, a quick lowering's where it ends; the rest is named in passing."""
    slow = make_finding("rdl.tempo", "note", rep=1, value=1.5, unit="s", start_s=0.5, end_s=2.0, concern=Concern.PACE)
    base = make_set()
    again = replace(base.findings[0], rep=2, start_s=2.5, end_s=2.6)
    cues = (
        replace(base.cues[0], start_s=1.5, text="Start back up when your hips stop."),
        replace(base.cues[1], start_s=0.5, text="Take longer down."),
    )
    captions = captions_of(replace(base, findings=(*base.findings, again, slow), cues=cues))
    assert [(stop.moment_s, stop.hold_s, stop.title) for stop in captions.stops] == [
        (1.5, 2.5, "✕ Overrun  14°"),
        (2.0, 2.5, "! Lowering time  1.5 s"),
    ]
    assert [(each.start_s, each.end_s, each.text) for each in captions.found] == [(2.5, 4.5, "✕ Overrun  14°")]
    assert captions.title == "Romanian deadlift, 1 rep"
    assert captions.headline == "Two things to change"
    assert [text for _, _, text in captions.points] == ["Overrun in rep 1", "Lowering time in reps 1-2"]


def test_a_long_cue_is_held_for_longer_but_not_for_ever() -> None:
    base = make_set()
    stops = [
        captions_of(replace(base, cues=(replace(base.cues[0], text="word " * count),))).stops[0].hold_s
        for count in (4, 15, 60)
    ]
    assert stops == [2.5, 4.0, 5.0]


def test_count_and_tempo_at_their_moments() -> None:
    captions = captions_of(make_set())
    for moment_s, counted, timed in ((0.2, False, False), (1.0, True, True), (3.5, True, False)):
        picture = plain(*SIZE, GREY)
        draw_captions(picture, captions, moment_s)
        assert bool(changed(picture)[:50, 250:].any()) is counted
        assert bool(changed(picture)[220:].any()) is timed
    half, whole = plain(*SIZE, GREY), plain(*SIZE, GREY)
    draw_captions(half, captions, 1.0)
    draw_captions(whole, captions, 2.9)
    blue = [(picture[222:228].astype(int) == PHASE_COLOURS["down"]).all(axis=2).sum() for picture in (half, whole)]
    assert 0 < blue[0] < blue[1], "the bar fills"


@pytest.mark.parametrize("size", [SIZE, SIZE[::-1], (1280, 720)])
def test_words_stay_inside_the_picture(size: tuple[int, int]) -> None:
    long = "Ü" * 90 + " word" * 20
    base = make_set()
    captions = captions_of(replace(base, cues=(replace(base.cues[0], start_s=1.5, text=long),)))
    picture = plain(*size, GREY)
    draw_stop(picture, captions.stops[0])
    assert not changed(picture)[: size[1] // 8].any()
    assert changed(picture)[size[1] // 2 :].any()
    assert not (picture[:, -2:] > 100).any(), "no letter is cut by the edge"
    card = plain(*size, GREY)
    draw_card(card, captions)
    assert (card > 200).any()
    assert card[0, 0, 0] == GREY // 5


def test_text_has_a_dark_edge() -> None:
    picture = plain(200, 60, 255)
    write_edged(picture, "hip 101°", (10, 40), NEAR, 24)
    assert (picture < 60).any(), "white on white is still read"


def read_times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(frame.time) for frame in container.decode(video=0) if frame.time is not None]


def test_the_video_is_the_stretch_with_the_figure(tmp_path: Path) -> None:
    target = tmp_path / "annotated.mp4"
    calls: list[tuple[int, int]] = []
    write_video(film(tmp_path / "set.mp4"), make_set(), target, lambda done, expected: calls.append((done, expected)))
    assert calls[-1] == (29, 29)
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (960, 720), "720 lines, to be read on a phone"
    assert read_times(target) == pytest.approx(np.arange(30) / 10)
    content = target.read_bytes()
    assert content.find(b"moov") < content.find(b"mdat"), "it plays before it is loaded"
    pictures = read_pictures(target)
    assert pictures[10][345, 540].min() > 180, "the forearm"
    assert abs(int(pictures[10][450, 120, 0]) - GREY) < 4, "what is not drawn over stays as it was"


def test_the_picture_stands_still_at_a_cue_and_a_card_ends_it(tmp_path: Path) -> None:
    """Ten frames a second: 2.5 s of the cue at 1.5 s, and 4 s of the card behind the set's 2.9."""
    base = make_set()
    report = replace(base, cues=(replace(base.cues[0], start_s=1.5, text="Start back up when your hips stop."),))
    target = tmp_path / "annotated.mp4"
    write_video(film(tmp_path / "set.mp4"), report, target, captions=captions_of(report))
    assert read_times(target) == pytest.approx(np.arange(30 + 25 + 40) / 10)
    pictures = read_pictures(target)
    dark = [float(picture[560:630].mean()) for picture in pictures]
    assert max(dark[16:41]) < 60 < min(dark[:15]), "the words lie over the picture while it stands"
    assert np.abs(pictures[20].astype(int) - pictures[38]).mean() < 1
    assert dark[41] > 60
    assert max(float(np.median(picture)) for picture in pictures[-40:]) < 40, "the card"


def test_a_tall_video_is_cut_to_the_lifter(tmp_path: Path) -> None:
    path = film(tmp_path / "set.mp4")
    write_video(path, make_set(), tmp_path / "annotated.mp4", tall=True)
    picture = read_pictures(tmp_path / "annotated.mp4")[10]
    assert picture.shape == (1280, 720, 3)
    # Ear to foot take 180 lines, with their margin those from 13 on: columns 100 to 227 of them, 5.64 times as large.
    assert picture[142:163, 272:293].min(axis=2).max() > 180, "the ear, 150 px from the left and 40 from the top"
    assert abs(int(picture[900, 40, 0]) - GREY) < 4


def test_sound_waits_while_the_picture_stands(tmp_path: Path) -> None:
    add_sound(film(tmp_path / "quiet.mp4"), tmp_path / "set.mp4", "aac")
    base = make_set()
    report = replace(base, cues=(replace(base.cues[0], start_s=1.5, text="Start back up when your hips stop."),))
    write_video(tmp_path / "set.mp4", report, tmp_path / "annotated.mp4", captions=captions_of(report))
    with av.open(str(tmp_path / "annotated.mp4")) as out:
        times_s = [float(packet.pts * packet.time_base) for packet in out.demux(audio=0) if packet.pts is not None]
    steps_s = np.diff(times_s)
    assert steps_s.max() == pytest.approx(2.5, abs=0.1)
    assert np.sort(steps_s)[-2] < 0.05


def test_a_stretch_starts_at_zero_and_ends_with_the_analysis(tmp_path: Path) -> None:
    report = make_set()
    shorter = replace(report, kinematics=make_kinematics(11, time_s=1.0 + np.arange(11) / 10))
    target = tmp_path / "annotated.mp4"
    write_video(film(tmp_path / "set.mp4"), shorter, target)
    with av.open(str(target)) as container:
        times_s = [frame.time for frame in container.decode(video=0)]
    assert times_s == pytest.approx(np.arange(11) / 10)


@pytest.mark.parametrize("turned_deg", [0, 90, 180, 270])
def test_a_turned_video_comes_out_upright(tmp_path: Path, turned_deg: int) -> None:
    stored = SIZE if turned_deg % 180 == 0 else SIZE[::-1]
    picture = plain(*SIZE, GREY)
    picture[:40, 260:] = 250
    turned = np.rot90(picture, turned_deg // 90)
    assert turned.shape[1::-1] == stored
    path = write_film(tmp_path / "set.mp4", [turned] * 30, fps=10.0, turned_deg=turned_deg)
    write_video(path, replace(make_set(), findings=(), reps=()), tmp_path / "annotated.mp4")
    written = read_pictures(tmp_path / "annotated.mp4")[10]
    assert written.shape == (720, 960, 3)
    assert written[60, 900].min() > 230
    upright = read_upright(next(decode_from(probe(path))), probe(path))
    assert upright[20, 300].min() > 230


def test_a_large_video_is_made_smaller(tmp_path: Path) -> None:
    path = film(tmp_path / "set.mp4", size=(1920, 1080), seconds=1.0)
    report = replace(make_set(), poses=None)
    write_video(path, report, tmp_path / "annotated.mp4")
    with av.open(str(tmp_path / "annotated.mp4")) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (1280, 720)


def add_sound(path: Path, target: Path, codec: str, seconds: float = 3.0) -> None:
    """Copy a film beside a tone."""
    with av.open(str(path)) as film_file, av.open(str(target), "w") as out:
        pictures = out.add_stream_from_template(film_file.streams.video[0])
        sound = out.add_stream(codec, rate=48_000)
        for packet in film_file.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                out.mux(packet)
        size = 1024
        for number in range(int(seconds * 48_000 / size)):
            at = (number * size + np.arange(size)) / 48_000
            tone = np.tile(0.1 * np.sin(2 * np.pi * 440 * at), (2, 1)).astype(np.float32)
            kind, samples = ("fltp", tone) if codec == "aac" else ("s16p", (32_000 * tone).astype(np.int16))
            frame = av.AudioFrame.from_ndarray(samples, format=kind, layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, number * size, Fraction(1, 48_000)
            out.mux(sound.encode(frame))
        out.mux(sound.encode())


def test_sound_is_copied(tmp_path: Path) -> None:
    add_sound(film(tmp_path / "quiet.mp4"), tmp_path / "set.mp4", "aac")
    report = make_set()
    write_video(tmp_path / "set.mp4", report, tmp_path / "annotated.mp4")
    with av.open(str(tmp_path / "annotated.mp4")) as out, av.open(str(tmp_path / "set.mp4")) as source:
        ours = [bytes(packet) for packet in out.demux(audio=0) if packet.size]
        theirs = [bytes(packet) for packet in source.demux(audio=0) if packet.size]
        assert out.streams.audio[0].codec_context.name == "aac"
    assert len(ours) > 130
    assert all(packet in theirs for packet in ours), "packet by packet, not made anew"


def test_sound_that_mp4_does_not_take_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    add_sound(film(tmp_path / "quiet.mp4"), tmp_path / "set.mkv", "pcm_s16le")
    write_video(tmp_path / "set.mkv", make_set(), tmp_path / "annotated.mp4")
    with av.open(str(tmp_path / "annotated.mp4")) as out:
        assert not out.streams.audio
    assert "its sound (pcm_s16le) does not fit into MP4" in caplog.text


def test_pictures_that_start_after_the_sound_are_offset(tmp_path: Path) -> None:
    late = write_film(tmp_path / "late.mp4", [plain(*SIZE, GREY)] * 30, times_s=[0.5 + n / 10 for n in range(30)])
    add_sound(late, tmp_path / "set.mkv", "aac")
    info = probe(tmp_path / "set.mkv")
    assert find_offset(info) == pytest.approx(0.5, abs=0.03)
    assert take_stills(tmp_path / "set.mkv", None, [1.0]).offset_s == find_offset(info)


def test_no_half_video_is_left(tmp_path: Path) -> None:
    target = tmp_path / "annotated.mp4"
    target.write_bytes(b"old")
    with pytest.raises(InputError), write_aside(target) as aside:
        write_video(tmp_path / "none.mp4", make_set(), aside)
    assert target.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["annotated.mp4"]
    with pytest.raises(OutputError), write_aside(tmp_path / "no" / "annotated.mp4"):
        pass
