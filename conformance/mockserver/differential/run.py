"""The differential run: generate, play, compare, report."""

import os
import random
import tempfile
import time
from pathlib import Path

from . import cases, compare, echo, play, report, servers

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent


def add_arguments(parser):
    parser.add_argument("--only", metavar="GROUP[,GROUP]",
        help="groups (or case-name beginnings) to play: " + ", ".join(cases.GROUPS))
    parser.add_argument("--limit", type=int, metavar="N", help="at most N cases of each group, chosen by the seed")
    parser.add_argument("--seed", type=int, default=1, help="seed of the generator (default 1)")
    parser.add_argument("--judge", default="8.0.0", help="the MockServer version that is right (default 8.0.0)")
    parser.add_argument("--others", default="5.15.0",
        help="versions that are only reported beside it (default 5.15.0; empty for none)")
    parser.add_argument("--styk", metavar="FILE", help="a built styk; else the release build is made")
    parser.add_argument("--styk-args", default="", help="more arguments for `styk mock`, e.g. '--compat 5.15'")
    parser.add_argument("--url", action="append", default=[], metavar="NAME=URL",
        help="take a running server for styk, 8.0.0 or 5.15.0; IT WILL BE RESET before every case")
    parser.add_argument("--known", default=str(HERE / "known_differences.json"), help="the file of known differences")
    parser.add_argument("--report", default=str(ROOT / "target" / "conformance" / "report"),
        help="folder for the reports")
    parser.add_argument("--cache", default=str(ROOT / "target" / "conformance" / "cache"),
        type=os.path.abspath, help="folder for what is installed")
    parser.add_argument("--show", type=int, default=15, metavar="N",
        help="how many differing cases to print (default 15)")


def start_servers(options, work):
    """styk, the judge and the others, in this order."""
    attached = dict(entry.split("=", 1) for entry in options.url)
    versions = [options.judge, *(name for name in options.others.split(",") if name and name != options.judge)]
    started = []
    try:
        if "styk" in attached:
            started.append(servers.attach("styk", attached["styk"]))
        else:
            binary = options.styk or servers.build_styk(ROOT)
            started.append(servers.start_styk(binary, work, options.styk_args.split()))
        for version in versions:
            if version in attached:
                started.append(servers.attach(version, attached[version]))
            else:
                started.append(servers.start_real(version, options.cache, work))
        return started
    except BaseException:
        stop(started)
        raise


def stop(started):
    for server in started:
        server.stop()


def run(options):
    """Gives True when everything agrees or is listed."""
    chosen = cases.generate(random.Random(options.seed), options.only, options.limit)
    known = compare.Known(options.known)
    print(f"{len(chosen)} cases, seed {options.seed}", flush=True)
    upstream = echo.start()
    with tempfile.TemporaryDirectory() as work:
        began = time.monotonic()
        started = start_servers(options, work)
        try:
            ready = time.monotonic()
            replies = play.play_all(chosen, started, upstream.server_port, lambda name,
                done: print(f"  {name}: {done}", flush=True))
            played = time.monotonic()
        finally:
            stop(started)
            upstream.shutdown()
    verdicts = judge_all(chosen, started, replies, known)
    others = [server.name for server in started[2:]]
    facts = {
        "cases": len(chosen), "seed": options.seed, "judge": started[1].name, "styk": started[0].version or "?",
        "styk arguments": options.styk_args or "none", "others": ", ".join(others) or "none",
        "seconds to start": round(ready - began), "seconds to play": round(played - ready),
    }
    report.write(Path(options.report), verdicts, others, facts, known)
    return tell(verdicts, others, options, known)


def judge_all(chosen, started, replies, known):
    ours, judge, others = started[0], started[1], started[2:]
    verdicts = []
    for number, case in enumerate(chosen):
        right = replies[judge.name][number]
        verdict = report.Verdict(case, report.AGREES)
        verdicts.append(verdict)
        if right is None:
            continue
        mine = replies[ours.name][number]
        if mine is not None:
            settle(verdict, compare.compare_case(case, right, mine, judge.port, ours.port), known)
        for other in others:
            answer = replies[other.name][number]
            if answer is not None:
                found = compare.compare_case(case, right, answer, judge.port, other.port)
                verdict.other_versions[other.name] = [d for d in found if known.explain(case, d,
                    count=False) != "everywhere"]
    return verdicts


def settle(verdict, differences, known):
    kinds = [(known.explain(verdict.case, difference), difference) for difference in differences]
    new = [difference for kind, difference in kinds if kind == ""]
    listed = [difference for kind, difference in kinds if kind == "listed"]
    verdict.differences = new + listed
    verdict.outcome = report.DIFFERS if new else report.LISTED if listed else report.AGREES


def tell(verdicts, others, options, known):
    differing = [verdict for verdict in verdicts if verdict.outcome == report.DIFFERS]
    for verdict in differing[: options.show]:
        print("\n".join(report.difference_text(verdict)))
    for key in (lambda case: case.group, lambda case: case.grade):
        print(report.as_text(*report.table(verdicts, key, others)) + "\n")
    for entry in known.everywhere + known.cases:
        if not entry["uses"] and not options.only and not options.limit:
            print("note: a known difference was not seen any more: " + entry["reason"])
    print(f"reports: {options.report}/report.md, report.json")
    return not differing
