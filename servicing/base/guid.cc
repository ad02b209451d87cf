#include "servicing/base/guid.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace patchgate {
namespace {

// Between the byte order on disk and that of the text, in both directions.
std::string Reorder(absl::string_view bytes) {
  std::string result(bytes);
  std::reverse(result.begin(), result.begin() + 4);
  std::reverse(result.begin() + 4, result.begin() + 6);
  std::reverse(result.begin() + 6, result.begin() + 8);
  return result;
}

}  // namespace

std::string FormatGuid(absl::string_view bytes) {
  if (bytes.size() != kGuidSize) return "";
  const std::string hex = absl::BytesToHexString(Reorder(bytes));
  const absl::string_view digits = hex;
  return absl::StrCat("{", digits.substr(0, 8), "-", digits.substr(8, 4), "-", digits.substr(12, 4),
                      "-", digits.substr(16, 4), "-", digits.substr(20), "}");
}

absl::optional<std::string> ParseGuid(absl::string_view text) {
  constexpr absl::string_view kShape = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";
  if (text.size() != kShape.size()) return absl::nullopt;
  std::string hex;
  for (size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] != 'x') {
      if (text[i] != kShape[i]) return absl::nullopt;
    } else if (absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      hex += text[i];
    } else {
      return absl::nullopt;
    }
  }
  return Reorder(absl::HexStringToBytes(hex));
}

}  // namespace patchgate
