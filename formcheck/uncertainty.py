"""What every interval shares."""

from statistics import NormalDist

Z90 = NormalDist().inv_cdf(0.95)  # half-width of a 90 % interval, in sigmas
SLOW_NOISE_S = 0.7  # time constant of the landmarks' slow noise [S]
