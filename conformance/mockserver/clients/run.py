"""Installs the clients at pinned versions, runs their checks against each server, compares with the control."""

import fnmatch
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from differential import echo, report, servers
from differential.run import ROOT

HERE = Path(__file__).resolve().parent
RUST_VERSION = PYTHON_VERSION = "9.2.0"
NODE_VERSIONS = ("5.15.0", "8.0.0")
CONTROL = "8.0.0"
TIME_LIMIT = 400


def clients():
    """(name, function that installs it, function that runs it)"""
    found = [("Rust " + RUST_VERSION, install_rust, run_rust)]
    for version in NODE_VERSIONS:
        found.append((f"Node.js {version}", lambda cache, version=version: install_node(cache, version), run_node))
    found.append(("Python " + PYTHON_VERSION, install_python, run_python))
    return found


def quietly(command, **more):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **more)


def install_node(cache, version):
    home = cache / f"client-node-{version}"
    package = home / "node_modules" / "mockserver-client"
    if not package.exists():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}\n')
        npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact",
            f"mockserver-client@{version}"]
        quietly(npm, cwd=home)
    # The client asks for this file even without TLS, and fetches it from the net when it is not there.
    (home / "CertificateAuthorityCertificate.pem").touch()
    return package


def run_node(package, server, upstream, work):
    command = ["node", str(HERE / "node.js"), str(package), str(server.port), str(upstream.server_port)]
    return read_lines(command, package.parent.parent)


def install_python(cache):
    home = cache / f"client-python-{PYTHON_VERSION}"
    binary = home / "bin" / "python"
    if not (home / "done").exists():
        quietly([sys.executable, "-m", "venv", "--clear", str(home)])
        quietly([str(binary), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            f"mockserver-client=={PYTHON_VERSION}"])
        (home / "done").touch()
    return binary


def run_python(binary, server, upstream, work):
    return read_lines([str(binary), str(HERE / "python.py"), str(server.port), str(upstream.server_port)], work)


def install_rust(cache):
    """The crate's own source, with its tests."""
    home = cache / f"client-rust-{RUST_VERSION}"
    if (home / "source" / "Cargo.toml").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    (home / "probe" / "src").mkdir(parents=True)
    (home / "probe" / "src" / "lib.rs").touch()
    (home / "probe" / "Cargo.toml").write_text(
        f'[package]\nname = "probe"\nversion = "0.0.0"\nedition = "2021"\n\n[workspace]\n\n[dependencies]\nmockserver-client = "={RUST_VERSION}"\n'
    )
    metadata = subprocess.run(["cargo", "metadata", "--format-version", "1"], cwd=home / "probe", check=True,
        stdout=subprocess.PIPE)
    packages = json.loads(metadata.stdout)["packages"]
    (manifest,) = (package["manifest_path"] for package in packages if package["name"] == "mockserver-client")
    shutil.copytree(Path(manifest).parent, home / "source")
    with open(home / "source" / "Cargo.toml", "a", encoding="utf-8") as file:
        file.write("\n[workspace]\n")
    return home


def run_rust(home, server, upstream, work):
    """The live tests that the crate ships."""
    command = ["cargo", "test", "--target-dir", str(home / "target"), "--test", "integration_test", "--", "--ignored",
        "--test-threads", "1"]
    environment = {**servers.os.environ, "MOCKSERVER_URL": server.url}
    environment.pop("CARGO_TARGET_DIR", None)
    ended = subprocess.run(command, cwd=home / "source", env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=TIME_LIMIT * 2)
    text = ended.stdout.decode("utf-8", "replace")
    checks = []
    for name, outcome in re.findall(r"^test (\w+) \.\.\. (\w+)", text, re.MULTILINE):
        found = re.search(rf"---- {name} stdout ----\n(.*?)(?:\n----|\nfailures:|\Z)", text, re.DOTALL)
        note = found.group(1).strip()[:300] if found else ""
        checks.append({"check": name, "grade": "COMMON", "ok": outcome == "ok", "note": note})
    if not checks:
        raise servers.CannotStart("the Rust client's tests did not run:\n" + text[-2000:])
    return checks, []


def read_lines(command, folder):
    try:
        ended = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=TIME_LIMIT)
        output = ended.stdout
    except subprocess.TimeoutExpired as late:
        output = late.stdout or b""
    lines = [json.loads(line) for line in output.decode("utf-8").splitlines() if line.startswith("{")]
    missed = [line["missed"] for line in lines if "missed" in line]
    return [line for line in lines if "check" in line], missed[0] if missed else ["(the script did not reach its end)"]


def run(options):
    """Gives True when styk passes every check that the control passes, but for the listed ones."""
    cache = Path(options.cache)
    cache.mkdir(parents=True, exist_ok=True)
    with open(options.known, encoding="utf-8") as file:
        known = json.load(file)["clients"]
    upstream = echo.start()
    rows, failures, missed = [], [], {}
    with tempfile.TemporaryDirectory() as work:
        binary = options.styk or servers.build_styk(ROOT)
        for name, install, play in clients():
            if options.client and options.client.lower() not in name.lower():
                continue
            print(f"client {name}", flush=True)
            tool = install(cache)
            results = {}
            # Every client meets fresh servers, so that none inherits what another left.
            for begin in (lambda: servers.start_real(CONTROL, cache, work),
                lambda: servers.start_styk(binary, work, options.styk_args.split())):
                server = begin()
                try:
                    results[server.name], missed[name] = play(tool, server, upstream, work)
                finally:
                    server.stop()
            rows.append(judge(name, results, known, failures))
    upstream.shutdown()
    titles = ["", "checks", f"passed by {CONTROL}", "passed by styk", "listed", "failed"]
    print(report.as_text(titles, rows) + "\n")
    for failure in failures:
        print(f"{failure['outcome']}: {failure['client']}: {failure['check']} ({failure['grade']}): {failure['note']}")
    write(Path(options.report), titles, rows, failures, missed)
    return not any(failure["outcome"] == "failed" for failure in failures)


def judge(name, results, known, failures):
    control = {entry["check"]: entry for entry in results[CONTROL]}
    ours = {entry["check"]: entry for entry in results["styk"]}
    listed = failed = 0
    for check, entry in control.items():
        mine = ours.get(check, {"ok": False, "note": "the check was not reached"})
        if mine["ok"]:
            continue
        reason = next((one["reason"] for one in known if fnmatch.fnmatchcase(name,
            one.get("client", "*")) and fnmatch.fnmatchcase(check, one["check"])), "")
        outcome = "fails on both" if not entry["ok"] else "listed" if reason else "failed"
        listed += outcome == "listed"
        failed += outcome == "failed"
        failures.append({"outcome": outcome, "client": name, "check": check, "grade": entry["grade"],
            "note": mine["note"], "reason": reason})
    passed = [sum(entry["ok"] for entry in entries.values()) for entries in (control, ours)]
    return (name, len(control), *passed, listed, failed)


def write(folder, titles, rows, failures, missed):
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# Clients", "", report.as_markdown_table(titles, rows), "", "## Checks that styk does not pass", ""]
    lines += ["| outcome | client | check | grade | what it said |", "| --- | --- | --- | --- | --- |"]
    for one in failures:
        note = (one["reason"] or one["note"]).replace("|", "&#124;").replace("\n", " ")
        lines.append(f"| {one['outcome']} | {one['client']} | {one['check']} | {one['grade']} | {note} |")
    lines += ["", "## Methods that no check calls", ""]
    lines += [f"- {name}: {', '.join(methods)}" for name, methods in missed.items() if methods]
    (folder / "clients.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "clients.json").write_text(json.dumps({"rows": [dict(zip(titles, row)) for row in rows],
        "failures": failures, "missed": missed}, indent=1), encoding="utf-8")
