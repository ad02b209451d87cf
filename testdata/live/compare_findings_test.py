#!/usr/bin/env python3
"""Tests of compare_findings.py on verdicts and lists written here."""

import copy
import json
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import compare_findings

VERDICT = {
    "outcome": "NO_GO",
    "source": "memory",
    "findings": [
        {
            "check": "cbs.some",
            "result": "BLOCK",
            "summary": "left over",
            "evidence": [{"where": "SOFTWARE\\Some", "what": "is there", "written": "2025-12-10T09:41:05Z"}],
        },
        {"check": "boot.other", "result": "PASS", "summary": "", "evidence": []},
    ],
}


def changed(*path_and_value):
    verdict = copy.deepcopy(VERDICT)
    *path, last, value = path_and_value
    place = verdict
    for step in path:
        place = place[step]
    place[last] = value
    return verdict


class Compare(unittest.TestCase):
    def test_the_same(self):
        self.assertEqual(compare_findings.compare(VERDICT, VERDICT, {}), [])
        swapped = changed("findings", VERDICT["findings"][::-1])
        self.assertEqual(compare_findings.compare(VERDICT, swapped, {}), [])

    def test_every_difference_is_seen(self):
        new = {"check": "new.check", "result": "PASS", "evidence": []}
        cases = {
            "verdict outcome": changed("outcome", "GO"),
            "cbs.some result": changed("findings", 0, "result", "WARN"),
            "cbs.some summary": changed("findings", 0, "summary", ""),
            "cbs.some evidence": changed("findings", 0, "evidence", 0, "written", ""),
            "boot.other result": changed("findings", VERDICT["findings"][:1]),
            "new.check result": changed("findings", VERDICT["findings"] + [new]),
        }
        for name, verdict in cases.items():
            with self.subTest(name):
                complaints = compare_findings.compare(VERDICT, verdict, {})
                self.assertTrue(any(c.startswith(name + ":\n") for c in complaints), complaints)

    def test_a_listed_difference_is_allowed_and_must_be_there(self):
        listed = {("cbs.some", "summary"): None}
        other = changed("findings", 0, "summary", "remains")
        self.assertEqual(compare_findings.compare(VERDICT, other, listed), [])
        self.assertEqual(
            compare_findings.compare(VERDICT, VERDICT, listed), ["cbs.some summary: is listed as different, and is not"]
        )

    def test_a_listed_difference_may_have_to_be_this_one(self):
        for value, as_listed in (("PASS", True), ("INFO", False)):
            with self.subTest(value):
                other = changed("findings", 0, "result", value)
                complaints = compare_findings.compare(VERDICT, other, {("cbs.some", "result"): "PASS"})
                self.assertEqual(complaints == [], as_listed, complaints)

    def test_two_findings_of_one_check(self):
        twice = changed("findings", VERDICT["findings"] * 2)
        self.assertRaises(ValueError, compare_findings.compare, VERDICT, twice, {})


class Load(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "file")

    def write(self, text):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        return self.path

    def test_wines_first_time_is_none(self):
        first = changed("findings", 0, "evidence", 0, "written", "1970-01-01T00:00:00Z")
        none = changed("findings", 0, "evidence", 0, "written", "")
        self.assertEqual(compare_findings.load_verdict(self.write(json.dumps(first))), none)

    def test_lists(self):
        self.write("# Comment\n\n*  verdict  source,reads  why\nhealthy,other  a.b  result=PASS  for another reason\n")
        both = {("verdict", "source"): None, ("verdict", "reads"): None}
        self.assertEqual(compare_findings.load_differences(self.path, "third"), both)
        both["a.b", "result"] = "PASS"
        self.assertEqual(compare_findings.load_differences(self.path, "healthy"), both)

    def test_malformed_lists(self):
        for text in ("*  verdict  source\n", "*  a.b  result  why\nhealthy  a.b  result  why\n"):
            with self.subTest(text):
                with self.assertRaises(compare_findings.ListError):
                    compare_findings.load_differences(self.write(text), "healthy")


if __name__ == "__main__":
    unittest.main()
