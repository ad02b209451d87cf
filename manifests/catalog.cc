#include "manifests/catalog.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "manifests/text_proto.h"
#include "servicing/base/status_macros.h"

namespace patchgate {
namespace {

// One raw string for each file of manifests/checks, made by the build.
constexpr const char* kRecords[] = {
#include "manifests/check_records.inc"
};

}  // namespace

absl::StatusOr<Catalog> Catalog::FromRecords(std::vector<CheckRecord> records) {
  Catalog catalog;
  catalog.records_ = std::move(records);
  std::sort(catalog.records_.begin(), catalog.records_.end(),
            [](const CheckRecord& a, const CheckRecord& b) { return a.id() < b.id(); });
  for (size_t i = 1; i < catalog.records_.size(); ++i) {
    if (catalog.records_[i].id() == catalog.records_[i - 1].id()) {
      return absl::InvalidArgumentError(
          absl::StrCat("two records of check ", catalog.records_[i].id()));
    }
  }
  return catalog;
}

const CheckRecord* Catalog::Find(absl::string_view id) const {
  const auto it = std::lower_bound(
      records_.begin(), records_.end(), id,
      [](const CheckRecord& record, absl::string_view wanted) { return record.id() < wanted; });
  return it != records_.end() && it->id() == id ? &*it : nullptr;
}

absl::StatusOr<CheckRecord> ParseCheckRecord(absl::string_view text) {
  CheckRecord record;
  PG_RETURN_IF_ERROR(ParseTextProto("check record", text, &record));
  return record;
}

absl::StatusOr<Catalog> LoadBuiltInCatalog() {
  std::vector<CheckRecord> records;
  for (const char* text : kRecords) {
    PG_ASSIGN_OR_RETURN(CheckRecord record, ParseCheckRecord(text));
    records.push_back(std::move(record));
  }
  return Catalog::FromRecords(std::move(records));
}

}  // namespace patchgate
