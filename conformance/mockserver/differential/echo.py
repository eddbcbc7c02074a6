"""An upstream for forwards: tells in JSON what it received, and obeys a few paths."""

import gzip
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else self.read_chunks()
        path = self.path.split("?")[0]
        content, headers, status = self.described(body), [("Content-Type", "application/json")], 200
        if path.startswith("/status/"):
            status = int(path.rsplit("/", 1)[1])
        elif path == "/gzip":
            content, headers = gzip.compress(b"packed " * 20, mtime=0), [("Content-Type", "text/plain"),
                ("Content-Encoding", "gzip")]
        elif path == "/cookies":
            headers += [("Set-Cookie", "a=1; Path=/; HttpOnly"), ("Set-Cookie", "b=2")]
        elif path == "/cased":
            headers += [("X-MiXed-Case", "One"), ("X-MiXed-Case", "Two"), ("ETag", '"abc"')]
        elif path == "/plain":
            content, headers = b"plain text", [("Content-Type", "text/plain; charset=utf-8")]
        elif path == "/untyped":
            content, headers = b"no type", []
        elif path == "/binary":
            content, headers = bytes(range(256)), [("Content-Type", "application/octet-stream")]
        elif path == "/chunked":
            return self.chunked()
        self.wfile.write(f"HTTP/1.1 {status} {self.responses.get(status, ('Custom',))[0]}\r\n".encode())
        if status not in (204, 304):
            headers.append(("Content-Length", str(len(content))))
        else:
            content = b""
        for name, value in headers:
            self.wfile.write(f"{name}: {value}\r\n".encode())
        self.wfile.write(b"\r\n" + (b"" if self.command == "HEAD" else content))
        self.wfile.flush()

    def chunked(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.wfile.write(b"5\r\nfirst\r\n7\r\n second\r\n0\r\n\r\n")
        self.wfile.flush()

    def read_chunks(self):
        body = b""
        if "chunked" not in (self.headers.get("transfer-encoding") or ""):
            return body
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def described(self, body):
        seen = {
            "method": self.command,
            "target": self.path,
            "headers": sorted([name.lower(), value] for name, value in self.headers.items()),
            "body": body.decode("latin-1"),
        }
        return json.dumps(seen).encode()

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A peer that hangs up is its own business."""


def start():
    """Starts the echo server on a free port and gives it back; `server_port` is its port."""
    server = Server(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
