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

// Removes the first `count` elements; those that matter only where there is nothing else. Elements
// that stay do not move. Returns how many it removed that matter.
template <typename T, typename Matters>
uint64_t DropLeast(google::protobuf::RepeatedPtrField<T>* list, int count, Matters matters) {
  uint64_t lost = 0;
  for (const bool even_what_matters : {false, true}) {
    int kept = 0;
    for (int i = 0; i < list->size(); ++i) {
      const bool matter = matters(list->Get(i));
      if (count > 0 && (even_what_matters || !matter)) {
        --count;
        lost += matter;
      } else {
        list->SwapElements(i, kept++);
      }
    }
    list->DeleteSubrange(kept, list->size() - kept);
  }
  return lost;
}

// Of a package that was installed without trouble nobody will ask; of an update itself they will.
inline bool PackageMatters(const CbsLogPackage& package) {
  return (package.result() & 0x80000000) != 0 ||
         absl::StrContains(package.identity(), "RollupFix") ||
         absl::StrContains(package.identity(), "ServicingStack");
}

// Most sessions only ask what is installed.
inline bool SessionMatters(const CbsLogSession& session) {
  return session.packages_size() > 0 || (session.result() & 0x80000000) != 0;
}

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_BOUNDED_LIST_H_
