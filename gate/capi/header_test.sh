#!/usr/bin/env bash
# The header stands alone, in C and in C++, without a warning: header_test.sh HEADER [COMPILER_PREFIX]
set -euo pipefail
header=$1 prefix=${2:-}

strict=(-fsyntax-only -pedantic -Wall -Wextra -Werror)
# check COMPILER OPTION...
check() {
  echo "== $*"
  printf '#include "%s"\n#include "%s"\nint used(void);\nint used(void) { return PATCHGATE_OK; }\n' \
    "$PWD/$header" "$PWD/$header" | "$prefix$@" "${strict[@]}" -
}
for standard in c90 c99 c11 c17; do check gcc -x c -std=$standard -Wstrict-prototypes; done
for standard in c++98 c++11 c++17 c++20; do check g++ -x c++ -std=$standard -Wold-style-cast; done
if grep -n '//' "$header"; then
  echo "C90 knows no such comments"
  exit 1
fi
