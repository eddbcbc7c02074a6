#!/usr/bin/env python3
"""Plays the providers' own SDKs, unmodified and at pinned versions, against `styk fakes`.

Each SDK gets an environment of its own (a virtual environment, a folder of node modules) under target/conformance/payments.
What passed and failed is printed for each provider; the exit code is 1 when anything failed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Provider, language, packages, test file.
SUITES = [
    ("stripe", "python", ["stripe==16.1.0"], "test_stripe.py"),
    ("stripe", "node", ["stripe@23.1.0"], "stripe.test.mjs"),
    ("yookassa", "python", ["yookassa==3.13.0"], "test_yookassa.py"),
    ("yookassa", "node", ["@a2seven/yoo-checkout@1.1.4"], "yookassa.test.mjs"),
    ("cloudpayments", "python", ["cloudpayments==1.6.3"], "test_cloudpayments.py"),
    ("cloudpayments", "python", ["aiocloudpayments==0.1.1", "pydantic<2", "aiohttp<4"], "test_aiocloudpayments.py"),
    ("cloudpayments", "node", ["cloudpayments@6.0.1"], "cloudpayments.test.mjs"),
]


def arguments():
    parser = argparse.ArgumentParser(prog="conformance/run payments", description=__doc__.split("\n")[0])
    parser.add_argument("providers", nargs="*", help="only these providers: stripe, yookassa, cloudpayments")
    parser.add_argument("--styk", metavar="FILE", help="a built styk; else the release build is made")
    parser.add_argument("--cache", metavar="DIR", default=str(ROOT / "target/conformance/payments"), help="folder for what is installed")
    parser.add_argument("--language", choices=["python", "node"], help="only SDKs of this language")
    return parser.parse_args()


def build():
    subprocess.run(["cargo", "build", "--release", "--locked", "--manifest-path", str(ROOT / "Cargo.toml")], check=True)
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    return f"{target}/release/styk"


class Fakes:
    """All fakes on free ports, as long as the block lasts."""

    def __init__(self, styk):
        self.styk = styk

    def __enter__(self):
        self.process = subprocess.Popen([self.styk, "fakes", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit("error: `styk fakes` ended before it said where it listens")
        return {fake["provider"]: fake for fake in json.loads(line)["fakes"]}

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


def folder_of(cache, language, packages):
    name = re.sub(r"[^A-Za-z0-9.]+", "-", f"{language}-{packages[0]}")
    return Path(cache) / name


def install(cache, language, packages):
    """Installs once; a file beside the packages says that all of it went well."""
    folder = folder_of(cache, language, packages)
    done = folder / "installed.json"
    if done.exists() and json.loads(done.read_text()) == packages:
        return folder
    print(f"installing {' '.join(packages)}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    if language == "python":
        run([sys.executable, "-m", "venv", folder / "venv"])
        run([folder / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "pytest==8.4.2", *packages])
    else:
        (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", *packages], cwd=folder)
    done.write_text(json.dumps(packages))
    return folder


def play(folder, language, test, fake):
    """Plays one file of tests; gives (passed, failed), from its JUnit report."""
    report = folder / f"{test}.xml"
    report.unlink(missing_ok=True)
    environment = {**os.environ, **fake["env"], "FAKE_URL": fake["url"], "PYTHONDONTWRITEBYTECODE": "1"}
    if language == "python":
        command = [folder / "venv/bin/pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", HERE / "python" / test]
        subprocess.run(command, env=environment, cwd=HERE / "python", timeout=600)
    else:
        # Modules are looked for from the test's own folder, so it is played from a copy beside them.
        for file in (HERE / "node").glob("*.mjs"):
            (folder / file.name).write_text(file.read_text())
        command = ["node", "--test", "--test-reporter=spec", "--test-reporter-destination=stdout"]
        command += ["--test-reporter=junit", f"--test-reporter-destination={report}", test]
        subprocess.run(command, env=environment, cwd=folder, timeout=600)
    return counts(report)


def counts(report):
    if not report.exists():
        return 0, 1
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    if not cases:
        return 0, 1
    return len(cases) - failed - skipped, failed


def main():
    asked = arguments()
    chosen = [suite for suite in SUITES if not asked.providers or suite[0] in asked.providers]
    chosen = [suite for suite in chosen if asked.language in (None, suite[1])]
    if not chosen:
        sys.exit("error: there is no such provider; there are stripe, yookassa and cloudpayments")
    styk = asked.styk or build()
    folders = [install(asked.cache, language, packages) for _, language, packages, _ in chosen]
    totals = {}
    lines = []
    with Fakes(styk) as fakes:
        for (provider, language, packages, test), folder in zip(chosen, folders):
            print(f"\n== {provider}: {packages[0]} ({language})", flush=True)
            passed, failed = play(folder, language, test, fakes[provider])
            lines.append(f"{provider:14} {packages[0]:32} {passed:4} passed {failed:4} failed")
            before = totals.get(provider, (0, 0))
            totals[provider] = (before[0] + passed, before[1] + failed)
    print()
    print("\n".join(lines))
    for provider, (passed, failed) in totals.items():
        print(f"{provider}: {passed} passed, {failed} failed")
    sys.exit(1 if any(failed for _, failed in totals.values()) else 0)


if __name__ == "__main__":
    main()
