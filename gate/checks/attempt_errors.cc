#include "gate/checks/attempt_errors.h"

#include "absl/functional/function_ref.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

// Whether there is a code, and every one is known and `fits`.
bool AllCodes(const Attempt& attempt, absl::FunctionRef<bool(const HresultRecord&)> fits) {
  bool any = false;
  for (const Phase& phase : attempt.phases()) {
    if (!phase.has_hresult() || phase.hresult() == 0) continue;
    const HresultRecord* error = FindHresult(phase.hresult());
    if (error == nullptr || !fits(*error)) return false;
    any = true;
  }
  return any;
}

}  // namespace

bool MaySucceedNextTime(const Attempt& attempt) {
  return AllCodes(attempt, [](const HresultRecord& error) { return error.retry(); });
}

bool WasNotNeeded(const Attempt& attempt) {
  return AllCodes(attempt, [](const HresultRecord& error) { return error.success(); });
}

}  // namespace patchgate::gate::checks
