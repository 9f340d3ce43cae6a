"""What every page is made of: the template with all names escaped, style, scripts, and plotly's JavaScript, packed."""

import base64
import gzip
import hashlib
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from formcheck.cache import cache_key, load, store
from formcheck.own_files import attempt

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

FOLDER = Path(__file__).parent


@cache
def open_templates(folder: Path) -> "Environment":
    """Return a folder's templates, which may extend the shared ones: values are escaped, a missing one is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader([folder, FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # an update beneath a program that runs must not mix two versions
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(page: str, /, *, folder: Path = FOLDER, has_charts: bool = True, **content: Any) -> str:
    """Return `<page>.html.jinja` of a folder filled with `content`: escaped, but for what `pack` returns.

    The style is base.css, page.css where there are charts, and `<page>.css`; the script is frame.js, parts.js where
    there are charts, and `<page>.js`. A page need not have files of its own.
    """
    from markupsafe import Markup

    charts = (FOLDER / "page.css", FOLDER / "parts.js") if has_charts else ()
    style = read_parts(FOLDER / "base.css", *charts[:1], folder / f"{page}.css")
    script = f"(() => {{\n{read_parts(FOLDER / 'frame.js', *charts[1:], folder / f'{page}.js')}}})();\n"
    plotly_digest, plotly_packed = pack_plotly() if has_charts else ("", "")
    template = open_templates(folder).get_template(f"{page}.html.jinja")
    return template.render(
        **content,
        policy=write_policy(script, plotly_digest),
        style=Markup(style),  # noqa: S704  # ours, and base64 is letters
        script=Markup(script),  # noqa: S704
        plotly_packed=Markup(plotly_packed),  # noqa: S704
    )


def read_parts(*files: Path) -> str:
    """Return the text of some files, each once, in their order; one that is not there is none."""
    return "".join(each.read_text(encoding="utf-8") for each in dict.fromkeys(files) if each.exists())


def pack(content: bytes) -> "Markup":
    """Return bytes as letters that stand in a page as they are (base64)."""
    from markupsafe import Markup

    return Markup(base64.b64encode(content).decode("ascii"))  # noqa: S704  # base64 is letters


def data_url(jpeg: bytes) -> str:
    """Return a picture as a URL that holds it."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"


def link_video(video: Path, folder: Path) -> str:
    """Return the URL that leads from a page in `folder` to `video`: relative, so that both can move together.

    Every byte that means something in a URL is quoted. A video on another drive gets its full address.
    """
    try:
        relative = os.path.relpath(video.absolute(), folder.absolute())
    except ValueError:  # Windows: another drive
        return video.absolute().as_uri()
    return quote(os.fsencode(Path(relative).as_posix()))


@cache
def pack_plotly() -> tuple[str, str]:
    """Return the CSP digest of plotly's JavaScript, and the script itself, gzip in base64.

    Packing takes longer than all the rest of a page: it is kept beside the poses, under plotly's version.
    """
    key = cache_key({"packed": "plotly", "version": version("plotly")})
    kept = load(key)
    if kept is not None and (whole := attempt(lambda: _check_plotly(kept))):
        return whole
    from plotly.offline import get_plotlyjs

    source = get_plotlyjs().encode()
    packed = gzip.compress(source, mtime=0)
    store(key, {"digest": np.array(digest(source)), "packed": np.frombuffer(packed, np.uint8)})
    return digest(source), base64.b64encode(packed).decode("ascii")


def _check_plotly(kept: Mapping[str, NDArray[np.generic]]) -> tuple[str, str]:
    """Return digest and script as they were kept. Raises ValueError when the digest is not the script's."""
    packed = kept["packed"].tobytes()
    if str(kept["digest"]) != digest(gzip.decompress(packed)):
        raise ValueError("not the script that was kept")
    return str(kept["digest"]), base64.b64encode(packed).decode("ascii")


def digest(script: bytes) -> str:
    """Return what a content security policy allows a script or a style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode('ascii')}'"


def write_policy(script: str, plotly_digest: str) -> str:
    """Return the page's content security policy; plotly writes style attributes, so styles may stand in line."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {digest(script.encode())} {plotly_digest}".rstrip(),
            "style-src 'unsafe-inline'",
            "img-src data: blob: 'self' file:",
            "media-src 'self' file: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
