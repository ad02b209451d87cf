#!/usr/bin/env bash
# Exit codes of the program itself, where they have 8 bits, and what happens when its standard output is gone.
set -euo pipefail

patchgate=$PWD/gate/cli/patchgate
work=$(mktemp -d "$TEST_TMPDIR/exit_code.XXXXXX")
testdata/make_volumes "$work" >/dev/null
cd "$work"

status=0
# expect CODE NAME COMMAND...
expect() {
  local expected=$1 name=$2 code=0
  shift 2
  "$@" >out 2>err || code=$?
  if [[ $code != "$expected" ]]; then
    echo "exit_code_test: $name: exit code $code, not $expected: $*" >&2
    cat out err >&2
    status=1
  fi
}
full() { "$patchgate" "$@" >/dev/full; }
closed() { "$patchgate" "$@" >&-; }

while read -r style go no_go indeterminate failed; do
  expect "$go" "$style go" "$patchgate" check --root healthy --exit-style "$style"
  expect "$no_go" "$style no-go" "$patchgate" check --root failed-rollback --exit-style "$style"
  expect "$indeterminate" "$style indeterminate" "$patchgate" check --root no-components --exit-style "$style"
  expect "$failed" "$style no root" "$patchgate" check --root none --exit-style "$style"
  expect "$failed" "$style flag" "$patchgate" check --root healthy --exit-style "$style" --none
  expect "$failed" "$style event log" "$patchgate" check --root healthy --event-log --exit-style "$style"
  for volume in healthy failed-rollback no-components; do
    for gone in full closed; do
      expect "$failed" "$style $gone" "$gone" check --root "$volume" --exit-style "$style"
    done
  done
done <<'END'
native 0 2 3 1
intune 0 1 1 1
msi 0 67 67 67
nagios 0 2 3 3
END
expect 3 "unknown style" "$patchgate" check --root healthy --exit-style nagio
expect 1 "full, one line" full check --root healthy -o one-line
expect 1 "full, version" full version
exit $status
