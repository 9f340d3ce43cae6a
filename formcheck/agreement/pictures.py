"""Bland and Altman's picture of two methods: their difference over their mean (matplotlib)."""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from formcheck.agreement.naming import decimals_of, label_of, number

if TYPE_CHECKING:
    from formcheck.agreement import Pairs

LINE, BAND, POINT = "#1f4e79", "#dfe7ef", "#1f4e79"


def plot_agreement(pairs: "Pairs") -> Figure:
    """Return a new Figure: A - B over the mean of A and B, the bias and both limits with their 95 % intervals.

    Raises ValueError for pairs without statistics.
    """
    s = pairs.statistics
    if s is None:
        raise ValueError(pairs.reason)
    figure = Figure(figsize=(5.5, 3.4), layout="constrained")
    axes = figure.subplots()
    many = len(pairs.a) > 100
    axes.plot(
        (pairs.a + pairs.b) / 2,
        pairs.a - pairs.b,
        "o",
        color=POINT,
        ms=2 if many else 5,
        alpha=0.35 if many else 0.8,
        mew=0,
        rasterized=many,  # ten thousand circles would make the page heavy
    )
    for estimate, style in ((s.lower, "--"), (s.bias, "-"), (s.upper, "--")):
        if estimate.low < estimate.high:
            axes.axhspan(estimate.low, estimate.high, color=BAND, lw=0, zorder=0)
        axes.axhline(estimate.value, color=LINE, lw=1.2, ls=style)
        axes.annotate(
            number(estimate.value, decimals_of(pairs.name)),
            (1.01, estimate.value),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
        )
    label = label_of(pairs.name)
    _, mark, unit = label.rpartition(" (")
    axes.set(xlabel=f"mean of A and B: {label}", ylabel=f"A - B{mark}{unit if mark else ''}")
    return figure
