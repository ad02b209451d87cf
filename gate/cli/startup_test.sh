#!/usr/bin/env bash
# patchgate.exe in Wine prefixes of its own: alone in a folder, then beside DLLs that somebody planted there; and its
# exit codes, which are longer here than 8 bits.
set -euo pipefail

here=$PWD
wine=$here/tools/wine_run.sh
work=$(mktemp -d "$TEST_TMPDIR/startup.XXXXXX")

status=0
fail() {
  echo "startup_test: $*" >&2
  status=1
}
expect() { [[ $2 == "$3" ]] || fail "$1: expected $2, not $3"; }

# Alone.
mkdir "$work/alone"
cp -L gate/cli/patchgate.exe "$work/alone"
cd "$work/alone"
begun=$(date +%s%N)
version=$("$wine" ./patchgate.exe version) || fail "version: exit code $?"
milliseconds=$((($(date +%s%N) - begun) / 1000000))
echo "version: $milliseconds ms, with a new Wine prefix"
((milliseconds < 20000)) || fail "version took $milliseconds ms"
[[ $version == "patchgate "[0-9]* ]] || fail "version: $version"
expect "files beside the program" "patchgate.exe" "$(ls)"
# Arguments arrive as they were given.
for argument in 'Ünïcødé 卷' '*' 'a "b" c' 'back\slash' 'two\\"quoted"'; do
  error=$("$wine" ./patchgate.exe explain "$argument" 2>&1 >/dev/null) && fail "explain $argument succeeded"
  [[ $error == *"$argument"* ]] || fail "the argument $argument became: $error"
done
cd "$work"

# Not planted are Windows' KnownDLLs, which it takes from System32 in any case; Wine does not know that rule.
names=(apphelp bcrypt bcryptprimitives cryptbase cryptsp dbghelp dwmapi fltlib iphlpapi mpr msi mswsock netapi32 ntmarta
  powrprof profapi propsys secur32 sspicli tbs userenv uxtheme version virtdisk wevtapi winhttp wininet winsta wldp
  wtsapi32)
mkdir control victim
cp -L "$here/gate/cli/windows_probe.exe" "$here/testdata/make_volumes.exe" control
cp -L "$here/gate/cli/patchgate.exe" victim
for folder in control victim; do
  for name in "${names[@]}"; do cp -L "$here/gate/cli/plant.dll" "$folder/$name.dll"; done
done

cat >run.cmd <<END
@echo off
rem Wine prefers its own DLLs; Windows takes those of the program's folder.
for %%n in (${names[*]}) do reg add HKCU\\Software\\Wine\\DllOverrides /v %%n /d native,builtin /f >nul
cd control
windows_probe.exe load ${names[*]/%/.dll}
echo control %ERRORLEVEL%
windows_probe.exe fault
echo fault %ERRORLEVEL%
windows_probe.exe abort
echo abort %ERRORLEVEL%
for %%i in (1000 1001 1002 1003) do windows_probe.exe text ..\\victim\\patchgate.exe %%i text-%%i
windows_probe.exe text ..\\victim\\patchgate.exe 1004 none
echo text-1004 %ERRORLEVEL%
mkdir ..\\volumes
make_volumes.exe ../volumes >nul
cd ..\\victim
patchgate.exe version >nul
echo version %ERRORLEVEL%
END
add() { printf 'patchgate.exe %s >nul 2>nul\necho %s %%ERRORLEVEL%%\n' "$2" "$1" >>run.cmd; }
add go 'check --root ../volumes/healthy'
add go-msi 'check --root ../volumes/healthy --exit-style msi'
add go-event 'check --root ../volumes/healthy --event-log --timeout 600'
add no-go 'check --root ../volumes/failed-rollback'
add no-go-msi 'check --root ../volumes/failed-rollback --exit-style msi'
add no-go-intune 'check --root ../volumes/failed-rollback --exit-style=intune --event-log'
add indeterminate 'check --root ../volumes/no-components'
add indeterminate-msi 'check --root ../volumes/no-components --exit-style=msi'
add indeterminate-nagios 'check --root ../volumes/no-components --exit-style=nagios'
add failed 'check --root none --event-log'
add failed-msi 'check --root none --exit-style msi'
add failed-nagios 'check --root none --exit-style nagios'
add failed-unknown 'check --root none --exit-style nagio'
add closed 'check --root ../volumes/healthy --exit-style msi -o json=NUL/x'
add live 'check'
add live-event 'check --event-log --exit-style nagios'

"$wine" cmd.exe /c run.cmd >answers.txt 2>errors.txt || true  # The code of its last program.
tr -d '\r' <answers.txt >answers
code() {
  local answer
  answer=$(sed -n "s/^$1 \(-\?[0-9]*\)\$/\1/p" answers)
  echo "${answer:-nothing}"
}
while read -r name expected; do expect "$name" "$expected" "$(code "$name")"; done <<'END'
control 0
fault 1603
abort 1603
text-1004 1
version 0
go 0
go-msi 0
go-event 0
no-go 2
no-go-msi 1603
no-go-intune 1
indeterminate 3
indeterminate-msi 1603
indeterminate-nagios 3
failed 1
failed-msi 1603
failed-nagios 3
failed-unknown 3
closed 1603
END
# The host that runs is Wine's: whatever it says of that, it says as a verdict or a failure.
[[ $(code live) == [123] ]] || fail "live: $(code live)"
[[ $(code live-event) == [23] ]] || fail "live-event: $(code live-event)"
for id in 1000 1001 1002 1003; do
  grep -qx "text-$id" answers || fail "the message table lacks $id"
done
expect "lines of failed programs" 2 "$(grep -c '^FAILED patchgate=' answers)"

# Who looks into its own folder loads what lies there; patchgate does not.
loaded() { (cd "$1" && for mark in *.loaded; do [[ -e $mark ]] && echo "${mark,,}"; done) | LC_ALL=C sort | xargs; }
expect "loaded by the control" "$(printf '%s.dll.loaded\n' "${names[@]}" | LC_ALL=C sort | xargs)" "$(loaded control)"
expect "loaded by patchgate" "" "$(loaded victim)"
# What reaches the Event Log: Wine has none, but tells what it was given.
events() { PATCHGATE_WINEDEBUG=-all,+advapi,+eventlog "$wine" victim/patchgate.exe check --event-log "$@" 2>&1 || true; }
expect_event() {
  local told
  told=$(events --root "$1")
  grep -q "RegisterEventSourceW ((null),L\"patchgate\")" <<<"$told" || fail "$1: no event source: $told"
  # Type, category, id.
  grep -q "ReportEventW ([0-9A-F]*,$2,0x0000,$3," <<<"$told" || fail "$1: no event $3 of type $2: $told"
  grep -q "eventlog:ReportEventW L\"$4 " <<<"$told" || fail "$1: no event that says $4: $told"
}
expect_event volumes/healthy 0x0004 0x000003e8 GO
expect_event volumes/failed-rollback 0x0001 0x000003ea NO_GO
expect_event volumes/no-components 0x0002 0x000003eb INDETERMINATE
expect_event volumes/none 0x0001 0x000003e9 FAILED

if ((status != 0)); then cat answers errors.txt >&2; fi
exit $status
