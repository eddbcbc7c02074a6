"""HTTP/1.1 on a plain socket: what a server really wrote, with the case and order of its header lines."""

import socket
import time
from dataclasses import dataclass, field

ANSWER_TIMEOUT = 10.0
QUIET = 0.7


@dataclass
class Reply:
    """What one request got back. `trouble` says why there is no (whole) answer."""

    status: int = 0
    reason: str = ""
    version: str = ""
    headers: list = field(default_factory=list)
    body: bytes = b""
    interim: list = field(default_factory=list)
    closed: bool = False
    trouble: str = ""

    def header(self, name):
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None


class Ended(Exception):
    """The peer closed the connection."""


class Connection:
    """A keep-alive connection that opens itself again when the server has closed it."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.socket = None
        self.buffer = b""

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket, self.buffer = None, b""

    def open(self):
        self.close()
        self.socket = socket.create_connection((self.host, self.port), timeout=ANSWER_TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request, head_only=False, timeout=ANSWER_TIMEOUT):
        """Sends the request's bytes and reads one answer."""
        for attempt in (1, 2):
            reused = self.socket is not None
            try:
                if not reused:
                    self.open()
                self.socket.settimeout(timeout)
                self.socket.sendall(request)
                return self.read_answer(head_only, timeout)
            except (Ended, ConnectionError) as error:
                self.close()
                if attempt == 2 or not reused:
                    return Reply(trouble="connection closed without an answer", closed=True)
            except TimeoutError:
                self.close()
                return Reply(trouble="no answer in time")
            except ValueError as error:
                self.close()
                return Reply(trouble=f"not an HTTP answer: {error}")

    def read_answer(self, head_only, timeout):
        deadline = time.monotonic() + timeout
        reply = self.read_head(deadline)
        while 100 <= reply.status < 200 and reply.status != 101:
            interim = reply.status
            reply = self.read_head(deadline)
            reply.interim.append(interim)
        if head_only or reply.status in (101, 204, 304):
            pass
        elif "chunked" in (reply.header("transfer-encoding") or "").lower():
            reply.body = self.read_chunks(deadline)
        elif reply.header("content-length") is not None:
            reply.body = self.take(int(reply.header("content-length")), deadline)
        else:
            reply.body = self.read_to_end(deadline)
            reply.closed = True
        if (reply.header("connection") or "").lower() == "close":
            self.close()
            reply.closed = True
        return reply

    def read_head(self, deadline):
        while b"\r\n\r\n" not in self.buffer:
            self.more(deadline)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return parse_head(head)

    def read_chunks(self, deadline):
        body = b""
        while True:
            size = int(self.line(deadline).split(b";")[0], 16)
            if size == 0:
                while self.line(deadline):
                    pass
                return body
            body += self.take(size, deadline)
            self.line(deadline)

    def read_to_end(self, deadline):
        try:
            while True:
                self.more(deadline)
        except Ended:
            body = self.buffer
            self.close()
            return body

    def line(self, deadline):
        while b"\r\n" not in self.buffer:
            self.more(deadline)
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def take(self, count, deadline):
        while len(self.buffer) < count:
            self.more(deadline)
        body, self.buffer = self.buffer[:count], self.buffer[count:]
        return body

    def more(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.socket.settimeout(left)
        data = self.socket.recv(65536)
        if not data:
            raise Ended
        self.buffer += data


def ask_raw(host, port, request):
    """Sends the bytes on a connection of their own and reads whatever comes until the end or a quiet moment.

    For answers whose framing is wrong on purpose: the body is everything behind the head.
    """
    data, closed = b"", False
    with socket.create_connection((host, port), timeout=ANSWER_TIMEOUT) as peer:
        peer.sendall(request)
        try:
            while True:
                peer.settimeout(QUIET if data else 3.0)
                more = peer.recv(65536)
                if not more:
                    closed = True
                    break
                data += more
        except TimeoutError:
            pass
        except ConnectionError:
            closed = True
    if not data.startswith(b"HTTP/1."):
        return Reply(trouble="" if data else "no bytes", body=data, closed=closed)
    head, _, body = data.partition(b"\r\n\r\n")
    reply = parse_head(head)
    reply.body, reply.closed = body, closed
    return reply


def parse_head(head):
    lines = head.decode("latin-1").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    status, _, reason = rest.partition(" ")
    if not version.startswith("HTTP/"):
        raise ValueError(repr(lines[0][:80]))
    headers = []
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    return Reply(status=int(status), reason=reason, version=version, headers=headers)


def write_request(method, target, headers, body):
    """The request's bytes. Adds `Host` and `Content-Length` when the case does not bring its own."""
    names = {name.lower() for name, _ in headers}
    lines = [f"{method} {target} HTTP/1.1"]
    if "host" not in names:
        lines.append("Host: 127.0.0.1:@@PORT@@")
    if body and not names & {"content-length", "transfer-encoding"}:
        lines.append("Content-Length: @@LENGTH@@")
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8"), body
