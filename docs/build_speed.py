"""Puts what `make speed` measured into docs/speed.md and draws docs/img/speed.svg: `python docs/build_speed.py`."""

import json
from html import escape
from pathlib import Path
from typing import Any

from benchmarks.speed import RESULTS, Row

ROOT = Path(__file__).resolve().parent.parent
PAGE, PICTURE = ROOT / "docs" / "speed.md", ROOT / "docs" / "img" / "speed.svg"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
WIDTH, BAR, STEP, TOP, LABEL = 760, 20, 27, 40, 250  # of the picture, px
NEEDED = ("decoding", "pose model", "second eye")  # what decoder and models have to do
COLOURS = {True: "#2f6f8f", False: "#c9803a"}


def draw(stages: dict[str, float], heading: str) -> str:
    """Return the picture: a bar a stage, ms of processor time a frame, what has to be done in a colour of its own."""
    whole = stages["whole"]
    shown = sorted(((name, ms) for name, ms in stages.items() if name != "whole"), key=lambda each: -each[1])
    longest = shown[0][1]
    height = TOP + STEP * len(shown) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="14">',
        f"<title>{escape(heading)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-weight="600">{escape(heading)}</text>',
    ]
    for place, (name, ms) in enumerate(shown):
        y = TOP + STEP * place
        wide = max(1.0, (WIDTH - LABEL - 130) * ms / longest)
        parts += [
            f'<text x="{LABEL - 10}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LABEL}" y="{y}" width="{wide:.1f}" height="{BAR}" fill="{COLOURS[name in NEEDED]}"/>',
            f'<text x="{LABEL + wide + 8:.1f}" y="{y + 15}">{ms:.2f} ms, {100 * ms / whole:.1f} %</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])


def tabulate(told: dict[str, Any]) -> str:
    """Return the measured part of the page."""
    machine = told["machine"]
    columns = ("film", "length", "cores", "decoding", "pose model", "second eye", "frames a second",
               "decoder and pose model allow", "share", "with the second eye", "processor time")  # fmt: skip
    rounds = "one round" if machine["rounds"] == 1 else f"the middle of {machine['rounds']} rounds"
    said = (
        f"Measured on {machine['day']} by `python -m benchmarks.speed`: {machine['cores']} cores "
        f"({machine['processor']}), {rounds}, {machine['load']:.1f} programs running on average in the minute before."
    )
    rows = [
        f"| {row.film} | {row.seconds} s | {row.cores} | {row.decoding_ms:.1f} ms | {row.model_ms:.1f} ms | "
        f"{row.second_ms:.1f} ms | {row.frames / row.wall_s:.0f} | {row.limit_hz(second=False):.0f} | "
        f"{row.share(second=False):.2f} | {row.share(second=True):.2f} | {row.cpu_ratio:.2f} x |"
        for row in (Row(**each) for each in told["rows"])
    ]
    return "\n".join([said, "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *rows])


def build() -> None:
    """Write both."""
    told = json.loads(RESULTS.read_text())
    before, rest = PAGE.read_text().split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{tabulate(told)}\n\n{END}{after}")
    machine, whole_ms = told["machine"], told["stages"]["whole"]
    heading = f"Processor time a frame, a minute of 1080p 30: {whole_ms:.1f} ms"
    heading += f" ({machine['day']}, {machine['load']:.1f} programs running in the minute before)"
    PICTURE.write_text(draw(told["stages"], heading))


if __name__ == "__main__":
    build()
