"""What the quantities of an agreement are called, and how their numbers are written."""

import math

WORDS = {
    "hips_stop_s": "hips stop",
    "eccentric_s": "lowering",
    "concentric_s": "lifting",
    "overrun_deg": "overrun",
}
UNITS = {"deg": "°", "s": " s"}
DECIMALS = {"deg": 2, "s": 3}  # of what people read, by unit


def label_of(name: str) -> str:
    """Return what a quantity is called, with its unit: "most knee flexion (°)" for knee_flexion_max_deg."""
    stem, _, unit = name.rpartition("_")
    most = stem.removesuffix("_max")
    words = WORDS.get(name) or (f"most {most}" if most != stem else stem).replace("_", " ")
    return f"{words}{' (' + UNITS[unit].strip() + ')' if unit in UNITS else ''}"


def decimals_of(name: str) -> int:
    """Return how many decimals a quantity is shown with: hundredths of a degree, milliseconds."""
    return DECIMALS.get(name.rpartition("_")[2], 3)


def number(value: float, decimals: int) -> str:
    """Return a number as people read it, "-" for none."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}" if math.isfinite(value) else "-"
