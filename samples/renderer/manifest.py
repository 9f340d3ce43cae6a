"""Write `samples/MANIFEST.toml`, what is committed and its sums: `python -m samples.renderer.manifest`."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parents[1]
OURS = "Apache-2.0 or CC0-1.0, as you like: rendered by samples/renderer/render.py"
SHIPPED = {  # by lift: sound, then faulty; the deadlift's one clip is both
    "rdl": ("rdl_four_reps",),
    "nordic": ("nordic_controlled", "nordic_break_60"),
    "ghr": ("ghr_sound", "ghr_stall_shake"),
    "good_morning": ("good_morning_sound", "good_morning_overrun"),
    "lying_curl": ("lying_curl_sound", "lying_curl_hip_lift"),
    "seated_curl": ("seated_curl_sound", "seated_curl_partial"),
}
CLIPS = tuple(name for names in SHIPPED.values() for name in names)
FILES = {
    **{f"{name}.{ending}": OURS for name in CLIPS for ending in ("mp4", "truth.json")},
    "renderer/makehuman/body.npz": "CC0-1.0: MakeHuman, see renderer/makehuman/NOTICE",
}


def entry(name: str, licence: str) -> str:
    """Describe one file as a TOML table."""
    content = (FOLDER / name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return f'["{name}"]\nsha256 = "{digest}"\nbytes = {len(content)}\nlicence = "{licence}"\n'


def manifest() -> str:
    """Describe every committed file."""
    head = "# Written by python -m samples.renderer.manifest; tests/test_samples.py holds the files to it.\n"
    return "\n".join([head, *(entry(name, licence) for name, licence in FILES.items())])


if __name__ == "__main__":
    (FOLDER / "MANIFEST.toml").write_text(manifest(), encoding="utf-8")
