"""What every interval shares."""

from statistics import NormalDist

Z90 = NormalDist().inv_cdf(0.95)  # half-width of a 90 % interval, in sigmas
