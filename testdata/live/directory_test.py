#!/usr/bin/env python3
"""The golden verdicts, which live_host_test.py compares live hosts with, are those of directories on Linux but for
directory_differences.txt."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import compare_findings

CASES = ("healthy", "failed-rollback", "reboot-pending", "unreadable-components", "dirty-pending")
JUDGED = "2026-01-10T00:00:00Z"  # As the golden verdicts are.


class DirectoryTest(unittest.TestCase):
    def test_same_findings_as_the_golden_ones(self):
        folder = tempfile.mkdtemp(dir=os.environ["TEST_TMPDIR"])
        self.addCleanup(shutil.rmtree, folder)
        subprocess.run(["testdata/live/write_live_host", folder, *CASES], check=True)
        for case in CASES:
            with self.subTest(case):
                output = os.path.join(folder, case + ".json")
                check = ["gate/cli/patchgate", "check", "--root", os.path.join(folder, case, "volume")]
                subprocess.run([*check, "--now", JUDGED, "-o", "json=" + output], check=False)
                golden = compare_findings.load_verdict(f"testdata/golden/{case}.json")
                listed = compare_findings.load_differences("testdata/live/directory_differences.txt", case)
                complaints = compare_findings.compare(golden, compare_findings.load_verdict(output), listed)
                self.assertFalse(complaints, "\n" + "\n".join(complaints))


if __name__ == "__main__":
    unittest.main()
