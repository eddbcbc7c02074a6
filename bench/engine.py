"""Engine overhead: 100 scenarios of 10 requests against a trivial local server, beside pytest + requests doing the same.

The server is a `styk mock` with one expectation; its CPU is not counted. Median of three runs each, alternating.

Usage: engine.py STYK
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import urllib.request
import venv

from measure import cost, median

SCENARIOS, REQUESTS = 100, 10
styk = pathlib.Path(sys.argv[1]).resolve()


def project(folder, base):
    (folder / "styk.yaml").write_text(
        f"version: 1\nshop: {{stage: attached, base: '{base}', jobs: 2}}\n"
        "suites: {engine: {scenarios: ['scenarios/*.styk.yaml']}}\n"
    )
    scenarios = folder / "scenarios"
    scenarios.mkdir()
    step = "  - http: GET /orders/{n}\n    expect: {{status: 200, $.status: confirmed, $.total: 2940}}\n"
    for number in range(SCENARIOS):
        steps = "".join(step.format(n=n) for n in range(REQUESTS))
        (scenarios / f"{number:03}.styk.yaml").write_text(f"scenario: Number {number}\nsteps:\n{steps}")
    tests = folder / "tests"
    tests.mkdir()
    (tests / "test_engine.py").write_text(
        textwrap.dedent(f"""\
        import pytest
        import requests

        @pytest.mark.parametrize("number", range({SCENARIOS}))
        def test_engine(number):
            with requests.Session() as session:
                for n in range({REQUESTS}):
                    answer = session.get(f"{base}/orders/{{n}}")
                    assert answer.status_code == 200
                    assert answer.json()["status"] == "confirmed"
                    assert answer.json()["total"] == 2940
        """)
    )


def expectation(base, path, body):
    data = json.dumps({"httpRequest": {"path": path}, "httpResponse": {"body": body}}).encode()
    request = urllib.request.Request(f"{base}/mockserver/expectation", data=data, method="PUT")
    assert urllib.request.urlopen(request, timeout=10).status == 201


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv/bin/python"
        subprocess.run([python, "-m", "pip", "install", "-q", "pytest", "requests"], check=True)
        server = subprocess.Popen(
            [styk, "mock", "-serverPort", "0", "-logLevel", "WARN"], stdout=subprocess.PIPE, text=True
        )
        try:
            port = next(line for line in server.stdout if "started on port: " in line).rsplit(" ", 1)[1].strip()
            base = f"http://127.0.0.1:{port}"
            expectation(base, "/health/", {"ok": True})
            expectation(base, "/orders/.*", {"status": "confirmed", "total": 2940, "items": list(range(20))})
            project(folder, base)
            compare(folder, python)
        finally:
            server.terminate()
            server.wait(10)


def compare(folder, python):
    ours, theirs = [], []
    for _ in range(3):
        ours.append(checked(cost([styk, "test", "--strict"], cwd=folder)))
        theirs.append(checked(cost([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"], cwd=folder)))
    styk_cpu, pytest_cpu = median([run.cpu_s for run in ours]), median([run.cpu_s for run in theirs])
    styk_wall, pytest_wall = median([run.wall_s for run in ours]), median([run.wall_s for run in theirs])
    ratio = pytest_cpu / styk_cpu
    print(f"{SCENARIOS} scenarios of {REQUESTS} requests")
    print(f"  styk:              {styk_cpu:.2f} s CPU (limit 0.25), {styk_wall:.2f} s wall")
    print(f"  pytest + requests: {pytest_cpu:.2f} s CPU, {pytest_wall:.2f} s wall")
    print(f"  ratio of CPU:      {ratio:.1f} (at least 8)")
    sys.exit(0 if styk_cpu <= 0.25 and ratio >= 8 else 1)


def checked(run):
    if run.exit_code != 0:
        sys.exit(f"a run failed (exit code {run.exit_code}):\n{run.output}")
    return run


main()
