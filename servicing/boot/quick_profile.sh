#!/usr/bin/env bash
# Judges a healthy volume with many boot drivers in the quick profile, five times with a warm cache; prints what was
# read, and seconds. Not a test: it wants an idle machine.
#
#   servicing/boot/quick_profile.sh [DRIVERS [BYTES_OF_EACH]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

drivers=${1:-400}
bytes=${2:-200000}
bazel build -c opt //testdata:make_boot_volume //gate/cli:patchgate
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bazel-bin/testdata/make_boot_volume "$work/volume" "$drivers" "$bytes"
find "$work/volume" -type f -exec cat {} + >/dev/null

echo "$(date +%F), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
for _ in 1 2 3 4 5; do
  /usr/bin/env time -f "%e s, %M KiB" -o "$work/time" bazel-bin/gate/cli/patchgate check --root "$work/volume" \
    --now 2025-12-16T18:00:00Z >"$work/out" || echo "  exit code $?"
  echo "  $(grep -m1 ' read, .* bytes' "$work/out") $(tail -1 "$work/time"); $(tail -1 "$work/out" | cut -c1-60)"
done
