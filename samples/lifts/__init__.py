"""Every lift that can be filmed, by name: one file and one line here each."""

from samples.lifts import ghr, nordic, rdl
from samples.lifts.base import Lift

LIFTS: dict[str, Lift] = {
    "rdl": rdl.LIFT,
    "nordic": nordic.LIFT,
    "ghr": ghr.LIFT,
}
