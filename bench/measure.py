"""Runs a command and tells what it cost: wall time, CPU of it and its children, peak memory."""

import os
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Cost:
    wall_s: float
    cpu_s: float
    memory_mb: float
    exit_code: int
    output: str


def cost(command, **arguments):
    """The cost of one run. Peak memory is the largest single process's, as the kernel counts it."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, **arguments
    )
    output = process.stdout.read()
    # wait4 gives the figures of this child alone, whatever ran before it.
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode, output)


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


__all__ = ["Cost", "cost", "median"]
