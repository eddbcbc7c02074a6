#!/usr/bin/env python3
"""The figures of the mock server: speed, latency, memory, start, verification and size.

    python3 bench/mock.py [--seconds 5] [--endurance 60] [--no-real]

wrk drives each server with 2 threads and 64 connections, in turn, three times; medians and their ratio to a bare hyper
server are printed, with the CPU time a request costs the server (which other load on the machine does not blur). The mock
records every exchange. The real MockServer runs in the same turns when its jars are there (`conformance/run mockserver`
installs them into target/conformance). Needs wrk (apt-get install wrk).
"""

import argparse
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from measure import median

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.path.abspath(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")))
PATH = "/api/v1/payments/last"
TICK = os.sysconf("SC_CLK_TCK")


class Server:
    """A process that serves HTTP on a port of this machine, in a folder of its own: MockServer leaves files where it runs."""

    def __init__(self, command, port=None):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            command, cwd=self.folder.name, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.port = port or int(re.search(r"(\d+)\s*$", self.process.stdout.readline()).group(1))

    def cpu_s(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory_mb(self, what):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(rf"{what}:\s+(\d+)", status).group(1)) / 1024

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def call(port, method, path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status


def await_answer(port, limit_s=60):
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        try:
            return call(port, "PUT", "/mockserver/status", b"")
        except OSError:
            time.sleep(0.0005)
    sys.exit(f"error: no answer on port {port} within {limit_s} s")


def wrk(port, seconds):
    """Requests per second, requests, p99 in milliseconds."""
    command = ["wrk", "-t2", "-c64", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}{PATH}"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out:
        sys.exit(f"error: the server refused requests:\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    requests = int(re.search(r"(\d+) requests in", out).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, requests, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def example(*arguments):
    return [os.path.join(TARGET, "release", "examples", arguments[0]), *arguments[1:]]


def real_jars():
    pattern = os.path.join(TARGET, "conformance", "**", "mockserver-netty-*-jar-with-dependencies.jar")
    jars = {re.search(r"netty-([\d.]+)-", jar).group(1): jar for jar in glob.glob(pattern, recursive=True)}
    return dict(sorted(jars.items())) if shutil.which("java") else {}


def start_real(jar, count):
    port = free_port()
    options = ["-Xmx2g", "-Dmockserver.localBoundIP=127.0.0.1", "-Dmockserver.logLevel=WARN"]
    server = Server(["java", *options, "-jar", jar, "-serverPort", str(port)], port)
    await_answer(port)
    paths = [f"/api/v1/payments/{n}" for n in range(1, count)] + [PATH]
    expectations = [
        {"httpRequest": {"method": "GET", "path": path}, "httpResponse": {"body": {"status": "paid"}}} for path in paths
    ]
    call(port, "PUT", "/mockserver/expectation", json.dumps(expectations).encode())
    wrk(port, 5)  # the virtual machine compiles while it is warmed up
    return server


def speed(seconds, with_real):
    starts = {
        "bare hyper": lambda: Server(example("bare_hyper")),
        "styk, 1 expectation": lambda: Server(example("static_answer", "1")),
        "styk, 1,000 expectations": lambda: Server(example("static_answer", "1000")),
        "styk, 1,000 patterns": lambda: Server(example("static_answer", "1000", "pattern")),
    }
    for version, jar in (real_jars() if with_real else {}).items():
        starts[f"MockServer {version}, 1"] = lambda jar=jar: start_real(jar, 1)
        starts[f"MockServer {version}, 1,000"] = lambda jar=jar: start_real(jar, 1000)
    figures = {name: [] for name in starts}
    for _ in range(3):
        for name, start in starts.items():
            server = start()
            before = server.cpu_s()
            rate, requests, p99 = wrk(server.port, seconds)
            figures[name].append((rate, (server.cpu_s() - before) * 1e6 / requests, p99, server.memory_mb("VmHWM")))
            server.stop()
    medians = {name: [median(column) for column in zip(*rows)] for name, rows in figures.items()}
    bare = medians["bare hyper"][0]
    print(f"{'server':28} {'requests/s':>11} {'of bare':>8} {'CPU us/request':>15} {'p99 ms':>8} {'peak MB':>8}")
    for name, (rate, cpu, p99, memory) in medians.items():
        print(f"{name:28} {rate:11.0f} {rate / bare:8.2f} {cpu:15.1f} {p99:8.2f} {memory:8.0f}")


def start_time():
    styk = os.path.join(TARGET, "release", "styk")
    times, memories = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(15):
            port = free_port()
            started = time.monotonic()
            command = [styk, "mock", "-serverPort", str(port), "-logLevel", "ERROR"]
            process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            await_answer(port)
            times.append((time.monotonic() - started) * 1e3)
            status = open(f"/proc/{process.pid}/status").read()
            memories.append(int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024)
            process.terminate()
            stopped = time.monotonic()
            process.wait()
            stop_ms = (time.monotonic() - stopped) * 1e3
    print(f"start of the process to its first answer: {median(times):.1f} ms (slowest {max(times):.1f})")
    print(f"idle memory: {median(memories):.1f} MB; stop after SIGTERM: {stop_ms:.1f} ms")
    print(f"size of the binary: {os.path.getsize(styk) / 1e6:.1f} MB")


def endurance(seconds):
    server = Server(example("static_answer", "1"))
    marks = []
    for _ in range(3):
        _, _, p99 = wrk(server.port, max(1, seconds // 3))
        marks.append(f"{server.memory_mb('VmRSS'):.0f} MB (p99 {p99:.1f} ms)")
    server.stop()
    print(f"memory in the course of {seconds} s at full load: {', '.join(marks)}")


def verification():
    print(subprocess.run(example("verify_many"), check=True, capture_output=True, text=True).stdout, end="")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5, help="seconds of load in each turn")
    parser.add_argument("--endurance", type=int, default=60, help="seconds of load for the memory figure; 0 for none")
    parser.add_argument("--no-real", action="store_true", help="leave the real MockServer out")
    arguments = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("error: bench/mock.py needs wrk: apt-get install wrk")
    build = ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", os.path.join(ROOT, "Cargo.toml")]
    subprocess.run([*build, "-p", "styk-mock", "--examples"], check=True)
    subprocess.run([*build, "-p", "styk"], check=True)
    start_time()
    verification()
    speed(arguments.seconds, not arguments.no_real)
    if arguments.endurance:
        endurance(arguments.endurance)


if __name__ == "__main__":
    main()
