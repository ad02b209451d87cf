#!/usr/bin/env bash
# What patchgate.exe is, as the loader of Windows sees it.
set -euo pipefail

program=gate/cli/patchgate.exe
most_bytes=$((8 * 1024 * 1024))

status=0
fail() {
  echo "image_test: $*" >&2
  status=1
}

headers=$(x86_64-w64-mingw32-objdump -p "$program")
has() { grep -Eq "$1" <<<"$headers" || fail "$2"; }

has '^Magic[[:space:]]+020b' "is not PE32+"
has 'file format pei-x86-64' "is not for x64"
has '^Subsystem[[:space:]]+00000003' "is no console program"
for flag in HIGH_ENTROPY_VA DYNAMIC_BASE NX_COMPAT; do
  has "^[[:space:]]+$flag" "DllCharacteristics lack $flag"
done
# Without relocations it cannot be loaded anywhere else, whatever the flags say.
has '^Entry 5 [0-9a-f]* 0*[1-9a-f][0-9a-f]* Base Relocation' "has no relocations"
has '^Entry 2 [0-9a-f]* 0*[1-9a-f][0-9a-f]* Resource' "has no resources"
has '^Entry 0 0+ 0+ Export' "exports symbols"
has '^Entry d 0+ 0+ Delay Import' "loads DLLs later"

# All of them are KnownDLLs: Windows never looks for these beside the program.
expected='ADVAPI32.dll KERNEL32.dll msvcrt.dll'
imported=$(sed -n 's/^[[:space:]]*DLL Name: //p' <<<"$headers" | LC_ALL=C sort | xargs)
[[ $imported == "$expected" ]] || fail "imports $imported; allowed: $expected"

functions=$(sed -n 's/^[[:space:]]*[0-9a-f]\{4,\}[[:space:]]\{1,\}[0-9]\{1,\}[[:space:]]\{1,\}\([A-Za-z_]\w*\)$/\1/p' \
  <<<"$headers")
(($(wc -l <<<"$functions") > 100)) || fail "objdump's list of functions was not understood"
for wanted in SetDefaultDllDirectories SetProcessMitigationPolicy HeapSetInformation RegisterEventSourceW; do
  grep -qx "$wanted" <<<"$functions" || fail "does not import $wanted"
done
# It starts no program.
forbidden=$(grep -Eix 'CreateProcess.*|WinExec|ShellExecute.*|_?w?system|_w?p?open.*pipe|_w?popen|_w?(spawn|exec)[lv]p?e?' \
  <<<"$functions" || true)
[[ -z $forbidden ]] || fail "imports $forbidden"

# Deployment tools tell an old program from a new one by this resource.
text=$(strings -el "$program" | grep -Fx -A1 FileVersion | tail -1)
version=$(sed -n 's/.*kPatchgateVersion.* = "\(.*\)";/\1/p' servicing/base/version.h)
[[ -n $version && $text == "$version" ]] || fail "its version resource says \"$text\", not \"$version\""

bytes=$(stat -Lc %s "$program")
echo "patchgate.exe: $bytes bytes, at most $most_bytes"
((bytes <= most_bytes)) || fail "has $bytes bytes, more than $most_bytes"
exit $status
