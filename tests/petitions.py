"""Petitions for tests: short texts of this project's own, multiplied to any number."""

import functools
import json
import pathlib

FILE = pathlib.Path(__file__).parent / "data/petitions.jsonl"


@functools.cache
def written():
    return [json.loads(line) for line in FILE.read_text().splitlines()]


def of_kind(*kinds):
    return [row for row in written() if row["kind"] in kinds]


def many(count, prefix="t", kinds=("report", "proposal", "complaint", "denunciation", "note")):
    """`count` different petitions, each with a key."""
    rows = of_kind(*kinds)
    for number in range(count):
        petition = {**rows[number % len(rows)], "key": f"{prefix}-{number}"}
        del petition["kind"]
        petition["text"] += f" (Số {prefix} {number}.)"
        yield petition


def jsonl(petitions):
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in petitions)
