# ConfigMgr compliance setting, discovery script. Prints one value: GO, or the word that says why not.
# Rule: data type String, the value returned equals GO. No remediation script.
# gate.cmd decides, and a verdict counts only with its exit code.
# ConfigMgr ends discovery scripts after a minute unless its client settings say otherwise.
$env:PATCHGATE_TIMEOUT = '45'
$value = 'FAILED'
try {
    # Where it is missing (a 32-bit Windows) the path would begin at the root of the drive, where users make folders.
    if (-not $env:ProgramW6432) { throw 'no 64-bit Windows' }
    $line = & "$env:ProgramW6432\patchgate\gate.cmd" | Select-Object -Last 1
    $code = $LASTEXITCODE
    if (($code -eq 0) -and ("$line" -clike 'GO *')) {
        $value = 'GO'
    } elseif ("$line" -clike 'NO_GO *') {
        $value = 'NO_GO'
    } elseif ("$line" -clike 'INDETERMINATE *') {
        $value = 'INDETERMINATE'
    }
} catch {
    $value = 'FAILED'
}
Write-Output $value
