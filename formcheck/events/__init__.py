"""One file per event: functions over arrays that find a moment or a number, and never judge it."""
