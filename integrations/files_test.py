#!/usr/bin/env python3
"""Holds the files here to what the programs that read them demand."""
import os
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree

FOLDER = pathlib.Path(os.environ.get("TEST_SRCDIR", "")) / "patchgate" / "integrations"
if "TEST_SRCDIR" not in os.environ:
    FOLDER = pathlib.Path(__file__).resolve().parent

TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def scripts(*suffixes):
    found = sorted(path for path in FOLDER.iterdir() if path.suffix in suffixes)
    assert found, f"no {suffixes} in {FOLDER}"
    return found


class Bytes(unittest.TestCase):
    def test_all_scripts_are_ascii_without_byte_order_mark(self):
        # Windows PowerShell 5.1 reads a script without the mark in the system's own code page.
        for path in scripts(".cmd", ".ps1", ".xml"):
            with self.subTest(path.name):
                path.read_bytes().decode("ascii")

    def test_cmd_lines_end_as_cmd_exe_expects(self):
        # With bare line feeds cmd.exe misses labels.
        for path in scripts(".cmd"):
            with self.subTest(path.name):
                data = path.read_bytes()
                self.assertTrue(data.endswith(b"\r\n"))
                self.assertEqual(data.count(b"\n"), data.count(b"\r\n"))

    def test_exit_codes_that_mean_success_are_returned_by_none(self):
        for path in scripts(".cmd", ".ps1"):
            with self.subTest(path.name):
                codes = re.findall(r"exit(?: /b)? (\d+)", path.read_text())
                self.assertLessEqual(set(codes), {"0", "1", "1603", "1618"})

    def test_nothing_is_downloaded_and_no_policy_changed(self):
        forbidden = r"Invoke-WebRequest|Invoke-RestMethod|WebClient|bitsadmin|certutil|curl|ExecutionPolicy|reg(\.exe)? add"
        for path in scripts(".cmd", ".ps1", ".xml"):
            with self.subTest(path.name):
                self.assertIsNone(re.search(forbidden, path.read_text(), re.IGNORECASE))

    def test_every_script_is_in_the_readme(self):
        readme = (FOLDER / "README.md").read_text()
        for path in scripts(".cmd", ".ps1", ".xml"):
            with self.subTest(path.name):
                self.assertIn(f"({path.name})", readme)


class ScheduledTask(unittest.TestCase):
    def setUp(self):
        self.task = ElementTree.parse(FOLDER / "wsus_scheduled_check.xml").getroot()

    def text(self, path):
        return self.task.findtext("/".join(TASK + part for part in path.split("/")))

    def test_starts_the_script_by_cmd_exe(self):
        self.assertEqual(self.task.tag, TASK + "Task")
        self.assertEqual(self.text("Actions/Exec/Command"), r"%SystemRoot%\System32\cmd.exe")
        self.assertEqual(self.text("Actions/Exec/Arguments"),
                         r'/d /c ""%ProgramFiles%\patchgate\wsus_scheduled_check.cmd""')
        self.assertTrue((FOLDER / "wsus_scheduled_check.cmd").exists())

    def test_runs_as_system_with_a_limit(self):
        self.assertEqual(self.text("Principals/Principal/UserId"), "S-1-5-18")
        principal = self.task.find(f"{TASK}Principals/{TASK}Principal").get("id")
        self.assertEqual(self.task.find(TASK + "Actions").get("Context"), principal)
        self.assertEqual(self.text("Settings/MultipleInstancesPolicy"), "IgnoreNew")
        minutes = re.fullmatch(r"PT(\d+)M", self.text("Settings/ExecutionTimeLimit"))
        # Longer than the gate's own limit, which ends with an answer.
        gate = re.search(r'set "limit=(\d+)"', (FOLDER / "gate.cmd").read_text())
        self.assertGreater(int(minutes[1]) * 60, int(gate[1]))

    def test_a_missed_start_is_not_made_up_for(self):
        self.assertEqual(self.text("Settings/StartWhenAvailable"), "false")


if __name__ == "__main__":
    sys.exit(unittest.main())
