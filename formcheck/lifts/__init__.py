"""The lifts, one file each, found by themselves: a module here is the lift of its name, but for what lifts share.

Importing this package imports none of them, so that `--help` can name them at once.
"""

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formcheck.lifts.check import Check, Lift

SHARED = ("check", "common", "hinge", "hinge_form", "machine_curl")
# The order in which people are offered them; a lift that is not named here comes after, by its name.
OFFERED_FIRST = ("rdl", "good_morning", "ghr", "nordic", "seated_curl", "lying_curl")


@cache
def lift_names() -> tuple[str, ...]:
    """Return what the lifts are called, as `--lift` takes them, in the order in which people are offered them."""
    found = {module.name for module in pkgutil.iter_modules(__path__)} - set(SHARED)
    first = [name for name in OFFERED_FIRST if name in found]
    return (*first, *sorted(found - set(first)))


@cache
def all_lifts() -> "dict[str, Lift]":
    """Return {name: lift} of every lift, by name."""
    return {name: import_module(f"{__name__}.{name}").LIFT for name in sorted(lift_names())}


@cache
def all_checks() -> "tuple[Check, ...]":
    """Return every check of every lift once, in the lifts' order; a code that two lifts share is the same check."""
    return tuple({check.code: check for lift in all_lifts().values() for check in lift.checks}.values())


def name_checks() -> dict[str, str]:
    """Return what people call the checks in a list, by code; those whose code says it are left out."""
    return {check.code: check.name for check in all_checks() if check.name}
