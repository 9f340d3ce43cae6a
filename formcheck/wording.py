"""Small words that every output shares: repetitions by number, and lists."""

from collections.abc import Collection, Iterable, Sequence


def join_numbers(numbers: Iterable[int]) -> str:
    """Return repetitions as a reader writes them: 1, 2, 3, 5 gives "1-3, 5"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def name_reps(numbers: Collection[int]) -> str:
    """Return repetitions with their noun: "rep 2", "reps 1-3, 5"; "" for none."""
    if not numbers:
        return ""
    return f"{'rep' if len(set(numbers)) == 1 else 'reps'} {join_numbers(numbers)}"


def join_words(words: Sequence[str]) -> str:
    """Return a list as it is read aloud: "a", "a and b", "a, b and c"; "" for none."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
