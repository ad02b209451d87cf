#include "servicing/delta/dcm.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "servicing/base/status_macros.h"

namespace patchgate::delta {
namespace {

constexpr absl::string_view kDcm("DCM\x01", 4);

bool StartsLikeXml(absl::string_view text) {
  return absl::StartsWith(text, "<") || absl::StartsWith(text, "\xEF\xBB\xBF") ||
         absl::StartsWith(text, "\xFF\xFE") || absl::StartsWith(text, "\xFE\xFF");
}

}  // namespace

ManifestCoding CodingOf(absl::string_view file) {
  if (StartsLikeXml(file)) return ManifestCoding::kPlain;
  return absl::StartsWith(file, kDcm) ? ManifestCoding::kDcm : ManifestCoding::kOther;
}

absl::string_view WrapperName(absl::string_view file) {
  static constexpr struct {
    absl::string_view signature, name;
  } kWrappers[] = {{kDcm, "DCM"},
                   {absl::string_view("DCN\x01", 4), "DCN"},
                   {absl::string_view("DCD\x01", 4), "DCD"},
                   {absl::string_view("DCS\x01", 4), "DCS"},
                   {"DCH1", "DCH"},
                   {"PA30", "PA30"},
                   {"PA31", "PA31"},
                   {"PA19", "PA19"}};
  for (const auto& wrapper : kWrappers) {
    if (absl::StartsWith(file, wrapper.signature)) return wrapper.name;
  }
  return "";
}

absl::StatusOr<absl::string_view> DecodeManifest(absl::string_view file, absl::string_view base,
                                                 Pa30Decoder* decoder, std::string* buffer) {
  switch (CodingOf(file)) {
    case ManifestCoding::kPlain:
      return file;
    case ManifestCoding::kOther: {
      const absl::string_view name = WrapperName(file);
      if (!name.empty()) {
        return absl::UnimplementedError(absl::StrFormat("manifest: wrapper %s is not read", name));
      }
      return absl::DataLossError(
          absl::StrFormat("manifest: %u bytes that start with %s are neither XML nor DCM",
                          file.size(), absl::BytesToHexString(file.substr(0, kDcm.size()))));
    }
    case ManifestCoding::kDcm:
      break;
  }
  PG_RETURN_IF_ERROR(decoder->Apply(file.substr(kDcm.size()), base, kLargestManifest, buffer));
  if (!StartsLikeXml(*buffer)) {
    return absl::DataLossError(
        absl::StrFormat("manifest: decoded to %u bytes that start with %s: not XML, or made for "
                        "another base manifest",
                        buffer->size(), absl::BytesToHexString(buffer->substr(0, 4))));
  }
  return absl::string_view(*buffer);
}

}  // namespace patchgate::delta
