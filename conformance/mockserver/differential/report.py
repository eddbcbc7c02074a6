"""Verdicts of a differential run, as a table, JSON and Markdown."""

import json
from collections import Counter, OrderedDict
from dataclasses import asdict, dataclass, field

AGREES, LISTED, DIFFERS = "agrees", "listed", "differs"


@dataclass
class Verdict:
    case: object
    outcome: str
    differences: list = field(default_factory=list)  # those that are not listed first
    other_versions: dict = field(default_factory=dict)  # server name -> differs from the judge


def table(verdicts, key, others):
    """Rows of (name, cases, agrees, listed, differs, one column per other server)."""
    groups = OrderedDict()
    for verdict in verdicts:
        counts = groups.setdefault(key(verdict.case), Counter())
        counts["cases"] += 1
        counts[verdict.outcome] += 1
        for name in others:
            counts[name] += bool(verdict.other_versions.get(name))
    columns = ["cases", AGREES, LISTED, DIFFERS, *others]
    rows = [(name, *(counts[column] for column in columns)) for name, counts in groups.items()]
    rows.append(("all", *(sum(row[index + 1] for row in rows) for index in range(len(columns)))))
    titles = ["", *columns[:4], *(f"{name} ≠ judge" for name in others)]
    return titles, rows


def as_text(titles, rows):
    cells = [[str(cell) for cell in row] for row in [titles, *rows]]
    widths = [max(len(row[index]) for row in cells) for index in range(len(titles))]
    lines = []
    for row in cells:
        first = row[0].ljust(widths[0])
        lines.append("  ".join([first, *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]))
    return "\n".join(lines)


def as_markdown_table(titles, rows):
    lines = ["| " + " | ".join(titles) + " |", "| --- |" + " ---: |" * (len(titles) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def describe_step(step):
    return {
        "request": f"{step.method} {step.target}",
        "headers": [f"{name}: {value}" for name, value in step.headers],
        "body": step.body.decode("utf-8", "backslashreplace"),
        "check": step.check,
    }


def shown(text, limit=1500):
    return text if len(text) <= limit else text[:limit] + f"… ({len(text)} characters)"


def describe_difference(difference):
    return {**asdict(difference), "judge": shown(difference.judge), "ours": shown(difference.ours)}


def describe(verdict):
    case = verdict.case
    return {
        "case": case.name,
        "group": case.group,
        "feature": case.feature,
        "grade": case.grade,
        "outcome": verdict.outcome,
        "differences": [describe_difference(difference) for difference in verdict.differences],
        "other_versions": {
            name: [describe_difference(difference) for difference in found] for name,
            found in verdict.other_versions.items() if found
        },
        "steps": [describe_step(step) for step in case.steps],
    }


def write(folder, verdicts, others, facts, known):
    """Writes report.json (every case that does not simply agree) and report.md."""
    folder.mkdir(parents=True, exist_ok=True)
    noted = [describe(v) for v in verdicts if v.outcome != AGREES or any(v.other_versions.values())]
    content = {"facts": facts, "cases": noted}
    (folder / "report.json").write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "report.md").write_text(markdown(verdicts, others, facts, known), encoding="utf-8")


def markdown(verdicts, others, facts, known):
    parts = ["# Differential run", ""]
    parts += [f"- {name}: {value}" for name, value in facts.items()]
    for title, key in (
        ("By group", lambda case: case.group),
        ("By grade", lambda case: case.grade),
        ("By feature", lambda case: f"{case.group}: {case.feature}"),
    ):
        parts += ["", f"## {title}", "", as_markdown_table(*table(verdicts, key, others))]
    parts += ["", "## Known differences", "", "| seen | where | reason |", "| ---: | --- | --- |"]
    for entry in known.everywhere + known.cases:
        where = ", ".join(f"{key} `{entry[key]}`" for key in ("group", "feature", "case", "aspect", "judge",
            "ours") if key in entry)
        parts.append(f"| {entry['uses']} | {where.replace('|', '&#124;')} | {entry['reason']} |")
    parts += ["", "## Cases that differ", ""]
    for verdict in verdicts:
        if verdict.outcome == DIFFERS:
            parts += difference_text(verdict)
    return "\n".join(parts) + "\n"


def difference_text(verdict, limit=400, most=3):
    case = verdict.case
    lines = [f"### {case.name} ({case.grade}, {case.feature})", ""]
    last = max(difference.step for difference in verdict.differences)
    for number, step in enumerate(case.steps[: last + 1]):
        body = step.body.decode("utf-8", "backslashreplace").replace("\n", "\\n")[:limit]
        headers = "".join(f" [{name}: {value}]" for name, value in step.headers)
        lines.append(f"    {number}: {step.method} {step.target}{headers} {body}")
    new = [difference for difference in verdict.differences if not difference.reason]
    for difference in new[:most]:
        lines.append(f"    -> step {difference.step}, {difference.aspect}:")
        lines.append(f"       judge: {difference.judge[:limit]!r}")
        lines.append(f"       styk:  {difference.ours[:limit]!r}")
    if len(new) > most:
        lines.append(f"    -> and {len(new) - most} more")
    return [*lines, ""]
