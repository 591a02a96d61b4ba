# Homework of week three, written by a student who ran out of time.
def merge_intervals(intervals):
    return intervals
