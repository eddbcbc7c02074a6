"""Finds where two servers' answers differ, after taking out what must differ: ports, ids, times, versions."""

import fnmatch
import json
import re
from dataclasses import dataclass

from . import case as level

UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
EPOCH = re.compile(rb'("(?:epochTime|currentEpochMillis)" : )\d+')
DURATION = re.compile(rb'("x-mockserver-response-time-ms" : \[ )"\d+"')
PEER = re.compile(rb"127\.0\.0\.1:\d{4,5}")
TOKEN = re.compile(rb"eyJ[\w-]{20,}\.[\w-]+\.[\w-]+")
HASH = re.compile(rb"hashCode=-?\d+")
VERSION = re.compile(rb'("version" : )"[^"]*"')
DOCUMENT_VERSION = re.compile(rb"mock-server-openapi/\d+\.\d+\.x")
ADDRESS = re.compile(rb'("(?:remote|local)Address" : )"[^"]*"')
TRACE = re.compile(rb'("(?:gitHash|correlationId)" : )"[^"]*"')


@dataclass
class Difference:
    """One aspect of one answer in which `ours` is not what the judge says."""

    step: int
    aspect: str
    judge: str
    ours: str
    reason: str = ""  # why it is known, if it is


def normalise(data, port):
    data = re.sub(rb"(?<!\d)%d(?!\d)" % port, b"@PORT", data)
    data = TIME.sub(b"@TIME", UUID.sub(b"@UUID", data))
    data = TOKEN.sub(b"@TOKEN", PEER.sub(b"127.0.0.1:@PEER", data))
    data = DURATION.sub(rb'\1"@DURATION"', EPOCH.sub(rb"\1@EPOCH", data))
    data = VERSION.sub(rb'\1"@VERSION"', data)
    data = ADDRESS.sub(rb'\1"@ADDRESS"', TRACE.sub(rb'\1"@TRACE"', data))
    data = HASH.sub(b"hashCode=@HASH", data)
    return DOCUMENT_VERSION.sub(b"mock-server-openapi/@VERSION", data)


def as_text(data):
    return data if isinstance(data, str) else data.decode("utf-8", "backslashreplace")


def compare_case(case, judge, ours, judge_port, our_port):
    """The differences of a case, up to the first step whose outcome makes the later ones meaningless."""
    found = []
    for number, step in enumerate(case.steps):
        these = compare_step(number, step, judge[number], ours[number], judge_port, our_port)
        found += these
        if any(difference.aspect in ("status", "trouble") for difference in these):
            break
    return found


def compare_step(number, step, judge, ours, judge_port, our_port):
    found = []

    def see(aspect, left, right):
        if left != right:
            found.append(Difference(number, aspect, as_text(left), as_text(right)))

    see("trouble", judge.trouble, ours.trouble)
    if found:
        return found
    see("status", str(judge.status), str(ours.status))
    if step.check == level.NOTHING:
        return found
    if step.check == level.STATUS:
        see("header:content-type", str(judge.header("content-type")), str(ours.header("content-type")))
        return found
    see("version", judge.version, ours.version)
    see("reason", judge.reason, ours.reason)
    see("interim", str(judge.interim), str(ours.interim))
    see("closed", str(judge.closed), str(ours.closed))
    compare_headers(step, judge, ours, judge_port, our_port, see)
    if step.check in (level.EXACT, level.FIRST_LINE):
        left, right = normalise(judge.body, judge_port), normalise(ours.body, our_port)
        if step.check == level.FIRST_LINE:
            left, right = left.split(b"\n")[0].strip(), right.split(b"\n")[0].strip()
        if left != right:
            see("layout" if same_json(left, right) else "body", left, right)
    return found


def compare_headers(step, judge, ours, judge_port, our_port, see):
    left, right = headers_of(step, judge, judge_port), headers_of(step, ours, our_port)
    for name in sorted(set(left) | set(right)):
        see("header:" + name, lines_of(left, name), lines_of(right, name))
    common = [name for name in left if name in right]
    if common != [name for name in right if name in left]:
        see("header-order", ", ".join(common), ", ".join(name for name in right if name in left))


def headers_of(step, reply, port):
    """Lower-cased name -> lines as written, in the order of first appearance."""
    headers = {}
    for name, value in reply.headers:
        text = normalise(value.encode("latin-1"), port).decode("latin-1")
        if name.lower() == "x-mockserver-closest-match-hint":
            text = text.split(" did not match")[0] + " did not match"
        if name.lower() == "version":
            text = re.sub(r"^\d+\.\d+\.\d+$", "@VERSION", value)
        if name.lower() == "content-length" and step.method != "HEAD" and value == str(len(reply.body)):
            text = "@LENGTH"
        headers.setdefault(name.lower(), []).append(f"{name}: {text}")
    return headers


def lines_of(headers, name):
    return " | ".join(headers.get(name, ["(absent)"]))


def same_json(left, right):
    """Equal as JSON values, numbers by their text."""
    try:
        return read_json(left) == read_json(right)
    except (ValueError, RecursionError):
        return False


def read_json(data):
    return json.loads(data, parse_float=lambda text: ("number", text), parse_int=lambda text: ("number", text))


class Known:
    """The differences that are there on purpose, or not there yet: read from one data file."""

    FIELDS = {"group", "case", "feature", "aspect", "judge", "ours"}

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        self.everywhere = [self.checked(entry) for entry in content["everywhere"]]
        self.cases = [self.checked(entry) for entry in content["cases"]]

    def checked(self, entry):
        unknown = set(entry) - self.FIELDS - {"reason"}
        if unknown or not entry.get("reason"):
            raise ValueError(f"known difference {entry}: needs a reason; unknown fields {sorted(unknown)}")
        return {**entry, "uses": 0}

    def explain(self, case, difference, count=True):
        """Sets the difference's reason. Gives 'everywhere', 'listed' or ''."""
        for kind, entries in (("everywhere", self.everywhere), ("listed", self.cases)):
            for entry in entries:
                if applies(entry, case, difference):
                    entry["uses"] += count
                    difference.reason = entry["reason"]
                    return kind
        return ""


def applies(entry, case, difference):
    globs = (("group", case.group), ("case", case.name), ("feature", case.feature), ("aspect", difference.aspect))
    patterns = (("judge", difference.judge), ("ours", difference.ours))
    return all(fnmatch.fnmatchcase(value, entry.get(key, "*")) for key, value in globs) and all(
        re.search(entry[key], value, re.DOTALL) for key, value in patterns if key in entry
    )
