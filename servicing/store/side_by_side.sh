#!/usr/bin/env bash
# Verifies a synthetic store of 28,000 components, and lets sha256sum read the same files with the same number of jobs,
# one after the other, three times, with a warm cache; prints seconds and peak resident memory. Not a test: it wants an
# idle machine and some gigabytes of disk.
#
#   servicing/store/side_by_side.sh [PAYLOAD_MEBIBYTES [JOBS]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mebibytes=${1:-2048}
jobs=${2:-$(nproc)}
bazel build //testdata:make_store //gate/cli:patchgate
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
time bazel-bin/testdata/make_store --payload-mib "$mebibytes" "$work/volume"
find "$work/volume/Windows/WinSxS" -type f -print0 >"$work/files"
xargs -0 cat <"$work/files" >/dev/null

# measure LABEL COMMAND...: its last line, seconds and peak memory.
measure() {
  local label=$1
  shift
  /usr/bin/env time -f "%e s, %M KiB" -o "$work/time" "$@" >"$work/out" || echo "  exit code $?"
  echo "  $label: $(tail -1 "$work/time"); $(tail -1 "$work/out" | cut -c1-120)"
}

echo "$(date +%F), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
echo "$(tr -cd '\0' <"$work/files" | wc -c) files, $(du -sm "$work/volume/Windows/WinSxS" | cut -f1) MiB, $jobs jobs"
verify=(bazel-bin/gate/cli/patchgate verify --root "$work/volume" --jobs "$jobs" --scope all)
for _ in 1 2 3; do
  measure "index    " "${verify[@]}" --level index
  measure "manifests" "${verify[@]}" --level manifests
  measure "payload  " "${verify[@]}" --level payload
  measure "sha256sum" xargs -0 -n 256 -P "$jobs" -a "$work/files" sha256sum
done
