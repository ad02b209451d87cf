// Abseil names functions in stack traces through dbghelp.dll. A program that imports it takes it
// from its own folder, if somebody put one there: this definition stands in for Abseil's, which the
// linker then leaves out, and traces show addresses.
#include "absl/base/config.h"
#include "absl/debugging/symbolize.h"

namespace absl {
ABSL_NAMESPACE_BEGIN

void InitializeSymbolizer(const char*) {}

bool Symbolize(const void*, char*, int) { return false; }

ABSL_NAMESPACE_END
}  // namespace absl
