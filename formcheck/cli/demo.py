"""`formcheck demo`: the shipped sample clip, analysed before your eyes."""

from pathlib import Path

import formcheck
from formcheck.cli.streams import print_message, print_summary, progress_bar
from formcheck.errors import InputError
from formcheck.settings import Settings

SAMPLE = Path("samples") / "rdl_four_reps.mp4"


def demo() -> None:
    """Analyse the sample clip that comes with formcheck. Writes nothing."""
    from formcheck.pipeline import analyze

    clip = sample_path()
    with progress_bar(clip.name) as progress:
        report = analyze(clip, Settings(lift="rdl"), progress)
    print_summary(report)
    print_message(f"this was {clip}; now yours: formcheck analyze VIDEO --lift rdl")


def sample_path() -> Path:
    """Return the sample clip's place: inside an installed package, beside it in a checkout."""
    package = Path(formcheck.__file__).parent
    for folder in (package, package.parent):
        if (folder / SAMPLE).is_file():
            return folder / SAMPLE
    raise InputError(f"The sample clip {SAMPLE.name} is not where formcheck is installed.", "Install formcheck again.")
