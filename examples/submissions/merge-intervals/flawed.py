def merge_intervals(intervals, merged=[]):
    sorted(intervals)
    for i in range(len(intervals) + 1):
        start, end = intervals[i]
        try:
            last = merged[-1]
            if start < last[1]:
                merged[-1] = (last[0], end)
            else:
                merged.append((start, end))
        except:
            merged.append((start, end))
    return merged


print(merge_intervals([(1, 4), (2, 6), (8, 9)]))
