"""Imports run downwards only, and libraries stay where the design puts them (read from the source text)."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "formcheck"

LONGEST_FUNCTION = 60  # lines

# Layer by layer from the top; a module may import modules of the layers below its own.
LAYERS = (
    ("formcheck.__main__",),
    ("formcheck.cli.main",),
    (
        "formcheck.cli.agree",
        "formcheck.cli.balance",
        "formcheck.cli.batch",
        "formcheck.cli.compare",
        "formcheck.cli.demo",
        "formcheck.cli.desk",
        "formcheck.cli.explain",
        "formcheck.cli.export",
        "formcheck.cli.history",
        "formcheck.cli.live",
        "formcheck.cli.log",
        "formcheck.cli.schema",
    ),
    ("formcheck.cli.analyze",),  # compare analyses videos as it does
    ("formcheck.cli.crew", "formcheck.cli.landmarks", "formcheck.cli.transfer"),
    ("formcheck.cli.keeping",),
    ("formcheck.cli", "formcheck.cli.options", "formcheck.cli.streams"),
    ("formcheck.desk.server",),
    ("formcheck.desk.athletes", "formcheck.desk.crew"),
    ("formcheck.desk.intake", "formcheck.desk.sharing"),
    ("formcheck.desk.edits",),
    ("formcheck.desk.answers", "formcheck.desk.keeping"),
    (
        "formcheck.desk",
        "formcheck.desk.library",
        "formcheck.desk.pages",
        "formcheck.desk.tasks",
    ),
    ("formcheck.live.window.keys", "formcheck.live.coaching.live_vs_offline"),
    ("formcheck.live.loop",),
    ("formcheck.live.session", "formcheck.live.web.server", "formcheck.live.window.window"),
    (
        "formcheck.live.capture.frame_grabber",
        "formcheck.live.capture.recorder",
        "formcheck.live.coaching.coach",
        "formcheck.live.speech.voice",
        "formcheck.live.web.protocol",
        "formcheck.live.window.layout",
    ),
    (
        "formcheck.live.capture.source",
        "formcheck.live.coaching.hip_stop",
        "formcheck.live.coaching.positioning",
        "formcheck.live.coaching.rep_log",
        "formcheck.live.coaching.rep_phase",
        "formcheck.live.coaching.spoken_cues",
        "formcheck.live.speech.cue_queue",
    ),
    ("formcheck.web.serving",),
    ("formcheck.web", "formcheck.web.access"),
    ("formcheck.live.tracking.current_angles", "formcheck.live.tracking.pose_buffer"),
    ("formcheck.live.tracking.lifter_tracker",),
    (
        "formcheck.live",
        "formcheck.live.capture",
        "formcheck.live.coaching",
        "formcheck.live.speech",
        "formcheck.live.tracking",
        "formcheck.live.tracking.model_fallback",
        "formcheck.live.tracking.one_euro_filter",
        "formcheck.live.types",
        "formcheck.live.web",
        "formcheck.live.window",
    ),
    (
        "formcheck",
        "formcheck.agreement.writing",
        "formcheck.batch",
        "formcheck.workflows.analysis",
        "formcheck.workflows.late_imports",
        "formcheck.workflows.report_object",
        "formcheck.workflows.export",
        "formcheck.workflows.compare",
        "formcheck.frames",
        "formcheck.figures",
    ),
    ("formcheck.agreement.pictures",),
    ("formcheck.agreement",),
    ("formcheck.agreement.reading", "formcheck.agreement.statistics", "formcheck.agreement.timing"),
    ("formcheck.agreement.naming",),
    ("formcheck.batch.local", "formcheck.batch.cluster", "formcheck.batch.page", "formcheck.batch.claim"),
    ("formcheck.batch.pool",),
    ("formcheck.batch.task", "formcheck.batch.sources"),
    ("formcheck.batch.shelf", "formcheck.batch.manifest", "formcheck.batch.summary"),
    ("formcheck.batch.fetch", "formcheck.batch.naming"),
    ("formcheck.batch.job",),
    ("formcheck.rendering.set_files",),
    ("formcheck.pipeline",),
    (
        "formcheck.arguments",
        "formcheck.segmentation.coverage",
        "formcheck.segmentation.lift_recognition",
        "formcheck.segmentation.playback_speed",
    ),
    ("formcheck.store", "formcheck.store.page"),
    ("formcheck.store.guessing", "formcheck.store.remove", "formcheck.store.transfer"),
    ("formcheck.store.keep", "formcheck.store.last_time"),
    ("formcheck.store.read",),
    ("formcheck.store.connect", "formcheck.store.migrations", "formcheck.store.migrations.*"),
    ("formcheck.store.load_velocity", "formcheck.store.schema", "formcheck.store.trends", "formcheck.store.balance"),
    ("formcheck.store.records", "formcheck.store.exercises"),
    ("formcheck.store.entries",),
    ("formcheck.video.recording_date",),
    ("formcheck.pose.estimation", "formcheck.rendering.annotated_video", "formcheck.io.load", "formcheck.io.load.*"),
    ("formcheck.rendering.set_captions",),
    ("formcheck.pose.tracking_pass",),
    ("formcheck.pose.detection_pass", "formcheck.pose.plate_inpainting", "formcheck.pose.tracking_loss"),
    ("formcheck.pose.people_detector",),
    (
        "formcheck.video",
        "formcheck.video.crop",
        "formcheck.video.film",
        "formcheck.pose.jump_cuts",
        "formcheck.pose.landmarker",
        "formcheck.pose.second_eye",
        "formcheck.pose.fusion",
        "formcheck.pose.torso_contour",
        "formcheck.pose.plate_detection",
        "formcheck.pose.person_tracking",
        "formcheck.pose.model_files",
        "formcheck.kinematics.camera_view",
        "formcheck.kinematics.cleaning",
        "formcheck.kinematics.joint_angles",
        "formcheck.kinematics.zoom_cuts",
        "formcheck.segmentation.repetitions",
        "formcheck.events",
        "formcheck.events.*",
        "formcheck.lifts.*",
        "formcheck.assessment.verdict",
        "formcheck.rendering.overlay",
        "formcheck.report",
        "formcheck.report.comparison",
        "formcheck.report.contract",
        "formcheck.report.document",
        "formcheck.report.folder",
        "formcheck.report.page",
        "formcheck.report.page.*",
        "formcheck.report.saved",
        "formcheck.report.tables",
        "formcheck.report.terminal",
        "formcheck.io.save",
        "formcheck.io.save.*",
    ),
    (
        "formcheck.assessment.best_rep",
        "formcheck.assessment.ranking",
        "formcheck.cache",
        "formcheck.kinematics.bases",
        "formcheck.kinematics.lumbar",
        "formcheck.kinematics.quality",
    ),
    ("formcheck.video.reader",),
    ("formcheck.video.slow_motion", "formcheck.video.streams"),
    (
        "formcheck.kinematics.angle_errors",
        "formcheck.kinematics.barbell",
        "formcheck.kinematics.facing",
        "formcheck.assessment.cues",
        "formcheck.kinematics.occlusion",
        "formcheck.kinematics.other_postures",
        "formcheck.kinematics.lumbar_map",
        "formcheck.kinematics.leg_model",
        "formcheck.segmentation.time_normalisation",
        "formcheck.report.set_difference",
        "formcheck.assessment.tally",
    ),
    (
        "formcheck.settings",
        "formcheck.geometry",
        "formcheck.uncertainty",
        "formcheck.rendering.body_figure",
        "formcheck.rendering.head_location",
        "formcheck.rendering.lettering",
        "formcheck.pose.quarter_turns",
        "formcheck.pose.mediapipe_guard",
        "formcheck.wording",
    ),
    ("formcheck.io.spreadsheet",),
    ("formcheck.own_files", "formcheck.io.text_files"),
    ("formcheck.signals",),
    ("formcheck.data",),
    ("formcheck.skeleton", "formcheck.schemas"),
    (
        "formcheck.errors",
        "formcheck.assessment",
        "formcheck.io",
        "formcheck.kinematics",
        "formcheck.lifts",  # names the lifts by their files, and imports these when somebody asks for them
        "formcheck.pose",
        "formcheck.rendering",
        "formcheck.segmentation",
        "formcheck.workflows",
    ),
)

# Rooms that stand side by side: what one needs of another goes further down.
SIDE_BY_SIDE = ("formcheck.agreement", "formcheck.batch", "formcheck.live", "formcheck.workflows")

# Siblings that may import each other: (who, whom, why).
EXCEPTIONS = (
    ("formcheck", "formcheck.figures", "its public modules are there as its attributes"),
    ("formcheck", "formcheck.frames", "its public modules are there as its attributes"),
    (
        "formcheck.data",
        "formcheck.workflows.report_object",
        "the methods of a Report are short ways to what stands further up",
    ),
    ("formcheck.data", "formcheck.report.document", "a Report as a dict is report.json's content"),
    (
        "formcheck.workflows.report_object",
        "formcheck.workflows.export",
        "both write the files of other programs, and name a report alike",
    ),
    ("formcheck.workflows.report_object", "formcheck.figures", "a notebook shows a Report's figure"),
    ("formcheck.report.saved", "formcheck.report.document", "a saved report begins with report.json's content"),
    ("formcheck.lifts.*", "formcheck.events.*", "a lift is the list of the events that measure it"),
    ("formcheck.lifts.*", "formcheck.lifts.check", "the type that a lift is made of"),
    ("formcheck.lifts.*", "formcheck.lifts.common", "checks that every lift shares"),
    (
        "formcheck.lifts.hinge",
        "formcheck.assessment.verdict",
        "whether hips stopped is told by the chance that makes a verdict",
    ),
    ("formcheck.lifts.*", "formcheck.lifts.hinge", "checks that the hinges on standing feet share"),
    ("formcheck.lifts.*", "formcheck.lifts.hinge_form", "their top and the weight's way"),
    ("formcheck.io.save.*", "formcheck.io.save.markers", "TRC, C3D and DeepLabCut share the names and the even grid"),
    ("formcheck.io.load.*", "formcheck.io.load.tracks", "what every reader returns, and the bounds of them all"),
    ("formcheck.io.load.*", "formcheck.io.load.names", "what other programs call our landmarks"),
    ("formcheck.io.load.*", "formcheck.io.load.clock", "times and frame numbers, however they are written"),
    ("formcheck.io.load.*", "formcheck.io.load.table", "rows and headings of a text"),
    ("formcheck.io.load.*", "formcheck.io.load.columns", "what headings mean, in a table and in JSON"),
    ("formcheck.io.load.keypoint_json", "formcheck.io.load.content", "the files of a folder are unpacked each"),
    ("formcheck.io.load.keypoint_json", "formcheck.io.load.landmark_csv", "records of plain values are a table"),
    ("formcheck.io.load.*", "formcheck.io.load.people", "sightings without a name are linked, metres stood on a floor"),
    ("formcheck.io.load.*", "formcheck.io.load.space", "TRC and C3D hold markers in space"),
    ("formcheck.io.save.parquet", "formcheck.io.save.tidy", "Parquet holds the same tables as CSV"),
    ("formcheck.io.save.parquet", "formcheck.io.save.columns", "and tells the unit of every column"),
    ("formcheck.lifts.*", "formcheck.lifts.machine_curl", "checks that the leg curls share"),
    (
        "formcheck.report.page*",
        "formcheck.report.terminal",
        "the page says times, verdicts and reps as the terminal does",
    ),
    ("formcheck.workflows.compare", "formcheck.workflows.export", "how a report leads to its video and settings"),
    ("formcheck.report.*", "formcheck.report.contract", "the types of the documents"),
    ("formcheck.report.comparison", "formcheck.report.document", "a comparison is made of what report.json holds"),
    ("formcheck.report.tables", "formcheck.report.document", "a table has the decimals of report.json"),
    ("formcheck.report.comparison", "formcheck.report.terminal", "it is printed as a report is"),
    ("formcheck.report.page.*", "formcheck.report.page.packing", "both pages draw the figure over a video"),
    (
        "formcheck.report.page.shell",
        "formcheck.cache",
        "the packed chart library is kept between runs, as the poses are",
    ),
    ("formcheck.rendering.overlay", "formcheck.kinematics.joint_angles", "the back of standing is that of its frames"),
    ("formcheck.report.page.compare", "formcheck.report.page.shell", "both pages are made of the same parts"),
    ("formcheck.report.page.compare", "formcheck.report.page.content", "both write quantities and verdicts alike"),
    ("formcheck.report.page*", "formcheck.report.comparison", "compare.html says what the terminal says"),
    ("formcheck.report.page*", "formcheck.report.document", "its table of reps holds the numbers of report.json"),
)

# Modules that may import something that is neither the standard library's nor formcheck's; all others may not.
NUMPY = "numpy"
THIRD_PARTY = {
    "formcheck.data": {NUMPY},
    "formcheck.geometry": {NUMPY},
    "formcheck.signals": {NUMPY, "scipy"},
    "formcheck.video.*": {NUMPY, "av"},
    "formcheck.video.crop": {"cv2"},
    "formcheck.pose.jump_cuts": {NUMPY},
    "formcheck.segmentation.coverage": {NUMPY},
    "formcheck.segmentation.playback_speed": {NUMPY},
    "formcheck.pose.landmarker": {NUMPY, "mediapipe"},
    "formcheck.pose.torso_contour": {NUMPY},
    "formcheck.pose.plate_detection": {NUMPY, "cv2"},
    "formcheck.pose.plate_inpainting": {NUMPY},
    "formcheck.pose.person_tracking": {NUMPY},
    "formcheck.pose.estimation": {NUMPY},
    "formcheck.pose.tracking_pass": {NUMPY},
    "formcheck.pose.detection_pass": {NUMPY},
    "formcheck.pose.quarter_turns": {NUMPY},
    "formcheck.cache": {NUMPY, "platformdirs"},
    "formcheck.segmentation.time_normalisation": {NUMPY},
    "formcheck.workflows.compare": {NUMPY},
    "formcheck.rendering.body_figure": {NUMPY},
    "formcheck.rendering.head_location": {NUMPY},
    "formcheck.rendering.overlay": {NUMPY, "cv2"},
    "formcheck.rendering.lettering": {NUMPY, "cv2"},
    "formcheck.rendering.set_captions": {NUMPY, "cv2"},
    "formcheck.rendering.annotated_video": {NUMPY, "cv2", "av"},
    "formcheck.pose.tracking_loss": {NUMPY},
    "formcheck.pose.fusion": {NUMPY},
    "formcheck.pose.mediapipe_guard": {"cv2"},
    "formcheck.pose.second_eye": {NUMPY, "cv2", "onnxruntime"},
    "formcheck.pose.people_detector": {NUMPY, "cv2"},
    "formcheck.segmentation.repetitions": {NUMPY},
    "formcheck.segmentation.lift_recognition": {NUMPY},
    "formcheck.events.*": {NUMPY},
    "formcheck.lifts.*": {NUMPY},
    "formcheck.assessment.verdict": {NUMPY},
    "formcheck.assessment.cues": {NUMPY},
    "formcheck.kinematics.*": {NUMPY},
    "formcheck.pipeline": {NUMPY},
    "formcheck.live.*": {NUMPY},
    "formcheck.live.window.layout": {"cv2"},
    "formcheck.live.window.window": {"cv2"},
    "formcheck.live.web.protocol": {"PIL"},
    "formcheck.live.web.server": {"fastapi", "starlette"},
    "formcheck.web.serving": {"fastapi", "segno", "starlette", "uvicorn"},
    "formcheck.desk.server": {"fastapi", "starlette"},
    "formcheck.desk.pages": {"jinja2"},
    "formcheck.desk.library": {"platformdirs"},
    "formcheck.live.capture.source": {"av", "cv2"},
    "formcheck.live.tracking.lifter_tracker": {"cv2"},
    "formcheck.live.capture.recorder": {"av"},
    "formcheck.live.speech.voice": {"pyttsx3"},
    "formcheck.frames": {NUMPY, "pandas"},
    "formcheck.figures": {NUMPY, "matplotlib"},
    "formcheck.agreement": {NUMPY},
    "formcheck.agreement.timing": {NUMPY},
    "formcheck.agreement.reading": {NUMPY},
    "formcheck.agreement.statistics": {NUMPY, "scipy"},
    "formcheck.agreement.pictures": {"matplotlib"},
    "formcheck.agreement.writing": {"jinja2"},
    "formcheck.report.*": {NUMPY},
    "formcheck.io.load": {NUMPY},
    "formcheck.io.load.*": {NUMPY},
    "formcheck.io.load.dlc": {"h5py"},
    "formcheck.io.save.*": {NUMPY},
    "formcheck.io.save.parquet": {"pyarrow"},
    "formcheck.io.save.c3d": {"ezc3d"},
    "formcheck.batch.fetch": {"fsspec"},
    "formcheck.batch.pool": {"pebble"},
    "formcheck.batch.job": {"typing_extensions"},
    "formcheck.report.contract": {"typing_extensions", "annotated_types", "pydantic"},
    "formcheck.batch.cluster": {"distributed"},
    "formcheck.batch.summary": {"pyarrow"},
    "formcheck.batch.page": {"jinja2", "markupsafe"},
    "formcheck.store.connect": {"sqlalchemy", "alembic", "platformdirs"},
    "formcheck.store.schema": {"sqlalchemy"},
    "formcheck.store.keep": {"sqlalchemy"},
    "formcheck.store.read": {"sqlalchemy"},
    "formcheck.store.remove": {"sqlalchemy"},
    "formcheck.store.transfer": {"sqlalchemy"},
    "formcheck.store.page": {"jinja2", "markupsafe"},
    "formcheck.store.migrations.*": {"sqlalchemy", "alembic"},
    "formcheck.video.recording_date": {"av"},
    "formcheck.report.page.shell": {"jinja2", "markupsafe", "plotly"},
    "formcheck.cli.*": {"typer", "rich"},
}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(name: str) -> Iterator[str]:
    """Every module that the source imports, at its top, inside functions and for type checking alike."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            assert node.module is not None
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def layer_of(name: str) -> int:
    ranks = [
        len(LAYERS) - number
        for number, patterns in enumerate(LAYERS)
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    ]
    assert len(ranks) == 1, f"{name} stands in {len(ranks)} layers of this test: give it one"
    return ranks[0]


def may_import(importer: str, imported: str) -> bool:
    if imported == "formcheck":  # the package's own file: importing it runs nothing and gives __version__
        return True
    if imported.startswith(f"{importer}."):  # a package's own file may gather what lies in its folder
        return True
    if any(fnmatchcase(importer, who) and fnmatchcase(imported, whom) for who, whom, _ in EXCEPTIONS):
        return True
    rooms = {room for room in map(room_of, (importer, imported)) if room in SIDE_BY_SIDE}
    return len(rooms) < 2 and layer_of(importer) > layer_of(imported)


def room_of(name: str) -> str:
    """The folder of formcheck that a module lies in: formcheck.live of formcheck.live.web.server."""
    return ".".join(name.split(".")[:2])


@pytest.mark.parametrize("name", MODULES)
def test_imports_run_downwards_only(name: str) -> None:
    ours = {each for each in imports_of(name) if each.split(".")[0] == "formcheck"}
    assert sorted(each for each in ours if not may_import(name, each)) == []


@pytest.mark.parametrize("name", MODULES)
def test_third_party_libraries_stay_where_they_belong(name: str) -> None:
    allowed = {library for pattern, few in THIRD_PARTY.items() if fnmatchcase(name, pattern) for library in few}
    roots = {each.split(".")[0] for each in imports_of(name)}
    assert sorted(roots - set(sys.stdlib_module_names) - {"formcheck"} - allowed) == []


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("formcheck.pipeline", "formcheck.kinematics.joint_angles", True),
        ("formcheck.kinematics.joint_angles", "formcheck.pipeline", False),
        ("formcheck.kinematics.joint_angles", "formcheck.segmentation.repetitions", False),
        ("formcheck.events.hip_travel", "formcheck.events.lumbar", False),
        ("formcheck.lifts.hinge", "formcheck.events.hip_travel", True),
        ("formcheck.lifts.rdl", "formcheck.lifts.ghr", False),
        ("formcheck.lifts", "formcheck.lifts.rdl", True),
        ("formcheck.data", "formcheck.signals", False),
        ("formcheck.report.terminal", "formcheck.report.tables", False),
        ("formcheck.live.loop", "formcheck.live.session", True),
        ("formcheck.live.session", "formcheck.live.loop", False),
        ("formcheck.live.loop", "formcheck.batch.task", False),
        ("formcheck.cli.analyze", "formcheck.cli.live", False),
        ("formcheck.errors", "formcheck", True),
    ],
)
def test_the_rule_itself(importer: str, imported: str, allowed: bool) -> None:
    assert may_import(importer, imported) is allowed


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {
        "mediapipe",
        "cv2",
        "scipy",
        "numpy",
        "av",
        "typer",
        "rich",
        "pandas",
        "matplotlib",
        "pyarrow",
        "jinja2",
        "plotly",
        "sqlalchemy",
        "alembic",
    }
    probe = f"import sys, formcheck; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_help_loads_nothing_heavy() -> None:
    probe = (
        "import sys; from formcheck.cli.main import app; app(['--help'], standalone_mode=False);"
        "heavy = {'mediapipe', 'cv2', 'scipy', 'numpy', 'av', 'jinja2', 'plotly', 'sqlalchemy', 'pydantic', 'rich'};"
        "heavy |= {'importlib.resources', 'tomllib', 'webbrowser'};"  # seven milliseconds together
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("name", MODULES)
def test_no_function_is_longer_than_a_page(name: str) -> None:
    """60 lines with the docstring; a released migration is never changed, whatever its length."""
    nodes = ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8")))
    lengths = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    released = name.startswith("formcheck.store.migrations.versions.")
    assert [each for each, lines in lengths.items() if lines > LONGEST_FUNCTION and not released] == []


def test_no_name_stands_for_two_things() -> None:
    """A class's name stands once in the package, and so does a number's: what is shared is imported."""
    types, numbers = defaultdict(list), defaultdict(list)
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                types[node.name].append(name)
            elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
                told = node.targets if isinstance(node, ast.Assign) else [node.target]
                if type(node.value.value) in (int, float):
                    for each in told:
                        numbers[ast.unparse(each)].append(name)
    twice = {what: where for what, where in (types | numbers).items() if len(where) > 1}
    assert not twice
    assert len(types) > 100
    assert len(numbers) > 300


ANALYSIS = ("pose", "kinematics", "segmentation", "events", "lifts", "assessment")


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[1:2] and name.split(".")[1] in ANALYSIS])
def test_every_number_of_the_analysis_says_what_it_is(name: str) -> None:
    """In a comment on its lines, or above the lines of constants that it stands among."""
    source = MODULES[name].read_text(encoding="utf-8")
    lines, bare = source.splitlines(), []
    for node in ast.parse(source).body:
        numbers = [
            each for each in ast.walk(node) if isinstance(each, ast.Constant) and type(each.value) in (int, float)
        ]
        constant = isinstance(node, ast.Assign | ast.AnnAssign) and not isinstance(node.value, ast.Call)
        if constant and numbers:
            first = node.lineno - 1
            while first > 0 and lines[first - 1].strip() and not lines[first - 1].startswith(("#", "@", " ")):
                first -= 1
            said = lines[max(first - 1, 0) : node.lineno - 1] if first and lines[first - 1].startswith("#") else []
            if "#" not in "".join([*said, *lines[node.lineno - 1 : node.end_lineno]]):
                bare.append(lines[node.lineno - 1])
    assert bare == []
