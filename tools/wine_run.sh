#!/usr/bin/env bash
# Runs a Windows program under Wine: wine_run.sh PROGRAM.exe [ARGUMENT]...  Bazel runs every Windows test through it.
#
# Each run has a Wine prefix of its own, so that tests share neither a registry nor a C: drive and may run side by
# side. It is cheap: the registry is copied from the prefix that tools/setup made, drive C: is a tree of links to it.
set -euo pipefail

# A shell test of Windows programs starts them itself, in prefixes of its own making.
if [[ $1 != *.exe ]]; then exec "$@"; fi

prefix=${PATCHGATE_WINE_PREFIX:-}
if [[ -z $prefix ]]; then
  # Outside a test: what tools/setup wrote down.
  tools=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
  prefix=$(sed -n 's/.*PATCHGATE_WINE_PREFIX=//p' "$tools/../.setup.bazelrc")
fi

# TMPDIR: where the Wine server keeps its socket. PATCHGATE_WINEDEBUG: what Wine is to tell of itself, where a test
# wants to see that.
export WINEPREFIX TMPDIR WINEDEBUG=${PATCHGATE_WINEDEBUG:--all} WINEDLLOVERRIDES='mscoree,mshtml=;winemenubuilder.exe=d'
# Wine maps file names by the locale; with none it refuses what is not ASCII.
export LC_ALL=C.UTF-8
WINEPREFIX=$(mktemp -d "${TEST_TMPDIR:-/tmp}/wine.XXXXXX")
TMPDIR=$WINEPREFIX
# Ending Wine's service processes takes most of a second: nobody needs to wait for it.
stop() { (/usr/lib/wine/wineserver64 --kill; rm -rf "$WINEPREFIX") </dev/null >/dev/null 2>&1 & }
trap stop EXIT
cp -a "$prefix"/*.reg "$prefix/.update-timestamp" "$prefix/dosdevices" "$WINEPREFIX"
cp -as "$prefix/drive_c" "$WINEPREFIX"

# What the test environment names by Unix paths, a Windows program finds on Wine's drive Z:.
for variable in TEST_TMPDIR TEST_SRCDIR RUNFILES_DIR TEST_UNDECLARED_OUTPUTS_DIR TEST_SHARD_STATUS_FILE \
  TEST_PREMATURE_EXIT_FILE TEST_WARNINGS_OUTPUT_FILE XML_OUTPUT_FILE; do
  if [[ ${!variable:-} == /* ]]; then export "$variable=Z:${!variable}"; fi
done

status=0
/usr/lib/wine/wine64 "$@" || status=$?
exit "$status"
