"""The cases, by group. Each group's `cases(random)` gives the same cases for the same seed."""

import random as chance

from . import bodies, forwarding, matching, registration, responses, retrieval, stateful, templates, verification

GROUPS = {
    "registration": registration.cases,
    "matching": matching.cases,
    "bodies": bodies.cases,
    "responses": responses.cases,
    "verification": verification.cases,
    "retrieval": retrieval.cases,
    "forwarding": forwarding.cases,
    "templates": templates.cases,
    "stateful": stateful.cases,
}


def generate(random, only=None, limit=None):
    """All cases, or those of the groups (or with the name beginnings) in `only`."""
    seed = random.random()
    wanted = [name for name in (only or "").split(",") if name]
    chosen = []
    for group, cases in GROUPS.items():
        if wanted and not any(name == group or name.startswith(group) for name in wanted):
            continue
        mine = list(cases(chance.Random(f"{seed} {group}")))
        prefixes = [name for name in wanted if name.startswith(group)]
        if wanted:
            mine = [case for case in mine if any(case.name.startswith(prefix) for prefix in prefixes)]
        if limit and len(mine) > limit:
            mine = [mine[index] for index in sorted(chance.Random(seed).sample(range(len(mine)), limit))]
        chosen += mine
    return chosen
