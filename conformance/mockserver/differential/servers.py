"""Installs, starts and stops the servers that are compared."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

START_TIMEOUT = 90.0


class CannotStart(Exception):
    """A server that did not come up, with what it said."""


class Server:
    """A running server on 127.0.0.1."""

    def __init__(self, name, port, process=None, version=""):
        self.name, self.port, self.process, self.version = name, port, process, version

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def install_real(version, folder):
    """The jar of MockServer, as its npm package carries it."""
    home = Path(folder) / f"mockserver-{version}"
    found = sorted(home.glob("node_modules/mockserver-node/*-jar-with-dependencies.jar"))
    if found:
        return found[0]
    home.mkdir(parents=True, exist_ok=True)
    (home / "package.json").write_text('{"private": true}\n')
    npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact",
        f"mockserver-node@{version}"]
    subprocess.run(npm, cwd=home, check=True, stdout=subprocess.DEVNULL)
    found = sorted(home.glob("node_modules/mockserver-node/*-jar-with-dependencies.jar"))
    if not found:
        raise CannotStart(f"the npm package mockserver-node {version} holds no jar")
    return found[0]


def start_real(version, folder, work, extra=()):
    """Starts MockServer with its log switched on but silent on the console."""
    if not shutil.which("java"):
        raise CannotStart("java is not on the PATH; MockServer needs Java 17 or newer")
    jar, port = install_real(version, folder), free_port()
    home = Path(work) / f"mockserver-{version}-{port}"
    home.mkdir(parents=True)
    command = ["java", "-Xmx512m", "-Dmockserver.localBoundIP=127.0.0.1", "-Dmockserver.logLevel=INFO",
               "-Dmockserver.disableSystemOut=true", *extra, "-jar", str(jar), "-serverPort", str(port)]
    log = open(home / "server.log", "wb")
    process = subprocess.Popen(command, cwd=home, stdout=log, stderr=subprocess.STDOUT)
    server = Server(version, port, process)
    wait_until_ready(server, home / "server.log")
    return server


def build_styk(root):
    """The release build of styk."""
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "styk"], cwd=root, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", str(Path(root) / "target"))
    return Path(target) / "release" / "styk"


def start_styk(binary, work, arguments=()):
    home = Path(work) / f"styk-{free_port()}"
    home.mkdir(parents=True)
    log = open(home / "server.log", "wb")
    command = [str(Path(binary).resolve()), "mock", "-serverPort", "0", "-logLevel", "INFO", *arguments]
    process = subprocess.Popen(command, cwd=home, stdout=log, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        text = (home / "server.log").read_text(errors="replace")
        found = re.search(r"started on port: (\d+)", text)
        if found:
            server = Server("styk", int(found.group(1)), process)
            wait_until_ready(server, home / "server.log")
            return server
        time.sleep(0.05)
    process.kill()
    raise CannotStart("styk did not start:\n" + (home / "server.log").read_text(errors="replace")[-2000:])


def attach(name, url):
    """A server that runs already."""
    server = Server(name, int(url.rsplit(":", 1)[1].rstrip("/")))
    server.version = status(server).get("version", "")
    return server


def wait_until_ready(server, log):
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            server.version = status(server).get("version", "")
            return
        except (OSError, ValueError):
            time.sleep(0.1)
    server.stop()
    raise CannotStart(f"{server.name} did not start:\n" + Path(log).read_text(errors="replace")[-2000:])


def status(server):
    request = urllib.request.Request(server.url + "/mockserver/status", method="PUT")
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.loads(answer.read())
