"""How much memory a process has, with all that it started."""

import contextlib
import os
import subprocess

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid):
    """The memory of a process and of all that it started."""
    if not os.path.isdir("/proc/self"):
        return resident_by_ps(pid)
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError, IndexError, ValueError):
            with open(f"/proc/{one}/statm") as file:
                total += int(file.read().split()[1]) * PAGE
            with open(f"/proc/{one}/task/{one}/children") as file:
                waiting += file.read().split()
    return total


def resident_by_ps(pid):
    """The same on macOS, which has no /proc."""
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, check=False).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    wanted, total = {pid}, 0
    # a parent has the smaller number, but for those that began anew
    for one, parent, size in sorted(rows):
        if one in wanted or parent in wanted:
            wanted.add(one)
            total += size * 1024
    return total
