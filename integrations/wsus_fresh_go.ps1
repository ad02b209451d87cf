# For an install step that cannot run gate.cmd itself: may it rely on the check that the scheduled task has made?
# Exit code 0 when go.txt is at most MaxAgeMinutes old, written since the last start of Windows, not in the future,
# and owned, as its folder is, by SYSTEM or administrators; 1 on everything else: a stale GO is no GO. Prints one line.
# Lies beside gate.cmd, in %ProgramFiles%\patchgate; run it from there, by its full path, as SYSTEM or administrator.
param([int] $MaxAgeMinutes = 60)
$line = 'FAILED there is no go.txt that can be read'
try {
    $file = "$env:ProgramData\patchgate\go.txt"
    # Users may make folders in ProgramData: go.txt counts if it and its folder are owned by SYSTEM or administrators.
    foreach ($path in @("$env:ProgramData\patchgate", $file)) {
        if ((Get-Acl -LiteralPath $path -ErrorAction Stop).Sddl -cnotmatch '^O:(SY|BA)G:') { throw 'another owner' }
    }
    $go = Get-Content -LiteralPath $file -TotalCount 1 -ErrorAction Stop
    $written = (Get-Item -LiteralPath $file -ErrorAction Stop).LastWriteTimeUtc
    $boot = (Get-CimInstance -ClassName Win32_OperatingSystem -ErrorAction Stop).LastBootUpTime.ToUniversalTime()
    $now = (Get-Date).ToUniversalTime()
    $line = "STALE go.txt is of $($written.ToString('s'))Z"
    if (($written -gt $boot) -and ($written -le $now) -and ($now -lt $written.AddMinutes($MaxAgeMinutes))) {
        $line = "$go"
    }
} catch {
    $line = 'FAILED there is no go.txt that can be read'
}
Write-Output $line
if ($line -clike 'GO *') {
    exit 0
}
exit 1
