#!/usr/bin/env python3
"""Tests of count_tests.py on build events written here."""

import contextlib
import io
import json
import os
import tempfile
import unittest

import count_tests


class CountTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def result(self, label, status, cases):
        """A testResult event; cases is the inside of its test.xml, or None for a test.xml that is missing."""
        name = label.strip("/").replace(":", "_") + ".xml"
        path = os.path.join(self.folder, name)
        if cases is not None:
            self.write(name, f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
        return {
            "id": {"testResult": {"label": label}},
            "testResult": {
                "status": status,
                "testActionOutput": [{"name": "test.xml", "uri": "file://" + path}],
            },
        }

    def count(self, *events, finished=True):
        """Returns the exit code and the last line for one run."""
        events = list(events) + ([{"id": {"buildFinished": {}}, "finished": {}}] if finished else [])
        path = self.write("events.json", "\n".join(map(json.dumps, events)))
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = count_tests.main(["run=" + path])
        return code, output.getvalue().splitlines()[-1]

    def test_passed_and_skipped_cases(self):
        cases = (
            '<testcase name="a" status="run" result="completed"/>'
            '<testcase name="b" status="run" result="skipped"><skipped/></testcase>'
            '<testcase name="c" status="notrun" result="suppressed"/>'
        )
        self.assertEqual(self.count(self.result("//a:t", "PASSED", cases)), (0, "1 passed, 0 failed, 2 skipped"))

    def test_failed_case(self):
        cases = '<testcase name="a"/><testcase name="b"><failure message="no"/></testcase>'
        self.assertEqual(self.count(self.result("//a:t", "FAILED", cases)), (1, "1 passed, 1 failed"))

    def test_crash_after_all_cases_passed(self):
        self.assertEqual(self.count(self.result("//a:t", "FAILED", '<testcase name="a"/>')), (1, "1 passed, 1 failed"))

    def test_failed_without_result(self):
        self.assertEqual(self.count(self.result("//a:t", "TIMEOUT", None)), (1, "0 passed, 1 failed"))

    def test_passed_without_result_is_a_failure(self):
        self.assertEqual(self.count(self.result("//a:t", "PASSED", None)), (1, "0 passed, 1 failed"))

    def test_not_built(self):
        passed = self.result("//a:t", "PASSED", '<testcase name="a"/>')
        compile_error = {"id": {"targetCompleted": {"label": "//a:u"}}, "completed": {"success": False}}
        analysis_error = {"id": {"configuredLabel": {"label": "//a:v"}}, "aborted": {"reason": "ANALYSIS_FAILURE"}}
        incompatible = {"id": {"targetCompleted": {"label": "//a:w"}}, "aborted": {"reason": "SKIPPED"}}
        self.assertEqual(self.count(passed, compile_error, analysis_error, incompatible), (1, "1 passed, 2 failed"))

    def test_run_that_did_not_finish(self):
        passed = self.result("//a:t", "PASSED", '<testcase name="a"/>')
        self.assertEqual(self.count(passed, finished=False), (1, "1 passed, 1 failed"))

    def test_nothing_ran(self):
        self.assertEqual(self.count(), (1, "0 passed, 0 failed"))


if __name__ == "__main__":
    unittest.main()
