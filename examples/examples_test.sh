#!/usr/bin/env bash
# Runs the examples on volumes that are GO, NO_GO, INDETERMINATE, and on what is none:
# examples_test.sh MAKE_VOLUMES VERDICT_CC VERDICT_C VERDICT_PY VERDICT_CS LIBRARY
set -euo pipefail
make_volumes=$1 verdict_cc=$2 verdict_c=$3 verdict_py=$4 verdict_cs=$5 library=$6

export HOME=$TEST_TMPDIR
volumes=$TEST_TMPDIR/volumes
mkdir -p "$volumes/no-windows"
"$make_volumes" "$volumes" >/dev/null
failures=0

# expect NAME CODE PATTERN COMMAND...: the exit code, and what a line of the output matches.
expect() {
  local name=$1 code=$2 pattern=$3 found=0
  shift 3
  "$@" >"$TEST_TMPDIR/out" 2>&1 || found=$?
  if [[ $found != "$code" ]] || ! grep -qE "$pattern" "$TEST_TMPDIR/out"; then
    echo "$name: exit code $found, expected $code and a line like $pattern:"
    cat "$TEST_TMPDIR/out"
    failures=$((failures + 1))
  fi
}

# run_all NAME COMMAND...: the contract that all examples have.
run_all() {
  local name=$1
  shift
  expect "$name healthy" 0 '^GO' "$@" "$volumes/healthy"
  expect "$name failed-rollback" 2 '^NO_GO' "$@" "$volumes/failed-rollback"
  expect "$name failed-rollback" 2 '^BLOCK pending\.transaction: ' "$@" "$volumes/failed-rollback"
  expect "$name no-components" 3 '^INDETERMINATE' "$@" "$volumes/no-components"
  expect "$name no-components" 3 '^UNKNOWN ' "$@" "$volumes/no-components"
  expect "$name missing" 1 '^not judged: .*missing' "$@" "$volumes/missing"
  expect "$name no-windows" 1 '^not judged: .*no Windows volume' "$@" "$volumes/no-windows"
  expect "$name empty" 1 '^not judged: ' "$@" ''
  expect "$name usage" 1 '^usage: ' "$@"
}

run_all C++ "$verdict_cc"
run_all C "$verdict_c"
expect 'C, no UTF-8' 1 '^not judged: .*UTF-8' "$verdict_c" $'/mnt/\xe4'
run_all Python "$verdict_py" "$library"
expect 'Python, no library' 1 '^not judged: ' "$verdict_py" "$volumes/missing" "$volumes/healthy"

if type mcs mono >/dev/null 2>&1; then
  mcs -warnaserror -out:"$TEST_TMPDIR/Verdict.exe" "$verdict_cs"
  run_all C\# env LD_LIBRARY_PATH="$(dirname "$library")" mono "$TEST_TMPDIR/Verdict.exe"
  expect 'C#, no library' 1 '^not judged: ' mono "$TEST_TMPDIR/Verdict.exe" "$volumes/healthy"
else
  echo "SKIPPED: Verdict.cs was not run: mono-mcs and mono-runtime are not installed" >&2
fi

[[ $failures == 0 ]] && echo "all examples passed"
