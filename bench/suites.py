"""`styk test` on all shipped suites, embedded: process start to exit, CPU and peak memory. Median of five runs.

Usage: suites.py STYK PROJECT
"""

import sys
import tempfile

from measure import cost, median

styk, project = sys.argv[1:]
runs = []
for _ in range(5):
    with tempfile.TemporaryDirectory() as reports:
        run = cost([styk, "test", "--strict", "--reports", reports], cwd=project)
    if run.exit_code != 0:
        sys.exit(f"the suites do not pass (exit code {run.exit_code}):\n{run.output}")
    runs.append(run)

wall = median([run.wall_s for run in runs])
memory = median([run.memory_mb for run in runs])
cpu = median([run.cpu_s for run in runs])
print(f"styk test, all suites: {wall:.2f} s wall (limit 2), {cpu:.2f} s CPU, {memory:.0f} MB peak (limit 120)")
sys.exit(0 if wall <= 2 and memory <= 120 else 1)
