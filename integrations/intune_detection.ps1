# Intune Remediations, detection script; also the pre-script of a ConfigMgr orchestration group.
# Exit code 0 on GO; 1 (an issue, stop) on everything else. Prints one line, verdict first.
# gate.cmd decides; what it cannot say itself, because it did not run, is said here.
$line = 'FAILED gate.cmd could not be started'
$code = $null
try {
    # Where it is missing (a 32-bit Windows) the path would begin at the root of the drive, where users make folders.
    if (-not $env:ProgramW6432) { throw 'no 64-bit Windows' }
    $line = & "$env:ProgramW6432\patchgate\gate.cmd" | Select-Object -Last 1
    $code = $LASTEXITCODE
} catch {
    $code = $null
}
if ("$line" -eq '') {
    $line = 'FAILED gate.cmd printed nothing'
}
Write-Output "$line"
if (($code -eq 0) -and ("$line" -clike 'GO *')) {
    exit 0
}
exit 1
