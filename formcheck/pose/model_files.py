"""The pose models that travel with formcheck: found, checked against the manifest, never downloaded."""

import functools
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from formcheck.errors import ModelError

REBUILD = "Run `python models/build_models.py` in the checkout, or install formcheck again."
MANIFEST = "MANIFEST.toml"


@dataclass(frozen=True)
class Model:
    """A pose bundle whose bytes are those that the manifest names."""

    name: str
    path: Path
    sha256: str


def models_folder() -> Path:
    """Folder with MANIFEST.toml: inside the installed package, or beside it in a checkout.

    Raises
    ------
    ModelError
        When neither holds a manifest.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "models", package.parent / "models"):
        if (folder / MANIFEST).is_file():
            return folder
    raise ModelError("The folder with the pose models is missing.", REBUILD)


@functools.cache
def load_model(name: str, folder: Path | None = None) -> Model:
    """Check one model (`lite`, `full` or `heavy`) against the manifest; its bytes are hashed once per process.

    Raises
    ------
    ModelError
        When the manifest does not know the name, or the file is missing or is not the one it names.
    """
    folder = models_folder() if folder is None else folder
    try:
        entry = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))[name]
        path, expected = folder / str(entry["file"]), str(entry["sha256"])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"The list of pose models cannot be read ({folder / MANIFEST}).", REBUILD) from error
    except KeyError as error:
        raise ModelError(f"There is no pose model called {name!r}.", "Choose lite, full or heavy.") from error
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"The pose model {path.name} is missing from {folder}.", REBUILD) from error
    if found != expected:
        raise ModelError(f"The pose model {path.name} in {folder} was changed or is incomplete.", REBUILD)
    return Model(name, path, found)
