"""Every lift that can be filmed, by name: one file and one line here each."""

from samples.renderer.lifts import ghr, good_morning, lying_curl, nordic, rdl, seated_curl
from samples.renderer.lifts.base import Lift

LIFTS: dict[str, Lift] = {
    "rdl": rdl.LIFT,
    "nordic": nordic.LIFT,
    "ghr": ghr.LIFT,
    "good_morning": good_morning.LIFT,
    "lying_curl": lying_curl.LIFT,
    "seated_curl": seated_curl.LIFT,
}
