"""What all SDK tests share: the fake's control API, and a shop's webhook endpoint."""

import json
import os
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

FAKE = os.environ["FAKE_URL"]


class Received:
    """One webhook as it came."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body

    def json(self):
        return json.loads(self.body)


class Shop:
    """A shop's endpoint for webhooks; `answers` gives what the next ones get, then all get `answer`."""

    def __init__(self, answer=(200, b"{}")):
        self.received, self.answer, self.answers = [], answer, []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, text = shop.answers.pop(0) if shop.answers else shop.answer
                shop.received.append(Received(self.path, self.headers, body))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, fits, limit=10):
        """The first webhook that fits; fails when none comes in time."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            for webhook in list(self.received):
                if fits(webhook):
                    return webhook
            time.sleep(0.01)
        raise AssertionError(f"no such webhook within {limit} s; came: {[w.body[:200] for w in self.received]}")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def shop():
    shop = Shop()
    yield shop
    shop.stop()


def control(method, path, body=None):
    """A call to the fake's control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{FAKE}/_styk{path}", data=data, method=method)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def act(action, **told):
    """Makes something happen, as a payer or a bank would."""
    return control("POST", f"/actions/{action}", told)


def until(look, limit=10):
    """What `look` gives as soon as it is true."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not so within {limit} s")
