"""Plays cases against one server."""

import threading
import time

from . import wire

RESET = wire.write_request("PUT", "/mockserver/reset", [], b"")


class Player:
    """One server with its connection."""

    def __init__(self, server, echo_port):
        self.server, self.echo_port = server, echo_port
        self.connection = wire.Connection("127.0.0.1", server.port)

    def play(self, case):
        """The replies to the case's steps."""
        if case.servers and self.server.name not in case.servers:
            return None
        self.connection.ask(self.fill(*RESET))
        return [self.take(step) for step in case.steps]

    def take(self, step):
        if step.pause:
            time.sleep(step.pause)
        request = self.fill(*wire.write_request(step.method, step.target, step.headers, step.body))
        if step.raw:
            return wire.ask_raw("127.0.0.1", self.server.port, request)
        reply = self.connection.ask(request, head_only=step.method == "HEAD")
        if any(name.lower() == "content-encoding" for name, _ in step.headers):
            # 5.15.0 would write this header into the record of every later request of the connection.
            self.connection.close()
        return reply

    def fill(self, head, body):
        body = self.name_ports(body)
        return self.name_ports(head).replace(b"@@LENGTH@@", str(len(body)).encode()) + body

    def name_ports(self, data):
        return data.replace(b"@@PORT@@", str(self.server.port).encode()).replace(b"@@ECHO@@",
            str(self.echo_port).encode())


def play_all(cases, servers, echo_port, progress=lambda name, done: None):
    """Plays every case on every server, the servers side by side. Gives {server name: [replies of a case]}."""
    results = {}

    def run(server):
        player, replies = Player(server, echo_port), []
        results[server.name] = replies
        for number, case in enumerate(cases, 1):
            replies.append(player.play(case))
            if number % 250 == 0 or number == len(cases):
                progress(server.name, number)

    threads = [threading.Thread(target=run, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
