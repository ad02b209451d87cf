#!/usr/bin/env bash
# Runs powershell_syntax_test.js where tools/setup found npm to fetch the parser with; elsewhere this counts as skipped.
set -euo pipefail
if [[ -z ${PATCHGATE_POWERSHELL_PARSER:-} ]]; then
  echo "SKIPPED: PATCHGATE_POWERSHELL_PARSER names no parser; install node and npm and run tools/setup" >&2
  cat >"${XML_OUTPUT_FILE:-/dev/stderr}" <<'EOF'
<testsuites><testsuite name="powershell_syntax_test"><testcase name="parse"><skipped/></testcase></testsuite></testsuites>
EOF
  exit 0
fi
exec node "$(dirname "${BASH_SOURCE[0]}")/powershell_syntax_test.js"
