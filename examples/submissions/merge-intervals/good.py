"""Merging of intervals on the number line."""


def merge_intervals(intervals):
    """Return the union of the intervals as a sorted list of (start, end) pairs.

    Intervals that overlap or touch become one. The argument is not changed.
    Raises ValueError for an interval that ends before it starts.
    """
    if not intervals:
        return []
    for start, end in intervals:
        if end < start:
            raise ValueError(f"interval ({start}, {end}) ends before it starts")

    ordered = sorted(intervals)
    merged = [ordered[0]]
    for start, end in ordered[1:]:
        last_start, last_end = merged[-1]
        if start <= last_end:
            merged[-1] = (last_start, max(last_end, end))
        else:
            merged.append((start, end))
    return merged


def test_overlapping_intervals_become_one():
    assert merge_intervals([(1, 4), (2, 6)]) == [(1, 6)]


def test_touching_intervals_become_one():
    assert merge_intervals([(1, 2), (2, 3)]) == [(1, 3)]


def test_separate_intervals_are_sorted():
    assert merge_intervals([(5, 6), (1, 2)]) == [(1, 2), (5, 6)]


def test_an_interval_inside_another_disappears():
    assert merge_intervals([(1, 10), (2, 3)]) == [(1, 10)]


def test_nothing_gives_nothing():
    assert merge_intervals([]) == []


def test_a_reversed_interval_is_an_error():
    try:
        merge_intervals([(3, 1)])
    except ValueError as error:
        assert "(3, 1)" in str(error)
    else:
        assert False, "no error was raised"
