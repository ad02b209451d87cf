#include "gate/cli/inspect_manifest.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servicing/base/filetime.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/delta/dcm.h"
#include "servicing/delta/delta.h"
#include "servicing/digest/digest.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/store/base_manifest.h"
#include "servicing/store/identity.h"
#include "servicing/store/manifest.h"

namespace patchgate::cli {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kDcmSignature("DCM\x01", 4);

// The name of the first element of an XML document, without its prefix.
absl::string_view RootElement(absl::string_view xml) {
  for (;;) {
    xml = absl::StripLeadingAsciiWhitespace(xml);
    absl::string_view end;
    if (absl::StartsWith(xml, "<?")) {
      end = "?>";
    } else if (absl::StartsWith(xml, "<!--")) {
      end = "-->";
    } else {
      break;
    }
    const size_t at = xml.find(end);
    if (at == absl::string_view::npos) return "";
    xml.remove_prefix(at + end.size());
  }
  if (!absl::StartsWith(xml, "<")) return "";
  xml = xml.substr(1, xml.find_first_of(" \t\r\n/>") - 1);
  const size_t colon = xml.find(':');
  return colon == absl::string_view::npos ? xml : xml.substr(colon + 1);
}

struct Base {
  std::string bytes;
  std::string from;  // Path that it was read from.
};

// ---------------------------------------------------------------- the base manifest

absl::StatusOr<Base> BaseOfFile(const std::string& path) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::File> file, evidence::OpenNativeFile(path));
  if (!absl::StartsWith(file->bytes(), "MZ")) return Base{std::string(file->bytes()), path};
  const absl::StatusOr<absl::string_view> base = store::FindBaseManifest(file->bytes());
  if (!base.ok()) {
    return absl::Status(base.status().code(), absl::StrCat(path, ": ", base.status().message()));
  }
  return Base{std::string(*base), path};
}

// The base manifest of the store that `manifest` lies in.
absl::StatusOr<Base> BaseBeside(const std::string& manifest) {
  constexpr absl::string_view kHow =
      "; name one with --base FILE, a wcp.dll or what its resource 614 holds";
  std::error_code error;
  const fs::path folder = fs::absolute(fs::u8path(manifest), error).parent_path();
  const fs::path store = folder.parent_path();
  if (error || !NamesEqual(folder.filename().u8string(), "Manifests") ||
      !NamesEqual(store.filename().u8string(), "WinSxS")) {
    return absl::NotFoundError(
        absl::StrCat("no base manifest: the file does not lie in a folder WinSxS/Manifests", kHow));
  }
  PG_ASSIGN_OR_RETURN(const std::vector<evidence::FileInfo> entries,
                      evidence::ListNativeDirectory(store.u8string()));
  std::vector<std::string> stacks;
  for (const evidence::FileInfo& entry : entries) {
    const std::string name = absl::AsciiStrToLower(entry.name);
    if (entry.is_directory && absl::StrContains(name, "_microsoft-windows-servicingstack_")) {
      stacks.push_back(entry.name);
    }
  }
  const auto older = [](const std::string& a, const std::string& b) {
    return store::ParseVersion(store::VersionOfKey(a)) <
           store::ParseVersion(store::VersionOfKey(b));  // What is no version comes first.
  };
  std::stable_sort(stacks.begin(), stacks.end(), older);
  absl::Status last = absl::NotFoundError("no servicing stack in the folder WinSxS");
  for (auto stack = stacks.rbegin(); stack != stacks.rend(); ++stack) {
    absl::StatusOr<Base> base = BaseOfFile((store / fs::u8path(*stack) / "wcp.dll").u8string());
    if (base.ok()) return base;
    last = base.status();
  }
  return absl::NotFoundError(absl::StrCat("no base manifest: ", last.message(), kHow));
}

absl::StatusOr<Base> FindBase(const std::string& manifest, const std::string& base) {
  return base.empty() ? BaseBeside(manifest) : BaseOfFile(base);
}

// ---------------------------------------------------------------- facts

std::string HashName(uint32_t algorithm) {
  switch (algorithm) {
    case delta::kHashNone:
      return "none";
    case delta::kHashMd5:
      return "MD5";
    case delta::kHashSha1:
      return "SHA-1";
    case delta::kHashSha256:
      return "SHA-256";
    default:
      return absl::StrFormat("0x%x", algorithm);
  }
}

void Fill(const delta::Pa30Header& header, DeltaInspection* out) {
  out->set_target_size(header.target_size);
  out->set_hash_algorithm(HashName(header.hash_algorithm));
  out->set_target_hash(digest::ToHex(header.target_hash));
  out->set_flags(absl::StrFormat("0x%x", header.flags));
  out->set_file_type_set(absl::StrFormat("0x%x", header.file_type_set));
  out->set_file_type(absl::StrFormat("0x%x", header.file_type));
  out->set_target_time(FormatFileTime(header.target_time));
}

absl::Status FillDecoded(absl::string_view xml, const std::string& file, ManifestInspection* out) {
  out->set_decoded_size(xml.size());
  out->set_decoded_sha256(digest::ToHex(digest::Sha256(xml)));
  store::Manifest manifest;
  PG_RETURN_IF_ERROR(store::ReadManifest(xml, &manifest));
  out->set_identity(CleanUtf8(manifest.identity));
  out->set_key(CleanUtf8(manifest.key));
  out->set_key_is_file_name(
      NamesEqual(fs::u8path(file).filename().u8string(), absl::StrCat(manifest.key, ".manifest")));
  for (const store::ManifestFile& one : manifest.files) {
    ManifestFileInspection* item = out->add_files();
    item->set_name(CleanUtf8(one.name));
    item->set_destination(CleanUtf8(one.destination));
    item->set_sha256(digest::ToHex(one.sha256));
    item->set_writable(one.writable);
  }
  return absl::OkStatus();
}

}  // namespace

bool LooksLikeManifest(absl::string_view bytes, absl::string_view beginning) {
  return !delta::WrapperName(bytes).empty() || RootElement(beginning) == "assembly";
}

absl::StatusOr<ManifestInspection> InspectManifest(const std::string& file, absl::string_view bytes,
                                                   const std::string& base) {
  ManifestInspection out;
  out.set_type("manifest");
  out.set_file(CleanUtf8(file));
  out.set_size(bytes.size());
  const delta::ManifestCoding coding = delta::CodingOf(bytes);
  out.set_coding(coding == delta::ManifestCoding::kPlain ? "plain"
                                                         : std::string(delta::WrapperName(bytes)));
  Base found;
  if (coding == delta::ManifestCoding::kDcm) {
    const auto header = delta::ReadPa30Header(bytes.substr(kDcmSignature.size()));
    if (!header.ok()) {
      out.set_error(CleanUtf8(header.status().message()));
      return out;
    }
    Fill(*header, out.mutable_delta());
    absl::StatusOr<Base> result = FindBase(file, base);
    if (!result.ok()) {
      if (!base.empty()) return result.status();
      out.set_error(CleanUtf8(result.status().message()));
      return out;
    }
    found = *std::move(result);
    out.set_base(CleanUtf8(found.from));
    out.set_base_sha256(digest::ToHex(digest::Sha256(found.bytes)));
  }
  delta::Pa30Decoder decoder;
  std::string buffer;
  const absl::StatusOr<absl::string_view> xml =
      delta::DecodeManifest(bytes, found.bytes, &decoder, &buffer);
  const absl::Status status = xml.ok() ? FillDecoded(*xml, file, &out) : xml.status();
  if (!status.ok()) out.set_error(CleanUtf8(status.message()));
  return out;
}

absl::StatusOr<std::string> DecodedManifest(const std::string& file, absl::string_view bytes,
                                            const std::string& base) {
  Base found;
  if (delta::CodingOf(bytes) == delta::ManifestCoding::kDcm) {
    PG_ASSIGN_OR_RETURN(found, FindBase(file, base));
  }
  delta::Pa30Decoder decoder;
  std::string buffer;
  PG_ASSIGN_OR_RETURN(const absl::string_view xml,
                      delta::DecodeManifest(bytes, found.bytes, &decoder, &buffer));
  return std::string(xml);
}

}  // namespace patchgate::cli
