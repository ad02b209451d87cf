#include "servicing/store/damage_log.h"

#include <iterator>
#include <tuple>
#include <utility>

#include "servicing/base/utf16.h"

namespace patchgate::store {
namespace {

template <typename T>
auto Order(const T& t) {
  return std::make_tuple(!IsGraver(t.roles()), absl::string_view(t.component()),
                         absl::string_view(t.path()));
}

// Keeps the `limit` first ones.
template <typename Set, typename T>
void Insert(size_t limit, T item, Set* set) {
  set->insert(std::move(item));
  if (set->size() > limit) set->erase(std::prev(set->end()));
}

}  // namespace

bool DamageLog::Before::operator()(const StoreDamage& a, const StoreDamage& b) const {
  return std::make_pair(Order(a), absl::string_view(a.found())) <
         std::make_pair(Order(b), absl::string_view(b.found()));
}

bool DamageLog::Before::operator()(const StoreUnverified& a, const StoreUnverified& b) const {
  return std::make_pair(Order(a), absl::string_view(a.reason())) <
         std::make_pair(Order(b), absl::string_view(b.reason()));
}

void DamageLog::Add(StoreDamageKind kind, absl::string_view component, absl::string_view path,
                    absl::string_view expected, absl::string_view found, const StoreRoles& roles) {
  StoreDamage damage;
  damage.set_kind(kind);
  damage.set_component(CleanUtf8(component));
  damage.set_path(CleanUtf8(path));
  damage.set_expected(CleanUtf8(expected));
  damage.set_found(CleanUtf8(found));
  *damage.mutable_roles() = roles;
  const std::lock_guard<std::mutex> lock(mutex_);
  Kind& of_kind = kinds_[kind];
  ++of_kind.total;
  of_kind.graver += IsGraver(roles) ? 1 : 0;
  Insert(examples_, std::move(damage), &of_kind.first);
}

void DamageLog::AddUnverified(absl::string_view component, absl::string_view path,
                              absl::string_view reason, const StoreRoles& roles) {
  StoreUnverified unverified;
  unverified.set_component(CleanUtf8(component));
  unverified.set_path(CleanUtf8(path));
  unverified.set_reason(CleanUtf8(reason));
  *unverified.mutable_roles() = roles;
  const std::lock_guard<std::mutex> lock(mutex_);
  ++unverified_total_;
  unverified_graver_ += IsGraver(roles) ? 1 : 0;
  Insert(examples_, std::move(unverified), &unverified_);
}

void DamageLog::MoveTo(StoreVerification* result) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [kind, of_kind] : kinds_) {
    StoreDamageCount* count = result->add_damage_counts();
    count->set_kind(kind);
    count->set_total(of_kind.total);
    count->set_graver(of_kind.graver);
    for (const StoreDamage& damage : of_kind.first) *result->add_damage() = damage;
  }
  for (const StoreUnverified& unverified : unverified_) *result->add_unverified() = unverified;
  result->set_unverified_total(unverified_total_);
  result->set_unverified_graver(unverified_graver_);
}

}  // namespace patchgate::store
