// Judges a verification of the component store: is it clean, damaged, or not known?
#ifndef GATE_STORE_VERDICT_H_
#define GATE_STORE_VERDICT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gate/store_verdict.pb.h"
#include "servicing/store/store.pb.h"

namespace patchgate::gate {

// CLEAN only if everything that was asked for is known to be whole: a run that was cancelled, an
// index that could not be read in full, or a scope that could not be told leaves it UNVERIFIED.
// `source` is where the store was read. Takes `verification` over.
StoreVerdict JudgeStore(StoreVerification verification, absl::string_view source);

}  // namespace patchgate::gate

#endif  // GATE_STORE_VERDICT_H_
