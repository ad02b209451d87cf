#include "servicing/registry/control_set.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"

namespace patchgate::registry {
namespace {

absl::StatusOr<std::string> CurrentControlSet(const Key& root) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<Key> select, root.Open("Select"));
  PG_ASSIGN_OR_RETURN(const Value value, select->Get("Current"));
  PG_ASSIGN_OR_RETURN(const uint32_t number, AsDword(value));
  return absl::StrFormat("ControlSet%03u", number);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Key>> OpenFromRoot(HiveId hive, const Key& root,
                                                  absl::string_view path) {
  constexpr absl::string_view kCurrent = "CurrentControlSet";
  const absl::string_view first = path.substr(0, path.find('\\'));
  if (hive != HiveId::kSystem || !NamesEqual(first, kCurrent)) return root.Open(path);
  const absl::StatusOr<std::string> current = CurrentControlSet(root);
  if (!current.ok()) {
    return absl::UnavailableError(absl::StrCat(
        "the current control set is unknown: SYSTEM\\Select: ", current.status().message()));
  }
  // Without its control set nothing of the running system is known: no key in it is "absent".
  const absl::StatusOr<std::unique_ptr<Key>> set = root.Open(*current);
  if (!set.ok()) {
    return absl::UnavailableError(
        absl::StrCat("the current control set cannot be read: ", set.status().message()));
  }
  return (*set)->Open(path.substr(first.size()));
}

}  // namespace patchgate::registry
