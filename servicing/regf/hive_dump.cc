#include "servicing/regf/hive_dump.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "servicing/regf/types.h"

namespace patchgate::regf {

HiveDump Dump(const Hive& hive) {
  HiveDump dump;
  const auto visit = [&](const Key& key, absl::string_view path) {
    const absl::StatusOr<std::string> class_name = key.ClassName();
    const absl::StatusOr<absl::string_view> security = key.SecurityDescriptor();
    dump.unreadable += !class_name.ok() + !security.ok();
    dump.lines.push_back(absl::StrCat(
        "[", path, "] name=", key.name(), " time=", key.last_written(),
        " class=", class_name.ok() ? *class_name : class_name.status().message(),
        " security=", security.ok() ? security->size() : 0, " link=", key.is_symbolic_link(),
        " tombstone=", key.is_tombstone(), " root=", key.is_root()));
    key.VisitValues(
        [&](const Value& value) {
          const absl::StatusOr<std::string> data = value.Data();
          dump.unreadable += !data.ok();
          dump.lines.push_back(
              absl::StrCat("  [", path, "] ", value.name(), " ", ValueTypeName(value.type()), " ",
                           value.size(), " tombstone=", value.is_tombstone(), " ",
                           data.ok() ? absl::BytesToHexString(*data) : data.status().message()));
          return true;
        },
        nullptr);
  };
  dump.totals = hive.Walk(visit, &dump.damage);
  hive.CheckBins(&dump.damage);
  return dump;
}

HiveFiles FilesOf(absl::string_view primary, const std::vector<std::string>& logs) {
  HiveFiles files;
  files.primary = {"HIVE", primary};
  for (size_t i = 0; i < logs.size(); ++i) {
    files.logs.push_back({absl::StrCat("HIVE.LOG", i + 1), logs[i]});
  }
  return files;
}

}  // namespace patchgate::regf
