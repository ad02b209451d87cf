#include "servicing/pe/version_builder.h"

#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/pe/version_format.h"

namespace patchgate::pe {
namespace {

namespace vb = version_block;
namespace ffi = fixed_file_info;

void Align(std::string* out) {
  out->resize((out->size() + vb::kAlignment - 1) / vb::kAlignment * vb::kAlignment);
}

// Parts that are missing are 0.
void StoreVersion(absl::string_view version, char* at) {
  std::array<uint32_t, 4> parts = {};
  size_t i = 0;
  for (const absl::string_view part : absl::StrSplit(version, '.')) {
    if (i < parts.size() && !absl::SimpleAtoi(part, &parts[i++])) parts[i - 1] = 0;
  }
  StoreLe32(at, parts[0] << 16 | (parts[1] & 0xFFFF));
  StoreLe32(at + 4, parts[2] << 16 | (parts[3] & 0xFFFF));
}

std::string FixedFileInfo(const VersionInfo& info) {
  constexpr uint32_t kNtWindows32 = 0x40004, kDll = 2;
  if (info.file_version.empty()) return "";
  std::string fixed(ffi::kSize, '\0');
  StoreLe32(&fixed[ffi::kSignature], ffi::kSignatureValue);
  StoreLe32(&fixed[ffi::kStructureVersion], 0x10000);
  StoreVersion(info.file_version, &fixed[ffi::kFileVersion]);
  StoreVersion(info.product_version.empty() ? info.file_version : info.product_version,
               &fixed[ffi::kProductVersion]);
  StoreLe32(&fixed[ffi::kFlagsMask], 0x3F);
  StoreLe32(&fixed[ffi::kOs], kNtWindows32);
  StoreLe32(&fixed[ffi::kType], kDll);
  return fixed;
}

std::string StringBlock(absl::string_view name, absl::string_view text) {
  std::string value = Utf8ToUtf16Le(text);
  value.append(2, '\0');
  return VersionBlock(name, vb::kText, static_cast<uint16_t>(value.size() / 2), value, {});
}

}  // namespace

std::string VersionBlock(absl::string_view key, uint16_t type, uint16_t value_length,
                         absl::string_view value, const std::vector<std::string>& inner) {
  std::string block(vb::kHeaderSize, '\0');
  block += Utf8ToUtf16Le(key);
  block.append(2, '\0');
  if (!value.empty()) {
    Align(&block);
    absl::StrAppend(&block, value);
  }
  for (const std::string& one : inner) {
    Align(&block);
    block += one;
  }
  StoreLe16(&block[vb::kLength], static_cast<uint16_t>(block.size()));
  StoreLe16(&block[vb::kValueLength], value_length);
  StoreLe16(&block[vb::kType], type);
  return block;
}

std::string BuildVersionResource(const VersionInfo& info) {
  const std::string fixed = FixedFileInfo(info);
  std::vector<std::string> inner;
  if (!info.texts.empty()) {
    std::vector<std::string> strings;
    for (const auto& [name, text] : info.texts) strings.push_back(StringBlock(name, text));
    inner.push_back(VersionBlock("StringFileInfo", vb::kText, 0, "",
                                 {VersionBlock("040904B0", vb::kText, 0, "", strings)}));
    const absl::string_view english_unicode("\x09\x04\xB0\x04", 4);
    inner.push_back(VersionBlock("VarFileInfo", vb::kText, 0, "",
                                 {VersionBlock("Translation", 0, 4, english_unicode, {})}));
  }
  return VersionBlock("VS_VERSION_INFO", 0, static_cast<uint16_t>(fixed.size()), fixed, inner);
}

std::string BuildVersionedImage(absl::string_view version, const PeBuilder::Options& options) {
  VersionInfo info;
  info.file_version = std::string(version);
  info.texts = {{"CompanyName", "Microsoft Corporation"},
                {"FileVersion", absl::StrCat(version, " (WinBuild.160101.0800)")}};
  return PeBuilder(options)
      .AddResource(kVersionResourceType, kVersionResourceId, 0x409, BuildVersionResource(info))
      .Build();
}

}  // namespace patchgate::pe
