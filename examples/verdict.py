#!/usr/bin/env python3
"""The verdict on one Windows volume, through the C library: verdict.py LIBRARY DIRECTORY

LIBRARY is libpatchgate.so or patchgate.dll. Ends with 0 for GO, 2 for NO_GO, 3 for INDETERMINATE, 1 if nothing was
judged. Go on with 0 and with nothing else.
"""

import ctypes
import json
import sys

OK, GO, NO_GO = 0, 1000, 1002
BLOCK = "BLOCK"
SHOWN = (BLOCK, "INDETERMINATE")


class Options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("esp", ctypes.c_char_p),
        ("esp_size", ctypes.c_size_t),
        ("policy", ctypes.c_char_p),
        ("policy_size", ctypes.c_size_t),
        ("now", ctypes.c_uint64),
        ("profile", ctypes.c_uint32),
        ("jobs", ctypes.c_uint32),
        ("time_limit_ms", ctypes.c_uint64),
        ("cancellation", ctypes.c_void_p),
    ]


def load(path):
    library = ctypes.CDLL(path)
    # Without these, ctypes cuts pointers down to 32 bits.
    library.patchgate_options_init.argtypes = [ctypes.POINTER(Options), ctypes.c_size_t]
    library.patchgate_evaluate_directory.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(Options), ctypes.POINTER(ctypes.c_void_p),
        ctypes.c_char_p, ctypes.c_size_t]
    library.patchgate_verdict_outcome.argtypes = [ctypes.c_void_p]
    library.patchgate_verdict_json.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t)]
    library.patchgate_verdict_json.restype = ctypes.c_void_p
    library.patchgate_verdict_free.argtypes = [ctypes.c_void_p]
    library.patchgate_verdict_free.restype = None
    return library


def judge(library, directory):
    """The outcome and the report. RuntimeError if nothing was judged."""
    options = Options()
    if library.patchgate_options_init(ctypes.byref(options), ctypes.sizeof(options)) != OK:
        raise RuntimeError("the library has other options")
    options.time_limit_ms = 5 * 60 * 1000
    root = directory.encode()
    verdict = ctypes.c_void_p()
    why = ctypes.create_string_buffer(1024)
    error = library.patchgate_evaluate_directory(
        root, len(root), ctypes.byref(options), ctypes.byref(verdict), why, len(why))
    if error != OK:
        raise RuntimeError(why.value.decode())
    try:
        size = ctypes.c_size_t()
        text = library.patchgate_verdict_json(verdict, ctypes.byref(size))
        report = json.loads(ctypes.string_at(text, size.value).decode())
        return library.patchgate_verdict_outcome(verdict), report
    finally:
        library.patchgate_verdict_free(verdict)


def main(arguments):
    if len(arguments) != 2:
        print("usage: verdict.py LIBRARY DIRECTORY", file=sys.stderr)
        return 1
    try:
        outcome, report = judge(load(arguments[0]), arguments[1])
    except (OSError, RuntimeError, ValueError) as error:
        print(f"not judged: {error}", file=sys.stderr)
        return 1
    for finding in report["findings"]:
        if finding["result"] in SHOWN and not finding.get("waiver"):
            word = "BLOCK" if finding["result"] == BLOCK else "UNKNOWN"
            print(f"{word} {finding['check']}: {finding['name']}")
    print(f"{report['outcome']} {report['host']['build']}")
    return 0 if outcome == GO else 2 if outcome == NO_GO else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
