// Where a verification's threads put what they find.
#ifndef SERVICING_STORE_DAMAGE_LOG_H_
#define SERVICING_STORE_DAMAGE_LOG_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "servicing/store/store.pb.h"

namespace patchgate::store {

// Counts everything and keeps the first of each kind in an order of their own, so that the result
// does not depend on which thread came first. Memory: `examples` entries for each kind.
class DamageLog {
 public:
  explicit DamageLog(size_t examples) : examples_(examples) {}

  void Add(StoreDamageKind kind, absl::string_view component, absl::string_view path,
           absl::string_view expected, absl::string_view found, const StoreRoles& roles);
  void AddUnverified(absl::string_view component, absl::string_view path, absl::string_view reason,
                     const StoreRoles& roles);

  void MoveTo(StoreVerification* result);

 private:
  // Graver ones first, then by component and path.
  struct Before {
    bool operator()(const StoreDamage& a, const StoreDamage& b) const;
    bool operator()(const StoreUnverified& a, const StoreUnverified& b) const;
  };
  struct Kind {
    uint64_t total = 0;
    uint64_t graver = 0;
    std::multiset<StoreDamage, Before> first;
  };

  std::mutex mutex_;
  const size_t examples_;
  std::map<StoreDamageKind, Kind> kinds_;
  std::multiset<StoreUnverified, Before> unverified_;
  uint64_t unverified_total_ = 0;
  uint64_t unverified_graver_ = 0;
};

// Whether it has any role.
inline bool IsGraver(const StoreRoles& roles) {
  return roles.servicing_stack() || roles.boot() || roles.lcu();
}

}  // namespace patchgate::store

#endif  // SERVICING_STORE_DAMAGE_LOG_H_
