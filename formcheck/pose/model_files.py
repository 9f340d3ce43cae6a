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
    """A pose bundle, and the sum of its bytes that the manifest names."""

    name: str
    path: Path
    sha256: str


def models_folder() -> Path:
    """Folder with MANIFEST.toml: inside the installed package, or beside it in a checkout. Raises ModelError."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "models", package.parent / "models"):
        if (folder / MANIFEST).is_file():
            return folder
    raise ModelError("The folder with the pose models is missing.", REBUILD)


@functools.cache
def name_model(name: str, folder: Path | None = None) -> Model:
    """Return one model, by the name of its table, as the manifest has it; its bytes are not looked at.

    Raises ModelError when the manifest cannot be read or does not know the name.
    """
    folder = models_folder() if folder is None else folder
    try:
        entry = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))[name]
        return Model(name, folder / str(entry["file"]), str(entry["sha256"]))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"The list of pose models cannot be read ({folder / MANIFEST}).", REBUILD) from error
    except KeyError as error:
        raise ModelError(f"There is no pose model called {name!r}.", "Choose lite, full or heavy.") from error


@functools.cache
def load_model(name: str, folder: Path | None = None) -> Model:
    """Check one model against the manifest before it is used; its bytes are hashed once per process.

    Raises ModelError when the manifest does not know the name, or the file is missing or is not the one it names.
    """
    model = name_model(name, folder)
    try:
        with model.path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"The pose model {model.path.name} is missing from {model.path.parent}.", REBUILD) from error
    if found != model.sha256:
        raise ModelError(
            f"The pose model {model.path.name} in {model.path.parent} was changed or is incomplete.", REBUILD
        )
    return model
