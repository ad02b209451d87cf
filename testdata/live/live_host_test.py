#!/usr/bin/env python3
"""`patchgate check` on staged live hosts gives the findings of the same content read as a directory on Linux, which are
the golden ones (directory_test.py shows that), but for live_differences.txt."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import compare_findings
import live_host

# With their outcomes and exit codes.
CASES = (
    ("healthy", "GO", 0),
    ("failed-rollback", "NO_GO", 2),
    ("reboot-pending", "NO_GO", 2),
    ("unreadable-components", "INDETERMINATE", 3),
    # What the hives' logs hold: of SOFTWARE it is loaded, of COMPONENTS it is read from them.
    ("dirty-pending", "NO_GO", 2),
)
JUDGED = "2026-01-10T00:00:00Z"  # As the golden verdicts are.

ROOT = os.path.join(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"])


def runfile(path):
    return os.path.realpath(os.path.join(ROOT, path))


class LiveHostTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ["TEST_TMPDIR"])
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        writer = [runfile("tools/wine_run.sh"), runfile("testdata/live/write_live_host.exe")]
        subprocess.run([*writer, live_host.windows_path(cls.folder), *(case[0] for case in CASES)], check=True)

    def run_patchgate(self, staged, *arguments):
        prefix = os.path.join(tempfile.mkdtemp(prefix="host.", dir=self.folder), "prefix")
        with live_host.LiveHost(staged, prefix, runfile("testdata/live/libstaged_clock.so")) as host:
            launcher, program = "testdata/live/run_as_live_host.exe", "gate/cli/patchgate.exe"
            code = host.run(runfile(launcher), runfile(program), *arguments)
        self.addClassCleanup(host.stopped)
        return code

    def check(self, staged):
        """Exit code and verdict on the host that is staged from this folder."""
        output = os.path.join(self.folder, "verdict.json")
        code = self.run_patchgate(staged, "check", "--now", JUDGED, "-o", "json=" + live_host.windows_path(output))
        verdict = compare_findings.load_verdict(output)
        os.unlink(output)
        return code, verdict

    def complaints(self, case, verdict):
        golden = compare_findings.load_verdict(runfile(f"testdata/golden/{case}.json"))
        differences = runfile("testdata/live/live_differences.txt")
        return compare_findings.compare(golden, verdict, compare_findings.load_differences(differences, case))

    def test_same_findings_as_from_a_directory(self):
        for case, outcome, code in CASES:
            with self.subTest(case):
                got_code, verdict = self.check(os.path.join(self.folder, case))
                self.assertEqual((verdict["outcome"], got_code), (outcome, code))
                complaints = self.complaints(case, verdict)
                self.assertFalse(complaints, "\n" + "\n".join(complaints))

    def test_tells_what_the_loaded_hives_say(self):
        """The files of the healthy host, and the registry of the other: the comparison must see it."""
        mixed = os.path.join(self.folder, "mixed")
        shutil.copytree(os.path.join(self.folder, "healthy"), mixed, copy_function=os.link)
        os.unlink(os.path.join(mixed, "SOFTWARE.reg"))
        os.link(os.path.join(self.folder, "failed-rollback", "SOFTWARE.reg"), os.path.join(mixed, "SOFTWARE.reg"))
        code, verdict = self.check(mixed)
        self.assertEqual((verdict["outcome"], code), ("NO_GO", 2))
        complaints = "\n".join(self.complaints("healthy", verdict))
        self.assertIn("verdict outcome:", complaints)
        self.assertIn("cbs.sessions-pending result:", complaints)

    def test_files_of_loaded_hives_are_locked(self):
        """As Windows locks them. Otherwise the other tests would not show where the registry was read."""
        healthy = os.path.join(self.folder, "healthy")
        config = "C:\\Windows\\System32\\config\\"
        self.assertEqual(self.run_patchgate(healthy, "inspect", config + "COMPONENTS"), 0)
        self.assertEqual(self.run_patchgate(healthy, "inspect", config + "SYSTEM"), 1)


if __name__ == "__main__":
    unittest.main()
