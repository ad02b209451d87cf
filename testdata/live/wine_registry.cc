#include "testdata/live/wine_registry.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"

namespace patchgate::testdata {
namespace {

// As Wine writes it: printable ASCII as it is, the rest by its UTF-16 code units.
std::string Escape(absl::string_view utf8) {
  const std::string units = Utf8ToUtf16Le(utf8);
  std::string text;
  for (size_t i = 0; i < units.size(); i += 2) {
    const uint16_t unit = LoadLe16(units.data() + i);
    const char c = static_cast<char>(unit);
    if (unit < 0x20 || unit > 0x7E) {
      absl::StrAppendFormat(&text, "\\x%04x", unit);
    } else if (c == '\\' || c == '"' || c == '[' || c == ']') {
      text += '\\';
      text += c;
    } else {
      text += c;
    }
  }
  return text;
}

absl::Status AppendKey(const regf::Key& key, const std::string& path, std::string* text) {
  absl::StrAppend(text, "\n[", path, "] 0\n");
  absl::StrAppendFormat(text, "#time=%x\n", key.last_written());
  if (key.is_symbolic_link()) absl::StrAppend(text, "#link\n");
  absl::Status status;
  const bool all_values = key.VisitValues(
      [&](const regf::Value& value) {
        const absl::StatusOr<std::string> data = value.Data();
        if (!data.ok()) {
          status = data.status();
          return false;
        }
        const std::string name = value.name();
        absl::StrAppend(text, name.empty() ? "@" : absl::StrCat("\"", Escape(name), "\""));
        absl::StrAppendFormat(text, "=hex(%x):", value.type());
        for (size_t i = 0; i < data->size(); ++i) {
          absl::StrAppendFormat(text, "%s%02x", i == 0 ? "" : ",",
                                static_cast<unsigned char>((*data)[i]));
        }
        *text += '\n';
        return true;
      },
      nullptr);
  PG_RETURN_IF_ERROR(status);
  const bool all_subkeys = key.VisitSubkeys(
      [&](const regf::Key& subkey) {
        status = AppendKey(subkey, absl::StrCat(path, "\\\\", Escape(subkey.name())), text);
        return status.ok();
      },
      nullptr);
  PG_RETURN_IF_ERROR(status);
  if (!all_values || !all_subkeys) return absl::DataLossError(absl::StrCat(path, ": damaged"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> WineRegistryText(const regf::Key& root, absl::string_view name) {
  std::string text;
  PG_RETURN_IF_ERROR(AppendKey(root, Escape(name), &text));
  return text;
}

}  // namespace patchgate::testdata
