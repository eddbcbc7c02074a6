"""What a case is: some exchanges that belong together, played after a reset."""

import json
from dataclasses import dataclass, field

# How much of an answer is compared.
EXACT = "exact"  # status line, header lines and body
FIRST_LINE = "first-line"  # as EXACT, of the body only the first line
HEAD = "head"  # status line and header lines
STATUS = "status"  # the status and the content type alone
NOTHING = "nothing"  # the step only prepares something


@dataclass
class Step:
    method: str
    target: str
    headers: list = field(default_factory=list)
    body: bytes = b""
    check: str = EXACT
    raw: bool = False  # on a connection of its own, read until quiet
    pause: float = 0.0  # seconds to wait before it


@dataclass
class Case:
    name: str
    group: str
    grade: str  # CORE, COMMON or RARE
    steps: list
    feature: str = ""  # what the case is about, for the table
    servers: tuple = ()  # empty = all


def as_bytes(body):
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8")
    return json.dumps(body, ensure_ascii=False).encode("utf-8")


def control(operation, body=None, check=EXACT, method="PUT", headers=(), **more):
    """A step on the control plane."""
    return Step(method, "/mockserver/" + operation, list(headers), as_bytes(body), check, **more)


def register(*expectations, check=NOTHING):
    """Registers expectations; by default nobody looks at the echo."""
    return control("expectation", list(expectations), check)


def send(method="GET", target="/", headers=(), body=None, check=EXACT, **more):
    """A step on the data plane."""
    return Step(method, target, list(headers), as_bytes(body), check, **more)


def expectation(request, body="matched", **more):
    """An expectation that answers with a plain text."""
    entry = {"httpResponse": {"body": body}}
    if request is not None:
        entry["httpRequest"] = request
    entry.update(more)
    return entry
