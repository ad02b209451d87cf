#!/usr/bin/env bash
# Reads a 500 MiB CBS.log and lets ripgrep count the lines that hold any of the same texts, one after the other, three
# times; prints seconds and peak resident memory. Not a test: it wants an idle machine, 500 MiB of disk and ripgrep.
#
#   servicing/cbs/log/side_by_side.sh [MEBIBYTES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

mebibytes=${1:-500}
bazel build //servicing/cbs/log:make_large_log //servicing/cbs/log:read_large_log
bin=bazel-bin/servicing/cbs/log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bin/make_large_log" "$work/CBS.log" "$mebibytes"
"$bin/make_large_log" --literals >"$work/literals"
cat "$work/CBS.log" >/dev/null

echo "$(date +%F), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
echo "$(stat -c %s "$work/CBS.log") bytes, $(wc -l <"$work/literals") texts, $(rg --version | head -1)"
TIMEFORMAT='  rg -c seconds %R'
for _ in 1 2 3; do
  echo patchgate
  "$bin/read_large_log" "$work/CBS.log" | sed 's/^/  /'
  echo ripgrep
  time rg -c -F -f "$work/literals" "$work/CBS.log" | sed 's/^/  lines /'
done
