#!/usr/bin/env python3
"""Counts test cases from the build events of `bazel test` runs.

usage: count_tests.py NAME=EVENTS.json...

EVENTS.json is what --build_event_json_file wrote. Each test names its own test.xml there, so the cases counted are
those of that very run. A target that failed without a failed case (it crashed, timed out or did not build) counts as
one failure. Prints a line per run, the failures, and last "N passed, N failed[, N skipped]"; exits with 1 unless
something passed and nothing failed.
"""

import collections
import json
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

Counts = collections.namedtuple("Counts", "passed failed skipped")


def count_cases(path):
    """Returns (Counts, names of failed cases) of one test.xml, in the format of GoogleTest or of Bazel."""
    passed, skipped, failures = 0, 0, []
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")
        if case.find("failure") is not None or case.find("error") is not None:
            failures.append(name)
        elif case.find("skipped") is not None or case.get("result") == "skipped" or case.get("status") == "notrun":
            skipped += 1
        else:
            passed += 1
    return Counts(passed, len(failures), skipped), failures


def test_xml(result):
    """Returns the path of a test result's test.xml, or None."""
    for output in result.get("testActionOutput", []):
        if output["name"] == "test.xml" and output.get("uri", "").startswith("file://"):
            return urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
    return None


def count_run(events_path):
    """Returns (Counts, descriptions of the failures) of one run."""
    total, failures, unbuilt, finished = Counts(0, 0, 0), [], set(), False
    with open(events_path, encoding="utf-8") as events:
        for event in map(json.loads, events):
            label = next((part["label"] for part in event["id"].values() if "label" in part), None)
            if "testResult" in event:
                result = event["testResult"]
                ok = result["status"] == "PASSED"
                try:
                    counts, failed = count_cases(test_xml(result))
                except (TypeError, OSError, ElementTree.ParseError):
                    counts, failed = Counts(0, 0, 0), []
                if not ok and not failed:
                    counts, failed = counts._replace(failed=1), [result["status"].lower()]
                elif ok and counts == (0, 0, 0):
                    counts, failed = Counts(0, 1, 0), ["passed without a readable result"]
                total = Counts(*map(sum, zip(total, counts)))
                failures += [f"{label} {name}" for name in failed]
            elif label and "aborted" in event and event["aborted"].get("reason") != "SKIPPED":
                unbuilt.add(label)
            elif label and "completed" in event and not event["completed"].get("success"):
                unbuilt.add(label)
            finished = finished or "buildFinished" in event["id"] or "finished" in event
    if not finished:
        unbuilt.add("the run did not finish")
    failures += [f"{label}: not built" for label in sorted(unbuilt)]
    return total._replace(failed=total.failed + len(unbuilt)), failures


def describe(counts):
    text = f"{counts.passed} passed, {counts.failed} failed"
    return text + (f", {counts.skipped} skipped" if counts.skipped else "")


def main(arguments):
    total = Counts(0, 0, 0)
    for argument in arguments:
        name, _, path = argument.partition("=")
        counts, failures = count_run(path)
        total = Counts(*map(sum, zip(total, counts)))
        print(f"{name}: {describe(counts)}")
        for failure in failures:
            print(f"  FAILED {failure}")
    print(describe(total))
    return 0 if total.passed and not total.failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
