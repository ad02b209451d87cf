// Repeated fields that keep their newest elements.
#ifndef SERVICING_CBS_LOG_BOUNDED_LIST_H_
#define SERVICING_CBS_LOG_BOUNDED_LIST_H_

#include <cstdint>

#include "google/protobuf/repeated_field.h"

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

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_BOUNDED_LIST_H_
