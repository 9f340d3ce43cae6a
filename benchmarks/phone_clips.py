"""Clips as phones film them, made from a sample: 16:9, H.264, a keyframe every second, as long as asked for."""

from fractions import Fraction
from pathlib import Path

import av
import av.filter

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "rdl_four_reps.mp4"
Size = tuple[int, int]
FULL_HD: Size = (1920, 1080)
HD: Size = (1280, 720)
BITS_PER_FRAME = {  # at 30 fps 10 and 5 Mbit/s
    "phone": 350_000,  # between what phones' cameras spend on HEVC and on H.264
    "upload": 175_000,  # what is left of it after a messenger or a web form
}


def make_clip(target: Path, kind: str, fps: int, seconds: float, size_px: Size = FULL_HD) -> None:
    """Encode the sample as a phone would, H.264, one keyframe a second; repeat the packets."""
    once = target.with_name(f"once_{kind}_{fps}_{size_px[1]}.mp4")
    if not once.exists():
        encode_once(once, BITS_PER_FRAME[kind] * fps, fps, size_px)
    repeat(once, target, fps, seconds)


def encode_once(target: Path, bit_rate: int, fps: int, size_px: Size) -> None:
    """Encode the sample once, 4:3 with its borders mirrored to 16:9; 60 fps by blending neighbours."""
    with av.open(str(SAMPLE)) as source, av.open(str(target), "w") as sink:
        stream = source.streams.video[0]
        graph = av.filter.Graph()
        entry = graph.add_buffer(template=stream)
        steps = [
            ("scale", "1440:1080"),
            ("pad", "1920:1080:240:0"),
            ("fillborders", "left=240:right=240:mode=mirror"),
            ("framerate", f"fps={fps}"),
            ("scale", f"{size_px[0]}:{size_px[1]}"),
            ("noise", "alls=8:allf=t+u"),
            ("buffersink", None),
        ]
        node = entry
        for name, arguments in steps:
            following = graph.add(name, arguments)
            node.link_to(following)
            node = following
        graph.configure()
        encoder = sink.add_stream("libx264", rate=fps, options={"preset": "veryfast", "g": str(fps)})
        encoder.width, encoder.height, encoder.pix_fmt = *size_px, "yuv420p"
        encoder.bit_rate = bit_rate
        count = 0
        for frame in [*source.decode(stream), None]:
            graph.push(frame)
            while True:
                try:
                    done = graph.vpull()
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                done = done.reformat(format="yuv420p")
                done.pts, done.time_base = count, Fraction(1, fps)
                count += 1
                sink.mux(encoder.encode(done))
        sink.mux(encoder.encode())


def repeat(once: Path, target: Path, fps: int, seconds: float) -> None:
    """Copy the packets of `once` again and again until `seconds` are full."""
    with av.open(str(once)) as source, av.open(str(target), "w") as sink:
        stream = source.streams.video[0]
        assert stream.time_base is not None
        copy = sink.add_stream_from_template(stream)
        length = round(stream.frames / fps / stream.time_base)
        shift = 0
        while True:
            source.seek(0)
            for packet in source.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                if (packet.pts + shift) * stream.time_base >= seconds:
                    if packet.is_keyframe:
                        return
                    continue
                packet.dts, packet.pts = packet.dts + shift, packet.pts + shift
                packet.stream = copy
                sink.mux(packet)
            shift += length
