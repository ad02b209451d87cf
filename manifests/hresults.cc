#include "manifests/hresults.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "manifests/text_proto.h"
#include "servicing/base/status_macros.h"

namespace patchgate {
namespace {

// manifests/hresults.textproto as a raw string, made by the build.
constexpr char kTable[] =
#include "manifests/hresults.inc"
    ;

const HresultRecord* FindCode(uint32_t code) {
  const auto& records = Hresults().records();
  const auto it = std::lower_bound(
      records.begin(), records.end(), code,
      [](const HresultRecord& record, uint32_t wanted) { return record.code() < wanted; });
  return it != records.end() && it->code() == code ? &*it : nullptr;
}

}  // namespace

absl::StatusOr<HresultTable> ParseHresults(absl::string_view text) {
  HresultTable table;
  PG_RETURN_IF_ERROR(ParseTextProto("table of error codes", text, &table));
  for (int i = 1; i < table.records_size(); ++i) {
    if (table.records(i - 1).code() >= table.records(i).code()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("table of error codes: 0x%08x does not belong after 0x%08x",
                          table.records(i).code(), table.records(i - 1).code()));
    }
  }
  return table;
}

absl::StatusOr<HresultTable> LoadBuiltInHresults() { return ParseHresults(kTable); }

const HresultTable& Hresults() {
  // Never destroyed: nothing that ends late may find it gone.
  static const auto& table = *new HresultTable(LoadBuiltInHresults().value_or(HresultTable()));
  return table;
}

const HresultRecord* FindHresult(uint32_t code) {
  const HresultRecord* record = FindCode(code);
  return record != nullptr && record->kind() != HresultRecord::KIND_BUG_CHECK ? record : nullptr;
}

const HresultRecord* FindBugCheck(uint32_t code) {
  const HresultRecord* record = FindCode(code);
  return record != nullptr && record->kind() == HresultRecord::KIND_BUG_CHECK ? record : nullptr;
}

const HresultRecord* FindHresultByName(absl::string_view name) {
  if (name.empty()) return nullptr;  // Records without a name have none.
  const auto is_name = [&](const std::string& known) {
    return absl::EqualsIgnoreCase(known, name);
  };
  for (const HresultRecord& record : Hresults().records()) {
    const auto& others = record.other_names();
    if (is_name(record.name()) || std::any_of(others.begin(), others.end(), is_name)) {
      return &record;
    }
  }
  return nullptr;
}

std::string HresultText(uint32_t code) {
  const HresultRecord* record = FindHresult(code);
  const std::string number = absl::StrFormat("0x%08x", code);
  if (record == nullptr || record->name().empty()) return number;
  return absl::StrCat(number, " (", record->name(), ")");
}

}  // namespace patchgate
