"""Every column that formcheck writes into a table: unit, sign and meaning. docs/channels.md and Parquet's metadata are
made of it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """What a column holds. `unit`: deg, s, m, m/s, px, leg (lengths of thigh and shank together), thigh (lengths of the
    thigh), kg, 1 (a share, a count or yes and no), or "" for text and for what the row's own `unit` says. `sign`: what
    a positive number means, "" where it needs no word. `definition`: the rest.
    """

    unit: str
    sign: str
    definition: str


FORWARD = "forward, where the lifter faces"
UP = "up"

POSES = {
    "time_s": Column("s", "", "time in the clip, as its container says; true seconds where a speed was given"),
    "landmark": Column("", "", "MediaPipe's name of the landmark; left and right are the person's own"),
    "x_px": Column("px", "right", "place in the upright picture, from its left edge"),
    "y_px": Column("px", "down", "place in the upright picture, from its upper edge"),
    "world_x_m": Column("m", "right in the picture", "the pose model's guess in space, from the middle of the hips"),
    "world_y_m": Column("m", "down", "the same"),
    "world_z_m": Column("m", "away from the camera", "the same; the weakest of the three"),
    "visibility": Column("1", "", "the pose model's guess that the landmark is seen, 0 to 1"),
}
CHANNELS = {
    "hip_flexion_deg": Column("deg", "flexion", "trunk_deg - thigh_deg; 0 in standing"),
    "knee_flexion_deg": Column("deg", "flexion", "shank_deg - thigh_deg; 0 with a straight leg"),
    "trunk_deg": Column("deg", "leaning forward", "hip to shoulder, from the vertical"),
    "thigh_deg": Column("deg", "hip before the knee", "knee to hip, from the vertical"),
    "shank_deg": Column("deg", "knee before the ankle", "ankle to knee, from the vertical"),
    "phi_deg": Column("deg", "leaning forward", "knee to shoulder, from the vertical"),
    "hip_back_leg": Column("leg", "backward", "middle of the hips behind the planted ankle (the knee, in kneeling)"),
    "hip_height_leg": Column("leg", UP, "middle of the hips above the planted ankle (the knee, in kneeling)"),
    "wrist_height_leg": Column("leg", UP, "wrist above the planted ankle (the knee, in kneeling)"),
    "lever_leg": Column("leg", "forward", "shoulder before the hip"),
    "leg_fold_deg": Column("deg", "flexion", "the knee flexion that the distance from ankle to hips alone implies"),
    "hip_edge_leg": Column("leg", "backward", "edge of the body behind the hips, behind the planted ankle"),
    "hand_ahead_leg": Column("leg", "forward", "standing lifts: near wrist before the middle of the foot"),
    "lumbar_deg": Column("deg", "rounding", "change of the back's outline from the lifter's own upright one"),
    "lumbar_error_deg": Column("deg", "", "hinges: one sigma of it"),
    "knee_forward_leg": Column("leg", "forward", "glute-ham raise: knee before the held ankle"),
    "knee_height_leg": Column("leg", UP, "glute-ham raise: knee above the held ankle"),
    "hip_shake_leg": Column("leg", "", "glute-ham raise: the hip's trembling across the body's line, 4 to 12 Hz"),
    "shoulder_shake_leg": Column("leg", "", "the same of the shoulder"),
    "curl_deg": Column("deg", "flexion", "leg curls: the knee flexion that repetitions are counted in"),
    "shank_share": Column("1", "", "leg curls: the shank's length in the picture over its stretched one"),
    "ankle_seen": Column("1", "", "leg curls: 1 where the ankle is seen, 0 where a roller hides it"),
    "hip_rise_thigh": Column("thigh", UP, "leg curls: height of the hip in the picture"),
    "bar_x_leg": Column("leg", FORWARD, "the near plate's centre, from where the bar is when it is highest"),
    "bar_y_leg": Column("leg", UP, "the same, upward"),
    "bar_x_m": Column("m", FORWARD, "as bar_x_leg, measured with the plate; empty where its size is not known"),
    "bar_y_m": Column("m", UP, "the same, upward"),
}
KINEMATICS = {
    "time_s": Column("s", "", "time in the clip, evenly spaced; true seconds where a speed was given"),
    **CHANNELS,
    "reconstructed": Column(
        "1", "", "yes where the knee was hidden and computed from hip, foot and how hinges bend it"
    ),
}
REPS = {
    "number": Column("1", "", "number of the repetition, from 1"),
    "complete": Column("1", "", "no for a partial repetition, and for one that the clip cuts off"),
    "start_s": Column("s", "", "start of its first stroke"),
    "turn_s": Column("s", "", "where the movement turns"),
    "stop_s": Column("s", "", "end of its last stroke"),
    "eccentric_s": Column("s", "", "how long the weight is lowered; strokes are timed from 5 to 95 % of their range"),
    "pause_s": Column("s", "", "how long it stands between"),
    "concentric_s": Column("s", "", "how long it is lifted"),
    "hip_flexion_max_deg": Column("deg", "flexion", "most hip_flexion_deg in the repetition"),
    "knee_flexion_max_deg": Column("deg", "flexion", "most knee_flexion_deg in the repetition"),
    "trunk_max_deg": Column("deg", "leaning forward", "most trunk_deg in the repetition"),
    "bar_eccentric_m_s": Column("m/s", "", "the bar's mean speed down, between 5 and 95 % of the way"),
    "bar_concentric_m_s": Column("m/s", "", "the bar's mean speed up, between 5 and 95 % of the way"),
}
FINDING = {
    "code": Column("", "", "the check, as `formcheck explain` lists it"),
    "verdict": Column("", "", "good, note, fault or not_judged"),
    "value": Column("", "", "what was measured, in the row's `unit`; report.json's `detail` says more"),
    "low": Column("", "", "lower end of the 90 % interval"),
    "high": Column("", "", "its upper end"),
    "unit": Column("", "", "deg, deg/s, s, leg, thigh, %, dB"),
    "end_s": Column("s", "", "where it ends, on the clock of `start_s`"),
    "confidence": Column("1", "", "how sure the verdict is, 0 to 1"),
    "text": Column("", "", "the cue of a note or fault"),
    "reason": Column("", "", "why it was not judged"),
}
SUMMARY = {
    "video": Column("", "", "the video, as the command or the manifest names it"),
    "folder": Column("", "", "its results, below the batch's folder"),
    "athlete": Column("", "", "of the manifest"),
    "date": Column("", "", "of the manifest, 2026-11-20"),
    "load_kg": Column("kg", "", "of the manifest"),
    "sets": Column("1", "", "of the manifest"),
    "notes": Column("", "", "of the manifest"),
    "lift": Column("", "", "what it was judged as"),
    "side": Column("", "", "the body's side that the camera saw"),
    "view": Column("", "", "green, amber or red: what angles may be claimed"),
    "kind": Column("", "", "rep or finding; the columns of the other are empty"),
    "rep": Column("1", "", "number of the repetition, from 1; empty for a finding of the whole set"),
    "start_s": REPS["start_s"],
    **{name: column for name, column in REPS.items() if name not in {"number", "start_s"}},
    **FINDING,
}
ERRORS = {
    **{name: SUMMARY[name] for name in ("video", "folder", "athlete")},
    "kind": Column("", "", "source, fetch, video, lift, limit, timeout, memory, crash, output or bug"),
    "message": Column("", "", "what is wrong"),
    "hint": Column("", "", "the next step"),
}
HISTORY = {
    "athlete": Column("", "", "whose set it is"),
    "date": Column("", "", "its day, 2026-11-20"),
    "uid": Column("", "", "the set's own name; by it a set that is there already is known"),
    "kind": Column("", "", "filmed or logged"),
    "exercise": Column("", "", "the lift, or what was logged"),
    "trains": Column("", "", "the muscle groups that it counts for, with commas between"),
    "n_sets": Column("1", "", "sets of one entry of `formcheck log`; of a filmed set, those done like it and itself"),
    "reps": Column("1", "", "repetitions of each"),
    "load_kg": Column("kg", "", "the load"),
    "warm_up": Column("1", "", "yes for sets that count for no volume and no trend"),
    "notes": Column("", "", "anything worth remembering"),
    "source_path": Column("", "", "the video"),
    "source_sha256": Column("", "", "its content's SHA-256"),
    "start_s": Column("s", "", "start of the stretch that was looked at; empty for the clip's own"),
    "end_s": Column("s", "", "its end"),
    "folder": Column("", "", "where the results were written"),
    "side": SUMMARY["side"],
    "yaw_deg": Column("deg", "", "how far the camera stood off the side view"),
    "view": SUMMARY["view"],
    "model": Column("", "", "the pose model"),
    "model_sha256": Column("", "", "its file's SHA-256"),
    "formcheck_version": Column("", "", "the formcheck that kept it"),
    "report_schema": Column("1", "", "schema_version of its report"),
    "kept_at": Column("", "", "when it was kept, UTC"),
    "code": Column("", "", "the check or the number of this row; empty for a set without numbers"),
    "place": Column("1", "", "its place among the report's findings, from 0; empty for a number without a finding"),
    "rep": SUMMARY["rep"],
    **{name: FINDING[name] for name in ("value", "low", "high", "unit", "verdict")},
    "from_s": Column("s", "", "where the finding begins; true seconds where a speed was given"),
    "to_s": Column("s", "", "where it ends"),
    **{name: FINDING[name] for name in ("confidence", "text", "reason")},
    "detail": Column("", "", "the finding's `detail`, as JSON"),
}
