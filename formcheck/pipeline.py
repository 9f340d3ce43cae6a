"""Composes the stages: one video in, one Report out."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path

import formcheck
from formcheck.assessment.cues import pick_cues
from formcheck.assessment.verdict import judge, phrase
from formcheck.data import (
    Finding,
    Kinematics,
    LiftChoice,
    Measure,
    PoseProvenance,
    PoseSequence,
    Rep,
    Report,
    Source,
)
from formcheck.errors import LiftError, SettingsError
from formcheck.events.feet import measure_feet
from formcheck.events.level import measure_level
from formcheck.io.load import read_poses
from formcheck.kinematics.barbell import add_bar
from formcheck.kinematics.bases import Base
from formcheck.kinematics.camera_view import check_word, find_near_side, judge_view, take_word, turns_round
from formcheck.kinematics.cleaning import repair_tracks
from formcheck.kinematics.joint_angles import measure_kinematics
from formcheck.kinematics.other_postures import leave_out
from formcheck.kinematics.zoom_cuts import join_shots
from formcheck.lifts import all_lifts
from formcheck.lifts.check import Check, Lift, LiftSet, cannot, why_not
from formcheck.pose.estimation import acquire_poses, count_on
from formcheck.segmentation.coverage import find_spoilt, without_unseen
from formcheck.segmentation.lift_recognition import Doubt, doubt_lift, recognise_lift
from formcheck.segmentation.playback_speed import describe_slowness
from formcheck.segmentation.repetitions import find_reps
from formcheck.settings import ModelName, Settings

OTHERWISE = "in {:.0f} % of the frames you {}: they are left out, as this lift is done {}"

ZOOMED = "the picture is cut at {:.1f} s to a closer or a wider one: what follows is measured in the size from before"

TURNED = "you face one way in a part of the clip and the other way in another: choose one with --start and --end"


def analyze(
    path: Path,
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
    use_cache: bool = True,  # noqa: FBT001, FBT002  # one switch, named by its only caller
) -> Report:
    """Return the Report of one video.

    `progress(done, total)` is called from this thread, in frames. Raises InputError, SubjectError or ModelError when
    there is nothing to measure, SettingsError when the lift is not one that this version judges, LiftError when
    `--lift auto` does not recognise it.
    """
    source, poses, lift, choice = find_set(path, settings, progress, use_cache)
    return judge_set(source, poses, lift, settings, choice)


def find_set(
    path: Path,
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
    use_cache: bool = True,  # noqa: FBT001, FBT002  # as in analyze
) -> tuple[Source, PoseSequence, Lift, LiftChoice | None]:
    """Return the landmarks of one video, which lift it is, and how that was recognised, None when it was named.

    Raises what `analyze` raises. A lift that is recognised and has a model of its own is looked at once more by that.
    """
    if settings.lift != "auto":
        lift = choose_lift(settings)
        return *find_poses(path, settings, lift, progress, use_cache), lift, None
    source, poses = find_poses(path, settings, None, progress, use_cache)
    choice = recognise_set(poses)
    lift = all_lifts()[choice.name]
    if first_model(settings, lift) != first_model(settings, None):
        more = None if progress is None else partial(count_on, progress, len(poses.time_s))
        source, poses = find_poses(path, settings, lift, more, use_cache)
    return source, poses, lift, choice


def first_model(settings: Settings, lift: Lift | None) -> ModelName:
    """Return the pose model that looks first: the one asked for, or the lift's own; a lift not known yet takes full."""
    if settings.model is not None:
        return settings.model
    return "full" if lift is None else lift.model


def find_poses(
    path: Path,
    settings: Settings,
    lift: Lift | None,
    progress: Callable[[int, int], None] | None,
    use_cache: bool,  # noqa: FBT001  # as in analyze
) -> tuple[Source, PoseSequence]:
    """Return the landmarks of one video, from the cache where they are known, found for `lift`; see `analyze`."""
    source, poses = acquire_poses(
        path,
        model=first_model(settings, lift),
        rate_hz=settings.rate_hz,
        start_s=settings.start_s,
        end_s=settings.end_s,
        subject=settings.subject,
        workers=settings.workers,
        use_cache=use_cache,
        progress=progress,
    )
    return source, at_true_speed(poses, settings.speed)


def at_true_speed(poses: PoseSequence, speed: float | None) -> PoseSequence:
    """Return landmarks on the lift's clock: a clip at a quarter of the speed took a quarter of its time."""
    if speed is None or speed == 1:
        return poses
    cuts_s = None if poses.cuts_s is None else poses.cuts_s * speed
    return replace(poses, time_s=poses.time_s * speed, cuts_s=cuts_s)


def analyze_landmarks(
    path: Path, settings: Settings, fps: float | None = None, size_px: tuple[int, int] | None = None
) -> Report:
    """Return the Report of landmarks made elsewhere (see `io.load.read_poses`); what needs an outline is not judged."""
    named = None if settings.lift == "auto" else choose_lift(settings)
    source, poses = read_poses(
        path,
        fps=fps,
        size_px=size_px,
        side=settings.side_view,
        subject=settings.subject,
        start_s=settings.start_s,
        end_s=settings.end_s,
    )
    return judge_named(source, at_true_speed(poses, settings.speed), named, settings)


def judge_named(source: Source, poses: PoseSequence, named: Lift | None, settings: Settings) -> Report:
    """Return the Report of a set whose lift was named, or is recognised. Raises LiftError when that is unsure."""
    if named is not None:
        return judge_set(source, poses, named, settings)
    choice = recognise_set(poses)
    return judge_set(source, poses, all_lifts()[choice.name], settings, choice)


def choose_lift(settings: Settings) -> Lift:
    """Return the lift that the settings name. Raises SettingsError for one that this version does not judge."""
    lifts = all_lifts()
    if settings.lift not in lifts:
        known = " or ".join(f"--lift {name}" for name in lifts)
        raise SettingsError(f"This version cannot judge --lift {settings.lift}.", f"Say which lift it is: {known}.")
    return lifts[settings.lift]


def recognise_set(poses: PoseSequence) -> LiftChoice:
    """Return which of the lifts that this version judges a set is. Raises LiftError when that is unsure."""
    joined, _ = join_shots(poses, "ankle")
    tracks = repair_tracks(joined, find_near_side(joined.visibility))
    found = recognise_lift(tracks, all_lifts().values())
    if found.name is None:
        raise LiftError(
            f"The lift was not recognised: {found.reason}.", f"Choose one with --lift {'|'.join(all_lifts())}."
        )
    return LiftChoice(found.name, found.confidence, "auto")


def _prepare(poses: PoseSequence, base: Base, speed: float | None) -> tuple[PoseSequence, float, list[str]]:
    """Return the landmarks in one size and without what is not the lift, the share of the frames that were left out,
    and what the user is told of both.
    """
    joined, zooms = join_shots(poses, base.planted)
    seen, left_out = leave_out(joined, base.elsewhere)
    told = [ZOOMED.format(poses.time_s[zoom.at] / (speed or 1.0)) for zoom in zooms]
    if left_out:
        told.append(OTHERWISE.format(100 * left_out, base.elsewhere.does, base.done))
    return seen, left_out, told


def judge_set(
    source: Source, poses: PoseSequence, lift: Lift, settings: Settings, choice: LiftChoice | None = None
) -> Report:
    """Return the Report of landmarks, wherever they come from: everything behind the pose model, and nothing of the
    video. The landmarks are on the clock of the lift (see `at_true_speed`). `choice` says who chose the lift: the user,
    if not given. Raises SettingsError for a `side_view` that the picture contradicts.
    """
    seen, left_out, told = _prepare(poses, lift.base, settings.speed)
    check_word(seen, lift.base, settings.side_view)
    view = take_word(judge_view(seen, lift.base), seen, settings.side_view)
    repaired = repair_tracks(seen, view.side)
    repaired = replace(repaired, detected_fraction=repaired.detected_fraction + left_out)
    tracks = lift.base.mend(repaired, view.facing)
    kinematics = add_bar(measure_kinematics(tracks, view, lift.base), tracks, settings.plate_m)
    kinematics = tell_of_second_look(kinematics, poses.provenance, first_model(settings, lift))
    kinematics = reduce(add_warning, (poses.provenance.people, poses.provenance.reading, *told), kinematics)
    if lift.correct is not None:
        kinematics = lift.correct(kinematics, poses.provenance.model)
    refusal = lift.posture(kinematics)
    if turns_round(seen, lift.base):
        refusal = TURNED
    doubt = doubt_lift(repaired, lift, all_lifts().values()) if choice is None else Doubt()
    found = () if refusal else find_lift_reps(kinematics, lift)
    found = tuple(rep for rep in found if rep.number not in settings.without)
    spoilt = find_spoilt(found, seen)
    reps = tuple(without_unseen(rep, seen, spoilt) for rep in found)
    slowness = None
    if settings.speed is None:
        slowness = describe_slowness(reps, source.tagged_speed, settings.tempo)
        kinematics = add_warning(kinematics, slowness or "")
    feet = measure_feet(seen.world_m)
    level = measure_level(seen.time_s, seen.xy_px, seen.visibility)
    lift_set = LiftSet(
        kinematics,
        reps,
        tracks.rate_hz,
        settings.tempo,
        feet,
        spoilt,
        is_slowed=slowness is not None,
        mass_kg=settings.mass_kg,
        height_m=settings.height_m,
        level=level,
    )
    asked = [check for check in lift.checks if check.wanted is None or check.wanted(settings)]
    findings = tuple(finding for check in asked for finding in run_check(check, lift_set, settings, refusal))
    return Report(
        source=source,
        lift=choice or LiftChoice(lift.name, 1.0, "user", doubt.reason, doubt.looks_like),
        kinematics=kinematics,
        reps=reps,
        findings=findings,
        cues=pick_cues(findings),
        provenance=poses.provenance,
        settings={**settings.record(), "pose_mode": poses.provenance.mode, "smoothing": poses.provenance.smoothing},
        version=formcheck.__version__,
        poses=poses,
    )


def tell_of_second_look(kinematics: Kinematics, made: PoseProvenance, first: ModelName) -> Kinematics:
    """Return the kinematics with a warning when their landmarks come from a look after the `first` model's."""
    if not made.lost_before:
        return kinematics
    words = (
        f"the {first} model lost you in {100 * made.lost_before:.0f} % of the frames, so the {made.model} model "
        "looked again: all landmarks are from it"
    )
    return add_warning(kinematics, words)


def add_warning(kinematics: Kinematics, words: str) -> Kinematics:
    """Return the kinematics with one more warning; as they are for none."""
    if not words:
        return kinematics
    quality = kinematics.quality
    return replace(kinematics, quality=replace(quality, warnings=(*quality.warnings, words)))


def find_lift_reps(kinematics: Kinematics, lift: Lift) -> tuple[Rep, ...]:
    """Return the repetitions of a set as its lift counts them."""
    bend_deg = None if lift.bend is None else kinematics[lift.bend]
    reps = find_reps(
        kinematics.time_s,
        kinematics[lift.signal],
        lift.min_range,
        bend_deg,
        open_ended=lift.open_ended,
        came_up=lift.came_up,
    )
    if lift.finish is None:
        return reps
    finished = [rep for rep in (lift.finish(kinematics, rep) for rep in reps) if rep is not None]
    return tuple(replace(rep, number=number) for number, rep in enumerate(finished, 1))


def measure_shown(check: Check, lift_set: LiftSet, unit: str) -> tuple[Measure, ...]:
    """Return what a check measures of the repetitions that the clip shows, and of each other one why it does not.

    What is asked of the whole set is asked of the shown repetitions alone.
    """
    measures = tuple(check.measure(lift_set))
    if not lift_set.spoilt:
        return measures
    by_number = {rep.number: rep for rep in lift_set.reps}
    each = tuple(
        cannot(lift_set.spoilt[one.rep], unit, by_number[one.rep]) if one.rep in lift_set.spoilt else one
        for one in measures
        if one.rep is not None
    )
    if len(each) == len(measures):
        return each
    shown = replace(lift_set, reps=tuple(rep for rep in lift_set.reps if rep.number not in lift_set.spoilt))
    if check.needs_reps and not shown.reps:
        return (*each, cannot("the clip shows no full rep", unit))
    return (*each, *(one for one in check.measure(shown) if one.rep is None))


def run_check(check: Check, lift_set: LiftSet, settings: Settings, refusal: str | None) -> list[Finding]:
    """Return the findings of one check: one a rep or one for the set, or one that says why it was not judged."""
    limit = check.limit_for(settings)
    reason = why_not(check, lift_set)
    if check.needs_reps:
        reason = refusal or reason or (None if lift_set.reps else "no reps were found")
    measures = (cannot(reason, limit.unit),) if reason else measure_shown(check, lift_set, limit.unit)
    findings = [judge(check.code, measure, limit, check.maybe) for measure in measures]
    return [
        replace(
            phrase(finding, check.title, check.cue, check.good, check.decimals),
            concern=check.concern,
            aside=_mention(finding, check),
        )
        for finding in findings
    ]


def _mention(finding: Finding, check: Check) -> str:
    """Return the words by which another check's cue mentions a finding; "" for what passed no line."""
    if finding.verdict not in {"note", "fault"}:
        return ""
    return phrase(finding, check.title, check.aside, "", check.decimals).text
