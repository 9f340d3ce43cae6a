"""The lifts, one file each, found by themselves: a module here that has a `LIFT` is a lift."""

import pkgutil
from functools import cache
from importlib import import_module

from formcheck.lifts.check import Check, Lift


@cache
def all_lifts() -> dict[str, Lift]:
    """Return {name: lift} of every module of this package that defines LIFT, by name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    lifts = [module.LIFT for module in modules if hasattr(module, "LIFT")]
    return {lift.name: lift for lift in sorted(lifts, key=lambda lift: lift.name)}


def all_checks() -> tuple[Check, ...]:
    """Return every check of every lift once, in the lifts' order; a code that two lifts share is the same check."""
    return tuple({check.code: check for lift in all_lifts().values() for check in lift.checks}.values())


def name_checks() -> dict[str, str]:
    """Return what people call the checks in a list, by code; those whose code says it are left out."""
    return {check.code: check.name for check in all_checks() if check.name}
