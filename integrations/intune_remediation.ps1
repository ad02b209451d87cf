# Intune Remediations, remediation script. Repairs nothing: saves the evidence for whoever does, so that the detection
# script goes on reporting the issue until the host is in order.
# Exit code 0 when the snapshot was written, otherwise 1. Prints one line.
$folder = "$env:ProgramData\patchgate"
$line = 'FAILED patchgate.exe could not save the evidence'
$code = $null
# Never made here: users may make folders in ProgramData, and would own the one that they made first.
if (Test-Path -LiteralPath $folder -PathType Container) {
    try {
        # Where it is missing (a 32-bit Windows) the path would begin at the drive's root, where users make folders.
        if (-not $env:ProgramW6432) { throw 'no 64-bit Windows' }
        & "$env:ProgramW6432\patchgate\patchgate.exe" collect --timeout 900 -o "$folder\snapshot.pb" | Out-Null
        $code = $LASTEXITCODE
    } catch {
        $code = $null
    }
} else {
    $line = "FAILED there is no folder $folder"
}
if ($code -eq 0) {
    Write-Output "EVIDENCE $folder\snapshot.pb"
    exit 0
}
Write-Output "$line"
exit 1
