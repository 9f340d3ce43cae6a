"""Composes the stages: one video in, one Report out."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import formcheck
from formcheck.acquire import acquire_poses
from formcheck.cues import pick_cues
from formcheck.data import Finding, Kinematics, LiftChoice, PoseSequence, Rep, Report, Source
from formcheck.errors import LiftError, SettingsError
from formcheck.events.feet import measure_feet
from formcheck.judge import judge, override_limit, phrase
from formcheck.kinematics import measure_kinematics
from formcheck.lifts import all_lifts
from formcheck.lifts.check import Check, Lift, LiftSet, cannot, why_not
from formcheck.recognise import recognise_lift
from formcheck.repair import repair_tracks
from formcheck.reps import find_reps
from formcheck.settings import Settings
from formcheck.view import find_near_side, judge_view


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
    named = None if settings.lift == "auto" else choose_lift(settings)
    source, poses = acquire_poses(
        path,
        model=settings.model,
        rate_hz=settings.rate_hz,
        start_s=settings.start_s,
        end_s=settings.end_s,
        subject=settings.subject,
        workers=settings.workers,
        use_cache=use_cache,
        progress=progress,
    )
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
    names = list(all_lifts())
    found = recognise_lift(repair_tracks(poses, find_near_side(poses.visibility)), names)
    if found.name is None:
        raise LiftError(f"The lift was not recognised: {found.reason}.", f"Name it with --lift {'|'.join(names)}.")
    return LiftChoice(found.name, found.confidence, "auto")


def judge_set(
    source: Source, poses: PoseSequence, lift: Lift, settings: Settings, choice: LiftChoice | None = None
) -> Report:
    """Return the Report of landmarks, wherever they come from: everything behind the pose model, and nothing of the
    video. `choice` says who chose the lift: the user, if not given.
    """
    view = judge_view(poses, lift.base)
    tracks = repair_tracks(poses, view.side)
    kinematics = measure_kinematics(tracks, view, lift.base)
    refusal = lift.posture(kinematics)
    reps = () if refusal else find_lift_reps(kinematics, lift)
    lift_set = LiftSet(kinematics, reps, tracks.rate_hz, settings.tempo, measure_feet(poses.world_m))
    findings = tuple(finding for check in lift.checks for finding in run_check(check, lift_set, settings, refusal))
    return Report(
        source=source,
        lift=choice or LiftChoice(lift.name, 1.0, "user"),
        kinematics=kinematics,
        reps=reps,
        findings=findings,
        cues=pick_cues(findings, [check.code for check in lift.checks]),
        provenance=poses.provenance,
        settings={**settings.record(), "pose_mode": poses.provenance.mode, "smoothing": poses.provenance.smoothing},
        version=formcheck.__version__,
    )


def find_lift_reps(kinematics: Kinematics, lift: Lift) -> tuple[Rep, ...]:
    """Return the repetitions of a set as its lift counts them."""
    bend_deg = None if lift.bend is None else kinematics[lift.bend]
    reps = find_reps(kinematics.time_s, kinematics[lift.signal], lift.min_range, bend_deg, open_ended=lift.open_ended)
    if lift.finish is None:
        return reps
    finished = [rep for rep in (lift.finish(kinematics, rep) for rep in reps) if rep is not None]
    return tuple(replace(rep, number=number) for number, rep in enumerate(finished, 1))


def run_check(check: Check, lift_set: LiftSet, settings: Settings, refusal: str | None) -> list[Finding]:
    """Return the findings of one check: one a rep or one for the set, or one that says why it was not judged."""
    limit = check.limit
    if check.adjust is not None and settings.tempo is not None:
        limit = check.adjust(limit, settings.tempo)
    limit = override_limit(limit, settings.limits.get(check.code))
    reason = why_not(check, lift_set)
    if check.needs_reps:
        reason = refusal or reason or (None if lift_set.reps else "no repetition was found")
    measures = (cannot(reason, limit.unit),) if reason else check.measure(lift_set)
    findings = [judge(check.code, measure, limit) for measure in measures]
    return [phrase(finding, check.title, check.cue, check.good, check.decimals) for finding in findings]
