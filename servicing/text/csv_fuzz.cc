// Fuzz target of the CSV reader: what was read, written as RFC 4180 has it, reads the same again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "servicing/text/csv.h"

namespace patchgate::text {
namespace {

constexpr size_t kLargestInput = 64 << 10;  // Larger ones say nothing more.

using Records = std::vector<std::vector<std::string>>;

bool ReadAll(absl::string_view bytes, Records* records) {
  CsvReader csv(bytes);
  std::vector<std::string> fields;
  uint64_t last = 0;
  for (;;) {
    const auto more = csv.Next(&fields);
    if (!more.ok()) {
      if (csv.Next(&fields).value_or(true)) std::abort();
      return false;
    }
    if (!*more) return true;
    if (fields.empty() || csv.line() <= last) std::abort();
    last = csv.line();
    records->push_back(fields);
  }
}

}  // namespace
}  // namespace patchgate::text

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using patchgate::text::Records;
  if (size > patchgate::text::kLargestInput) return 0;
  Records records, again;
  patchgate::text::ReadAll(absl::string_view(reinterpret_cast<const char*>(data), size), &records);
  std::string written;
  for (const auto& record : records) {
    for (size_t i = 0; i < record.size(); ++i) {
      written += i == 0 ? "\"" : ",\"";
      written += absl::StrReplaceAll(record[i], {{"\"", "\"\""}});
      written += '"';
    }
    written += "\r\n";
  }
  if (!patchgate::text::ReadAll(written, &again) || again != records) std::abort();
  return 0;
}
