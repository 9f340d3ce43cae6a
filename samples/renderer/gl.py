"""OpenGL on the processor (EGL, llvmpipe): bodies, moving things, one room -> pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moderngl
import numpy as np
import numpy.typing as npt

from samples.renderer.body import Body, vertex_normals
from samples.renderer.camera import Camera
from samples.renderer.garments import Outfit, dressed, slack_m, sole_height_m
from samples.renderer.props import Shape

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]

SHADERS = Path(__file__).parent / "shaders"
SHADOW_PX = 2048
QUICK_SHADOW_PX = 512  # where shadows are shared by pictures: small pictures, drawn by the hundred thousand
SHADOW_REACH_M = 2.6
NOISE_PX = 512
BONES = 64
CONTEXT: dict[str, Any] = {"backend": "egl"}  # no window, no screen


@dataclass(frozen=True)
class Light:
    """Light of the room: where the lamp is (from the lifter, before normalising), colours in linear units.

    strength: of the lamp alone, so of the shadows' contrast. room: of all light; 0.3 is a dim gym.
    """

    direction: tuple[float, float, float] = (-0.45, 1.0, 0.35)  # x is turned towards the camera's side
    colour: tuple[float, float, float] = (1.75, 1.68, 1.55)
    sky: tuple[float, float, float] = (0.62, 0.66, 0.72)
    ground: tuple[float, float, float] = (0.26, 0.25, 0.24)
    fill: tuple[float, float, float] = (0.30, 0.31, 0.34)
    exposure: float = 0.85
    strength: float = 1.0
    room: float = 1.0


def noise_texture(seed: int = 3) -> Picture:
    """Make the repeating noise (512, 512, 3): specks, clouds, fine clouds, each over the whole range."""
    random = np.random.default_rng(seed)
    rates = np.hypot(*np.meshgrid(np.fft.fftfreq(NOISE_PX), np.fft.rfftfreq(NOISE_PX), indexing="ij"))
    planes = []
    for low, power in ((0.12, 0.0), (0.004, 1.6), (0.02, 1.2)):
        spectrum = np.fft.rfft2(random.standard_normal((NOISE_PX, NOISE_PX)))
        shape = np.where(rates > 0, np.maximum(rates, low) ** -power, 0.0) * (rates < 0.35)
        field = np.fft.irfft2(spectrum * shape, (NOISE_PX, NOISE_PX))
        planes.append(np.clip(field / field.std() / 5.0 + 0.5, 0.0, 1.0))
    return (np.stack(planes, axis=2) * 255).astype(np.uint8)


def source(name: str) -> str:
    """Read a shader and put the included file in place."""
    text = (SHADERS / name).read_text(encoding="utf-8")
    return text.replace("#include light.glsl", (SHADERS / "light.glsl").read_text(encoding="utf-8"))


def light_matrix(direction: Floats) -> Floats:
    """World to the light's clip space, (4, 4): parallel light that covers the lifter's surroundings."""
    back = direction / np.linalg.norm(direction)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(back, right), -back])
    matrix = np.eye(4)
    matrix[:3, :3] = axes / np.array([[SHADOW_REACH_M], [SHADOW_REACH_M], [5.0]])
    matrix[:3, 3] = -matrix[:3, :3] @ np.array([0.0, 0.8, 0.0])
    return matrix


def set_matrices(program: moderngl.Program, name: str, matrices: Floats) -> None:
    """Set a uniform to matrices (..., 4, 4)."""
    uniform = program[name]
    if not isinstance(uniform, moderngl.Uniform):
        raise TypeError(f"{name} is not a uniform")
    uniform.write(np.swapaxes(matrices, -1, -2).astype("f4").tobytes())


@dataclass(frozen=True)
class Figure:
    """One uploaded person: what is drawn, what casts the shadow, the clothes, the soles' rest height, metres."""

    drawn: moderngl.VertexArray
    cast: moderngl.VertexArray
    outfit: Outfit
    sole_m: float


class Stage:
    """A room with people and moving things, drawn frame by frame. Only `box` is drawn again after the first picture."""

    def __init__(
        self,
        camera: Camera,
        light: Light,
        room: Shape,
        moving: Sequence[Shape],
        people: Sequence[tuple[Body, Outfit]],
        edge_samples: int = 4,
        shadow_every: int = 1,
    ) -> None:
        """Upload everything that does not change. Room and shadows are drawn anew with every `shadow_every`-th picture:
        3 halves the time, and a shadow is then up to two pictures old.
        """
        self.camera, self.light, self.edge_samples = camera, light, edge_samples
        self.shadow_every, self.drawn = shadow_every, 0
        self.size = (camera.width_px, camera.height_px)
        self.context = moderngl.create_context(standalone=True, **CONTEXT)
        self.context.enable(moderngl.DEPTH_TEST)
        self._make_buffers()
        self._make_programs()
        self.room = self._upload_shape(room)
        self.moving = [self._upload_shape(shape) for shape in moving]
        self.people = [self._upload_body(body, outfit) for body, outfit in people]

    def close(self) -> None:
        """Free the context."""
        self.context.release()

    def _make_buffers(self) -> None:
        """Make the picture (`edge_samples` a pixel), its resolved copy, and the shadow map."""
        context = self.context
        self.picture = context.framebuffer(
            [context.renderbuffer(self.size, 3, samples=self.edge_samples)],
            context.depth_renderbuffer(self.size, samples=self.edge_samples),
        )
        self.resolved = context.framebuffer([context.renderbuffer(self.size, 3)])
        self.behind = context.framebuffer(  # the room alone, for the pictures that share it
            [context.renderbuffer(self.size, 3, samples=self.edge_samples)],
            context.depth_renderbuffer(self.size, samples=self.edge_samples),
        )
        shadow_px = SHADOW_PX if self.shadow_every == 1 else QUICK_SHADOW_PX
        self.shadow_map = context.depth_texture((shadow_px, shadow_px))
        self.shadow_map.compare_func = "<="
        self.shadow_map.repeat_x = self.shadow_map.repeat_y = False
        self.shadow = context.framebuffer(depth_attachment=self.shadow_map)
        self.noise = context.texture((NOISE_PX, NOISE_PX), 3, noise_texture().tobytes())
        self.noise.build_mipmaps()
        self.noise.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)

    def _make_programs(self) -> None:
        """Compile the shaders and set what stays the same."""
        make = self.context.program
        self.thing_program = make(vertex_shader=source("thing.vert"), fragment_shader=source("thing.frag"))
        self.body_program = make(vertex_shader=source("body.vert"), fragment_shader=source("body.frag"))
        self.thing_shadow = make(vertex_shader=source("thing.vert"), fragment_shader=source("shadow.frag"))
        self.body_shadow = make(vertex_shader=source("body.vert"), fragment_shader=source("shadow.frag"))
        direction = np.array(self.light.direction) * [self.camera.facing, 1.0, 1.0]
        to_light = light_matrix(direction)
        eye = self.camera.position_m
        seen = self.camera.projection_matrix() @ self.camera.view_matrix()
        fill = eye - np.array([0.0, 0.4, 0.0])
        constants: dict[str, Floats | float | int] = {
            "eye": eye, "light_direction": direction / np.linalg.norm(direction),
            "light_colour": np.array(self.light.colour) * self.light.strength, "sky": np.array(self.light.sky),
            "ground": np.array(self.light.ground), "fill_direction": fill / np.linalg.norm(fill),
            "fill_colour": np.array(self.light.fill), "exposure": self.light.exposure * self.light.room,
            "shadow_map": 0, "noise": 1,
        }  # fmt: skip
        for program in (self.thing_program, self.body_program):
            for name, value in constants.items():
                if name in program:
                    program[name] = tuple(value) if isinstance(value, np.ndarray) else value
            set_matrices(program, "view_projection", seen)
            set_matrices(program, "light_projection", to_light)
        for program in (self.thing_shadow, self.body_shadow):
            set_matrices(program, "view_projection", to_light)

    def _upload_shape(self, shape: Shape) -> tuple[moderngl.VertexArray, moderngl.VertexArray]:
        """Upload a shape for the picture and for the shadow."""
        data = np.concatenate([shape.corners_m, shape.normals, shape.surface], axis=1).astype("f4").tobytes()
        buffer = self.context.buffer(data)
        names = ("in_position", "in_normal", "in_colour", "in_surface")
        drawn = self.context.vertex_array(self.thing_program, [(buffer, "3f 3f 3f 2f", *names)])
        cast = self.context.vertex_array(self.thing_shadow, [(buffer, "3f 32x", "in_position")])
        return drawn, cast

    def _upload_body(self, body: Body, outfit: Outfit) -> Figure:
        """Upload a dressed person."""
        vertices, fields = dressed(body, outfit)
        normals = vertex_normals(vertices, body.triangles)
        slack = slack_m(body, outfit)[:, None]
        columns = [vertices, normals, body.template_m, fields, slack, body.skin_bones, body.skin_weights]
        buffer = self.context.buffer(np.concatenate(columns, axis=1).astype("f4").tobytes())
        index = self.context.buffer(body.triangles.astype("i4").tobytes())
        drawn = self.context.vertex_array(
            self.body_program,
            [(buffer, "3f 3f 3f 4f 4f 1f 4f 4f 4f 4f", "in_position", "in_normal", "in_place", "in_clothes", "in_face",
              "in_slack", "in_bones_a", "in_bones_b", "in_weights_a", "in_weights_b")],
            index,
        )  # fmt: skip
        cast = self.context.vertex_array(
            self.body_shadow,
            [(buffer, "3f 3f 44x 1f 4f 4f 4f 4f", "in_position", "in_normal", "in_slack",
              "in_bones_a", "in_bones_b", "in_weights_a", "in_weights_b")],
            index,
        )  # fmt: skip
        return Figure(drawn, cast, outfit, sole_height_m(vertices, fields[:, 2]))

    def _draw_person(self, figure: Figure, matrices: Floats, *, shadow: bool) -> None:
        """Draw one person carried by skin matrices (J, 3, 4)."""
        program = self.body_shadow if shadow else self.body_program
        bones = np.tile(np.eye(4), (BONES, 1, 1))
        count = min(len(matrices), BONES)
        bones[:count, :3] = matrices[:count]
        set_matrices(program, "bones", bones)
        if not shadow:
            program["sole_m"] = figure.sole_m
            for name in ("skin", "hair", "shirt", "shorts", "shoes", "socks"):
                program[f"{name}_colour"] = getattr(figure.outfit, name)
        (figure.cast if shadow else figure.drawn).render()

    def _draw_moving(self, bodies: Sequence[Floats], things: Sequence[Floats], *, shadow: bool) -> None:
        """Draw people and moving things into the picture or the shadow map."""
        self.context.enable(moderngl.CULL_FACE)
        for figure, matrices in zip(self.people, bodies, strict=True):
            self._draw_person(figure, matrices, shadow=shadow)
        self.context.disable(moderngl.CULL_FACE)
        for arrays, carry in zip(self.moving, things, strict=True):
            self._draw_thing(arrays, carry, shadow=shadow)

    def _draw_thing(
        self, arrays: tuple[moderngl.VertexArray, moderngl.VertexArray], carry: Floats, *, shadow: bool
    ) -> None:
        """Draw one thing, carried by a matrix (3, 4), into the picture or the shadow map."""
        program, number = (self.thing_shadow, 1) if shadow else (self.thing_program, 0)
        set_matrices(program, "carry", np.concatenate([carry, [[0.0, 0.0, 0.0, 1.0]]]))
        arrays[number].render()

    def _draw_shadow(self, bodies: Sequence[Floats], things: Sequence[Floats]) -> None:
        """Draw the shadow map."""
        self.shadow.use()
        self.shadow.clear(depth=1.0)
        self._draw_moving(bodies, things, shadow=True)
        self._draw_thing(self.room, np.eye(4)[:3], shadow=True)

    def _clear(self, target: moderngl.Framebuffer, box: Box) -> None:
        """Take a target and empty what of it is drawn anew: all of it the first time, then `box`."""
        target.use()
        target.scissor = box if self.drawn else (0, 0, *self.size)
        target.clear(0.05, 0.05, 0.06, depth=1.0)
        self.shadow_map.use(0)
        self.noise.use(1)

    def draw(self, bodies: Sequence[Floats], things: Sequence[Floats], box: Box) -> Picture:
        """Draw one instant and return the pixels of `box` (left, top, width, height), (height, width, 3) sRGB.

        bodies: skin matrices (J, 3, 4) of each person. things: where each moving thing is, (3, 4).
        The first call draws the whole picture. `box` must hold everything that moves, shadows included.
        """
        left, top, width, height = box
        low = self.size[1] - top - height
        place = (left, low, width, height)
        if self.drawn % self.shadow_every == 0:
            self._draw_shadow(bodies, things)
        if self.shadow_every == 1:  # nearest first: what is hidden costs nothing
            self._clear(self.picture, place)
            self._draw_moving(bodies, things, shadow=False)
            self._draw_thing(self.room, np.eye(4)[:3], shadow=False)
        else:
            if self.drawn % self.shadow_every == 0:
                self._clear(self.behind, place)
                self._draw_thing(self.room, np.eye(4)[:3], shadow=False)
                self.behind.scissor = (0, 0, *self.size)
            self.picture.use()
            self.picture.scissor = (0, 0, *self.size)
            self.context.copy_framebuffer(self.picture, self.behind)
            self.picture.use()
            self.shadow_map.use(0)
            self.noise.use(1)
            self._draw_moving(bodies, things, shadow=False)
        self.drawn += 1
        self.picture.scissor = (0, 0, *self.size)
        self.context.copy_framebuffer(self.resolved, self.picture)
        raw = self.resolved.read(viewport=(left, low, width, height), components=3, alignment=1)
        return np.frombuffer(raw, np.uint8).reshape(height, width, 3)[::-1]
