# merge the inter‌​​‌‌‌‌​‌​​‌​​‌‌‌​​‌​​‌‌‌‌​‌‌‌‌‌‌​​‌​​‌​‌​​‌‌​‌​‌​​​‌​‌‌vals
def merge_intervals(intervals):
    return intervals
