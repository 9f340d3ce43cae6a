"""How far two methods agree: bias and limits of agreement, RMSE, intraclass correlation.

Conventions: a difference is A - B, so that with B the reference a positive bias is too much. Intervals are 95 %.

Limits of agreement: bias +- 1.96 SD of the differences; the interval of the bias has the standard error SD / sqrt(n),
that of a limit SD sqrt(1/n + 1.96^2 / (2 (n - 1))), both with Student's t (Bland and Altman 1999, Statistical Methods
in Medical Research 8:135, section 2).

Intraclass correlation: ICC(2,1), in McGraw and Wong's words ICC(A,1), is asked: two methods that both matter by
themselves, single measurements, absolute agreement, so that a bias counts against them. ICC(3,1), their ICC(C,1),
stands beside it: consistency, which a bias leaves as it is; where the two part, a constant offset is what is wrong
(Shrout and Fleiss 1979, Psychological Bulletin 86:420; McGraw and Wong 1996, Psychological Methods 1:30, whose
intervals these are).

Neighbouring samples of a movement are nearly the same measurement. Their intervals therefore count the independent ones
alone: n / (1 + 2 sum of the autocorrelation of the differences, up to where it first falls to 0).

scipy gives the quantiles of t and F, and nothing else: the rest is written out, for pingouin's intraclass_corr would
bring pandas, seaborn and statsmodels for ten lines.
"""

import math
from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray

CONFIDENCE_LEVEL = 0.95  # of every interval of an agreement [P Bland and Altman 1999]
Z = 1.96  # as Bland and Altman write it
NAN = math.nan
LEAST_PAIRS = 3  # pairs without which there is no spread worth a word


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; NaN where it cannot be had."""

    value: float
    low: float = NAN
    high: float = NAN


@dataclass(frozen=True)
class Statistics:
    """How far n pairs agree. `sd`: of the differences. `n_independent`: what the intervals count, n or fewer.

    icc_agreement : ICC(2,1). icc_consistency : ICC(3,1).
    """

    n: int
    n_independent: float
    bias: Estimate
    sd: float
    lower: Estimate
    upper: Estimate
    rmse: float
    icc_agreement: Estimate
    icc_consistency: Estimate


def describe_agreement(a: FloatArray, b: FloatArray, *, in_time: bool) -> Statistics:
    """Return the statistics of pairs (n,), n >= 3, all finite. `in_time`: they follow each other in even steps."""
    difference = a - b
    n = len(difference)
    independent = count_independent(difference) if in_time else float(n)
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    t = _student(independent - 1)
    spread = t * sd * math.sqrt(1 / independent + Z**2 / (2 * (independent - 1))) if independent > 1 else NAN
    near = t * sd / math.sqrt(independent)
    both = np.stack([a, b], axis=1)
    return Statistics(
        n=n,
        n_independent=independent,
        bias=Estimate(bias, bias - near, bias + near),
        sd=sd,
        lower=Estimate(bias - Z * sd, bias - Z * sd - spread, bias - Z * sd + spread),
        upper=Estimate(bias + Z * sd, bias + Z * sd - spread, bias + Z * sd + spread),
        rmse=float(np.sqrt(np.mean(difference**2))),
        icc_agreement=icc_agreement(both, independent),
        icc_consistency=icc_consistency(both, independent),
    )


def count_independent(values: FloatArray) -> float:
    """Return how many independent values an even series (n,) is worth for its mean: from 1 to n."""
    n = len(values)
    centred = values - values.mean()
    power = np.abs(np.fft.rfft(centred, 2 * n)) ** 2
    covariance = np.fft.irfft(power)[:n]
    if not covariance[0] > 1e-12 * n * max(1.0, float(np.abs(values).max())) ** 2:
        return float(n)  # a constant has no error to correlate
    correlation = covariance / covariance[0]
    fallen = np.flatnonzero(correlation <= 0)
    until = int(fallen[0]) if len(fallen) else n
    return float(np.clip(n / (1 + 2 * correlation[1:until].sum()), 1.0, n))


@dataclass(frozen=True)
class Squares:
    """The mean squares of a two-way table without replication: between subjects, between methods, of the rest."""

    n: int
    k: int
    subjects: float
    methods: float
    rest: float


def split_variance(ratings: FloatArray) -> Squares:
    """Return the mean squares of ratings (n subjects, k methods)."""
    n, k = ratings.shape
    grand = ratings.mean()
    by_subject, by_method = ratings.mean(axis=1), ratings.mean(axis=0)
    rest = ratings - by_subject[:, None] - by_method + grand
    return Squares(
        n=n,
        k=k,
        subjects=float(k * np.sum((by_subject - grand) ** 2) / (n - 1)),
        methods=float(n * np.sum((by_method - grand) ** 2) / (k - 1)),
        rest=float(np.sum(rest**2) / ((n - 1) * (k - 1))),
    )


def icc_consistency(ratings: FloatArray, n_independent: float | None = None) -> Estimate:
    """Return ICC(3,1) = ICC(C,1) of ratings (n, k), its interval with `n_independent` subjects (n if not given)."""
    s = split_variance(ratings)
    value = _share(s.subjects - s.rest, s.subjects + (s.k - 1) * s.rest)
    n = s.n if n_independent is None else n_independent
    if n <= 2 or s.rest <= 0:
        return Estimate(value)
    ratio, free = s.subjects / s.rest, (n - 1, (n - 1) * (s.k - 1))
    low, high = ratio / _fisher(*free), ratio * _fisher(*reversed(free))
    return Estimate(value, (low - 1) / (low + s.k - 1), (high - 1) / (high + s.k - 1))


def icc_agreement(ratings: FloatArray, n_independent: float | None = None) -> Estimate:
    """Return ICC(2,1) = ICC(A,1) of ratings (n, k), its interval with `n_independent` subjects (n if not given)."""
    s = split_variance(ratings)
    k, n = s.k, float(s.n if n_independent is None else n_independent)
    # The bias is that of all pairs; were it counted in mean squares of n pairs, fewer independent ones would not fit.
    methods = s.rest + (s.methods - s.rest) * n / s.n
    value = _share(s.subjects - s.rest, s.subjects + (k - 1) * s.rest + k * (methods - s.rest) / n)
    if n <= 2 or s.rest <= 0 or not math.isfinite(value):
        return Estimate(value)
    ratio = methods / s.rest
    lean = n * (1 + (k - 1) * value) - k * value
    free = (k - 1) * (n - 1) * (k * value * ratio + lean) ** 2 / ((n - 1) * (k * value * ratio) ** 2 + lean**2)
    most, least = _fisher(n - 1, free), _fisher(free, n - 1)
    other = k * methods + (k * n - k - n) * s.rest
    low = n * (s.subjects - most * s.rest) / (most * other + n * s.subjects)
    high = n * (least * s.subjects - s.rest) / (other + n * least * s.subjects)
    return Estimate(value, low, high)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else NAN


def _student(free: float) -> float:
    """Return the t that 95 % lie within; NaN without a degree of freedom."""
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE_LEVEL) / 2, free)) if free > 0 else NAN


def _fisher(above: float, below: float) -> float:
    """Return the F that 97.5 % lie under."""
    from scipy.stats import f

    return float(f.ppf((1 + CONFIDENCE_LEVEL) / 2, above, below))
