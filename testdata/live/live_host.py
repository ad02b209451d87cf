"""Stages live hosts under Wine, from what write_live_host wrote, and runs a program on them.

A staged host is a Wine prefix of its own whose drive C: has the files of the volume, in the place of Wine's where both
have one, and whose registry has the loaded hives in the place of Wine's. Wine's clock is set so that the host was
booted when its logs say so.

What cannot be staged: a start by a 32-bit program, since this Wine is 64-bit only; a user without administrator
rights, since Wine has none.
"""

import os
import shutil
import subprocess
import time

WINE = "/usr/lib/wine/wine64"
WINESERVER = "/usr/lib/wine/wineserver64"
# The Wine server makes these folders again where they are spelled otherwise.
WINES_SPELLING = {"windows", "system32", "syswow64"}
# The last boot of the scenarios: 2025-12-15T06:20:00Z.
BOOTED = 1765779600


def windows_path(path):
    return "Z:" + os.path.abspath(path).replace("/", "\\")


class LiveHost:
    """A context: the host runs as long as it lives. Its prefix remains, until stopped() has returned at least."""

    def __init__(self, staged, prefix, clock):
        """`staged`: a scenario as write_live_host wrote it, on the file system of `prefix`, which is to be made.
        `clock`: the library to preload, staged_clock."""
        self.staged = staged
        self.prefix = prefix
        self.clock = clock
        self.overridden = set()
        self.stopping = None

    def __enter__(self):
        self.make_prefix(os.environ["PATCHGATE_WINE_PREFIX"])
        self.lay(os.path.join(self.staged, "volume"), os.path.join(self.prefix, "drive_c"))
        return self

    def __exit__(self, *_):
        # It takes seconds, which the next host need not wait for.
        self.stopping = subprocess.Popen([WINESERVER, "--kill"], env=self.environment())

    def stopped(self):
        self.stopping.wait()

    def make_prefix(self, base):
        """As tools/wine_run.sh: drive C: is a tree of links into the shared prefix, never to be written through."""
        os.makedirs(self.prefix)
        for name in os.listdir(base):
            if name.endswith(".reg") or name == ".update-timestamp":
                shutil.copy2(os.path.join(base, name), self.prefix)
        shutil.copytree(os.path.join(base, "dosdevices"), os.path.join(self.prefix, "dosdevices"), symlinks=True)
        subprocess.run(["cp", "-as", os.path.join(base, "drive_c"), self.prefix], check=True)
        # Wine's manifests and drivers are not of the host's. It does without.
        windows = os.path.join(self.prefix, "drive_c", "windows")
        shutil.rmtree(os.path.join(windows, "winsxs"))
        shutil.rmtree(os.path.join(windows, "system32", "drivers"))

    def lay(self, source, target):
        """Links the files below `source` to `target`; names are compared as Windows does."""
        existing = {name.lower(): name for name in os.listdir(target)}
        for name in os.listdir(source):
            path = os.path.join(source, name)
            old = existing.get(name.lower())
            if os.path.isdir(path):
                folder = os.path.join(target, old or name)
                if old is None:
                    os.mkdir(folder)
                elif old != name and old not in WINES_SPELLING:
                    folder = os.path.join(target, name)
                    os.rename(os.path.join(target, old), folder)
                self.lay(path, folder)
                continue
            if old is not None:
                # Removed first: it is a link into the shared prefix.
                os.unlink(os.path.join(target, old))
                self.overridden.add(name)
            os.link(path, os.path.join(target, name))

    def environment(self):
        # Wine takes its own libraries where the host's fake ones lie in their places.
        own = ",".join(sorted(name[:-4] if name.lower().endswith(".dll") else name for name in self.overridden))
        # The host's clock is that of Wine: what it tells less the time since the machine started is the boot.
        now = BOOTED + time.clock_gettime(time.CLOCK_MONOTONIC)
        return dict(
            os.environ,
            WINEPREFIX=self.prefix,
            TMPDIR=self.prefix,  # For the socket of the Wine server.
            WINEDEBUG="-all",
            WINEDLLOVERRIDES=f"{own}=b;mscoree,mshtml=;winemenubuilder.exe=d",
            LC_ALL="C.UTF-8",
            LD_PRELOAD=self.clock,
            STAGED_CLOCK_OFFSET=str(round(now - time.time())),
        )

    def run(self, launcher, program, *arguments):
        """Runs a program, through run_as_live_host, and returns its exit code."""
        command = [WINE, launcher, windows_path(self.staged), windows_path(program), *arguments]
        return subprocess.run(command, env=self.environment(), stdout=subprocess.DEVNULL, check=False).returncode
