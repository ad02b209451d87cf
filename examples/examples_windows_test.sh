#!/usr/bin/env bash
# Runs the C example as a Windows program, with patchgate.dll beside it and nothing else:
# examples_windows_test.sh WINE_RUN MAKE_VOLUMES VERDICT_C DLL
set -euo pipefail
wine_run=$1 make_volumes=$2 verdict_c=$3 dll=$4

volumes=$TEST_TMPDIR/volumes
program=$TEST_TMPDIR/program
mkdir -p "$volumes/no-windows" "$program"
"$wine_run" "$make_volumes" "Z:$volumes" >/dev/null
cp "$verdict_c" "$program/verdict_c.exe"
cp "$dll" "$program/patchgate.dll"
failures=0

# expect NAME CODE PATTERN DIRECTORY: the exit code, and what a line of the output matches.
expect() {
  local name=$1 code=$2 pattern=$3 found=0
  shift 3
  "$wine_run" "$program/verdict_c.exe" "$@" >"$TEST_TMPDIR/out" 2>&1 || found=$?
  if [[ $found != "$code" ]] || ! grep -qE "$pattern" "$TEST_TMPDIR/out"; then
    echo "$name: exit code $found, expected $code and a line like $pattern:"
    cat "$TEST_TMPDIR/out"
    failures=$((failures + 1))
  fi
}

expect healthy 0 '^GO' "Z:$volumes/healthy"
expect failed-rollback 2 '^NO_GO' "Z:$volumes/failed-rollback"
expect failed-rollback 2 '^BLOCK pending\.transaction: ' "Z:$volumes/failed-rollback"
expect no-components 3 '^INDETERMINATE' "Z:$volumes/no-components"
expect missing 1 '^not judged: .*missing' "Z:$volumes/missing"
expect no-windows 1 '^not judged: .*no Windows volume' "Z:$volumes/no-windows"
expect usage 1 '^usage: '

# Without the library the program does not start, and nothing that it could print is a verdict.
rm "$program/patchgate.dll"
found=0
"$wine_run" "$program/verdict_c.exe" "Z:$volumes/healthy" >"$TEST_TMPDIR/out" 2>&1 || found=$?
if [[ $found == 0 ]] || grep -q '^GO' "$TEST_TMPDIR/out"; then
  echo "without the DLL: exit code $found"
  cat "$TEST_TMPDIR/out"
  failures=$((failures + 1))
fi

[[ $failures == 0 ]]
