#!/usr/bin/env bash
# A shared library exports exactly the functions of its header, and needs nothing but the system's libraries:
# exports_test.sh HEADER DEF LIBRARY
set -euo pipefail
header=$1 def=$2 library=$3

functions=$(grep -oE '\bpatchgate_[a-z_]+\(' "$header" | tr -d '(' | sort -u)
defined=$(sed '1,/^EXPORTS/d; s/ //g' "$def")
if [[ $library == *.dll ]]; then
  # The name table: "[   0] patchgate_abi_version".
  exported=$(x86_64-w64-mingw32-objdump -p "$library" | sed -n '/^\[Ordinal\/Name Pointer\] Table/,/^$/s/^.*\] //p')
  exported=$(grep -v '^Table$' <<<"$exported" | sort)
  needed=$(x86_64-w64-mingw32-objdump -p "$library" | sed -n 's/.*DLL Name: //p' | sort -u)
  allowed='^(KERNEL32|ADVAPI32|msvcrt)\.dll$'
else
  exported=$(nm --dynamic --extern-only --defined-only "$library" | awk '{ print $3 }' | sort)
  needed=$(objdump -p "$library" | awk '$1 == "NEEDED" { print $2 }' | sort -u)
  allowed='^(libstdc\+\+\.so\.6|libgcc_s\.so\.1|libm\.so\.6|libc\.so\.6|ld-linux-x86-64\.so\.2)$'
fi

status=0
# same WHAT EXPECTED FOUND
same() {
  if [[ $2 == "$3" ]]; then return; fi
  echo "$1 (< header, > found):"
  diff <(echo "$2") <(echo "$3") || true
  status=1
}
[[ $(wc -l <<<"$functions") -ge 17 ]] || { echo "the header has too few functions: $functions"; status=1; }
same "exports of $library" "$functions" "$exported"
same "names in $def" "$functions" "$defined"
if grep -vE "$allowed" <<<"$needed"; then
  echo "of these, $library must need none"
  status=1
fi
if [[ $library == *.so && $(objdump -p "$library" | awk '$1 == "SONAME" { print $2 }') != libpatchgate.so ]]; then
  echo "$library has another SONAME"
  status=1
fi
exit $status
