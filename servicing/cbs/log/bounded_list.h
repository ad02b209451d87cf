// Repeated fields that keep their newest elements.
#ifndef SERVICING_CBS_LOG_BOUNDED_LIST_H_
#define SERVICING_CBS_LOG_BOUNDED_LIST_H_

#include <cstdint>

#include "absl/strings/match.h"
#include "google/protobuf/repeated_field.h"
#include "servicing/cbs/cbs_log.pb.h"

namespace patchgate::cbs {

// Removes the oldest elements beyond the newest `keep`. Those that stay do not move.
template <typename T>
void KeepNewest(google::protobuf::RepeatedPtrField<T>* list, int keep, uint64_t* dropped) {
  const int excess = list->size() - keep;
  if (excess <= 0) return;
  list->DeleteSubrange(0, excess);
  *dropped += static_cast<uint64_t>(excess);
}

// Adds an element. The list is cut to `limit` only when it has twice as many, so that adding costs
// constant time; KeepNewest at the end of the log brings it to the limit.
template <typename T>
T* AddBounded(google::protobuf::RepeatedPtrField<T>* list, int limit, uint64_t* dropped) {
  if (list->size() >= 2 * limit) KeepNewest(list, limit - 1, dropped);
  return list->Add();
}

// Removes the first `count` packages, but those that failed, cumulative updates and servicing
// stacks only where there is nothing else. Returns how many it removed.
inline uint64_t DropLeast(google::protobuf::RepeatedPtrField<CbsLogPackage>* packages, int count) {
  const auto matters = [](const CbsLogPackage& package) {
    return (package.result() & 0x80000000) != 0 ||
           absl::StrContains(package.identity(), "RollupFix") ||
           absl::StrContains(package.identity(), "ServicingStack");
  };
  int left = count;
  for (const bool even_what_matters : {false, true}) {
    int kept = 0;
    for (int i = 0; i < packages->size(); ++i) {
      if (left > 0 && (even_what_matters || !matters(packages->Get(i)))) {
        --left;
      } else {
        packages->SwapElements(i, kept++);
      }
    }
    packages->DeleteSubrange(kept, packages->size() - kept);
  }
  return static_cast<uint64_t>(count - left);
}

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_BOUNDED_LIST_H_
