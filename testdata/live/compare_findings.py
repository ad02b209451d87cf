"""Compares two verdicts of `patchgate check -o json`, but for differences that a list explains.

The list is a text file, a line for each difference that must be there and may be:

    CASE  WHAT  FIELDS  why

CASE is one scenario, several with commas between them, or *; WHAT is the id of a check, or "verdict" for fields of the
verdict itself; FIELDS have commas between them, and "result=PASS" also says what the field must be. A line whose
difference is not there is an error, so that the list stays true.
"""

import json

# A key without a time in a fake hive has the first time that Wine knows in its registry.
WINES_FIRST_TIME = "1970-01-01T00:00:00Z"


class ListError(Exception):
    """The list of differences is malformed."""


def load_verdict(path):
    with open(path, encoding="utf-8") as file:
        verdict = json.load(file)
    for item in all_evidence(verdict):
        if item.get("written") == WINES_FIRST_TIME:
            item["written"] = ""
    return verdict


def all_evidence(verdict):
    for finding in verdict["findings"]:
        yield from finding["evidence"]


def load_differences(path, case):
    """The lines of the list that hold for `case`: {(what, field): value or None if it may be any}."""
    differences = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            columns = line.split(None, 3)
            if len(columns) != 4:
                raise ListError(f"{path}:{number}: not CASE WHAT FIELDS why: {line}")
            cases, what, fields, _ = columns
            if case not in cases.split(",") and cases != "*":
                continue
            for entry in fields.split(","):
                field, _, value = entry.partition("=")
                if (what, field) in differences:
                    raise ListError(f"{path}:{number}: {what} {field} is listed twice")
                differences[what, field] = value or None
    return differences


def parts(verdict):
    """A verdict taken apart: {(what, field): value}."""
    result = {("verdict", name): value for name, value in verdict.items() if name != "findings"}
    seen = set()
    for finding in verdict["findings"]:
        check = finding["check"]
        if check in seen:
            raise ValueError(f"two findings of {check}")
        seen.add(check)
        for name, value in finding.items():
            result[check, name] = value
    return result


def complaint(part, expected, actual):
    return f"{' '.join(part)}:\n  expected {json.dumps(expected)}\n  actual   {json.dumps(actual)}"


def compare(expected, actual, differences):
    """Sentences about differences that are not listed, and about listed ones that are not there."""
    expected, actual = parts(expected), parts(actual)
    complaints = []
    found = set()
    for part in sorted(expected.keys() | actual.keys()):
        want, got = expected.get(part), actual.get(part)
        if want == got:
            continue
        found.add(part)
        if part not in differences:
            complaints.append(complaint(part, want, got))
        elif differences[part] not in (None, got):
            complaints.append(complaint(part, differences[part], got))
    for part in sorted(differences.keys() - found):
        complaints.append(f"{' '.join(part)}: is listed as different, and is not")
    return complaints
