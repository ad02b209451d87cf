#include "servicing/store/manifest.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "servicing/store/identity.h"
#include "servicing/xml/xml_stream.h"

namespace patchgate::store {
namespace {

using absl::string_view;

constexpr size_t kSha256Size = 32;
// A SHA-256 in base64 has 44 characters; a text much longer than that is none.
constexpr size_t kLongestDigest = 256;

// Manifests declare their prefixes as they like ("asmv2:hash", "hash", "cmiv2:sourceName"), so
// names count without them.
string_view LocalName(string_view name) {
  const size_t colon = name.find(':');
  return colon == string_view::npos ? name : name.substr(colon + 1);
}

// The attribute without a prefix, else one with any; empty if there is none.
string_view Attribute(const std::vector<xml::Attribute>& attributes, string_view name) {
  string_view prefixed;
  for (const xml::Attribute& attribute : attributes) {
    if (attribute.name == name) return attribute.value;
    if (LocalName(attribute.name) == name && !absl::StartsWith(attribute.name, "xmlns:")) {
      prefixed = attribute.value;
    }
  }
  return prefixed;
}

// Reads
//   assembly
//     assemblyIdentity                         the first; those deeper down name other assemblies
//     file
//       hash
//         Transforms / Transform               of the plain bytes if all are the identity
//         DigestMethod, DigestValue
class ManifestHandler : public xml::Handler {
 public:
  explicit ManifestHandler(Manifest* manifest) : manifest_(manifest) {}

  bool OnStart(string_view element, const std::vector<xml::Attribute>& attributes) override {
    const string_view name = LocalName(element);
    switch (++depth_) {
      case 1:
        return name == "assembly";
      case 2:
        in_file_ = name == "file" && StartFile(attributes);
        if (name == "assemblyIdentity" && !has_identity_) return TakeIdentity(attributes);
        break;
      case 3:
        in_hash_ = in_file_ && name == "hash";
        if (in_hash_) hash_ = Hash();
        break;
      case 4:
        if (!in_hash_) break;
        in_transforms_ = name == "Transforms";
        in_digest_ = name == "DigestValue";
        if (name == "DigestMethod") {
          // "http://www.w3.org/2000/09/xmldsig#sha256", which is not the URI of the standard.
          hash_.is_sha256 = absl::EndsWith(Attribute(attributes, "Algorithm"), "#sha256");
        }
        break;
      case 5:
        if (in_hash_ && in_transforms_ && name == "Transform") {
          const bool plain = Attribute(attributes, "Algorithm") ==
                             "urn:schemas-microsoft-com:HashTransforms.Identity";
          (plain ? hash_.has_identity_transform : hash_.has_other_transform) = true;
        }
        break;
    }
    return true;
  }

  bool OnEnd(string_view /*element*/) override {
    switch (depth_--) {
      case 3:
        if (in_hash_) TakeHash();
        in_hash_ = false;
        break;
      case 4:
        in_transforms_ = in_digest_ = false;
        break;
    }
    return true;
  }

  void OnText(string_view text) override {
    if (in_digest_ && depth_ == 4 && hash_.digest.size() <= kLongestDigest) {
      absl::StrAppend(&hash_.digest, text.substr(0, kLongestDigest));
    }
  }
  bool wants_text() const override { return true; }

  // Empty if the manifest is one.
  string_view error() const {
    return has_identity_ ? error_ : "no assemblyIdentity directly below assembly";
  }
  size_t files() const { return files_; }

 private:
  struct Hash {
    bool has_identity_transform = false;
    bool has_other_transform = false;
    bool is_sha256 = false;
    std::string digest;  // As written.
  };

  bool TakeIdentity(const std::vector<xml::Attribute>& attributes) {
    Identity identity;
    identity.name = Attribute(attributes, "name");
    identity.culture = Attribute(attributes, "language");
    identity.type = Attribute(attributes, "type");
    identity.version = Attribute(attributes, "version");
    identity.public_key_token = Attribute(attributes, "publicKeyToken");
    identity.architecture = Attribute(attributes, "processorArchitecture");
    identity.version_scope = Attribute(attributes, "versionScope");
    has_identity_ = true;
    if (identity.name.empty() || identity.version.empty()) {
      error_ = "assemblyIdentity without a name or a version";
      return false;
    }
    manifest_->identity = FormatIdentity(identity);
    manifest_->key = ComponentKey(identity);
    return true;
  }

  // False if the file has no name. In the component's folder it is called by `name`: `sourceName`
  // is what it was called where Windows was built, and "" for comctl32.dll of Common-Controls.
  bool StartFile(const std::vector<xml::Attribute>& attributes) {
    if (Attribute(attributes, "name").empty()) return false;
    if (files_ == manifest_->files.size()) manifest_->files.emplace_back();
    ManifestFile& file = manifest_->files[files_++];
    const auto assign = [&](string_view attribute, std::string* to) {
      const string_view value = Attribute(attributes, attribute);
      to->assign(value.data(), value.size());
    };
    assign("name", &file.name);
    assign("destinationPath", &file.destination);
    file.sha256.clear();
    // "" and "static" are static files ("In-Box VSS Writers", System Writer).
    const string_view writable = Attribute(attributes, "writeableType");
    file.writable = !writable.empty() && !absl::EqualsIgnoreCase(writable, "static");
    return true;
  }

  void TakeHash() {
    ManifestFile& file = manifest_->files[files_ - 1];
    if (!hash_.has_identity_transform || hash_.has_other_transform || !hash_.is_sha256) return;
    std::string digest;
    if (!file.sha256.empty() || !absl::Base64Unescape(hash_.digest, &digest)) return;
    if (digest.size() == kSha256Size) file.sha256 = std::move(digest);
  }

  Manifest* manifest_;
  int depth_ = 0;
  bool has_identity_ = false;
  string_view error_;
  bool in_file_ = false, in_hash_ = false, in_transforms_ = false, in_digest_ = false;
  size_t files_ = 0;
  Hash hash_;
};

// Where a variable leads, on a volume whose Windows is 64-bit.
struct Variable {
  const char* name;
  const char* native;  // For components of the host's own architecture.
  const char* wow;     // For 32-bit ones; nullptr if that is not known.
};

constexpr char kX86[] = "Program Files (x86)";
constexpr char kX86Common[] = "Program Files (x86)/Common Files";
constexpr char kStartMenu[] = "ProgramData/Microsoft/Windows/Start Menu";

// A projection that is looked for in the wrong place is damage that is not there. So the table has
// only what two independent public sources agree on and none contradicts:
//   D  SafeBreach-Labs/WindowsDowndate, windows_downdate/manifest_utils.py
//   W  wine, programs/wusa/main.c: lookup_expression(), with 32-bit components
//   S  SystemPackage.cs of a public component remover: TranslateVariables(), with 32-bit ones
//   P  DigLib, Utils.cs, on Microsoft.Composition.Packaging: RuntimePaths
// Microsoft's Windows Universal OEM Package Schema names more of them without saying where they
// lead: $(runtime.system), appPatch, sysWow64, mui, commonFilesX86, userProfile, sharedData, apps.
constexpr Variable kVariables[] = {
    {"runtime.system32", "Windows/System32", "Windows/SysWOW64"},        // D W S P
    {"runtime.wbem", "Windows/System32/wbem", "Windows/SysWOW64/wbem"},  // D W S
    {"runtime.drivers", "Windows/System32/drivers", nullptr},            // D W S P
    {"runtime.windows", "Windows", "Windows"},                           // D W S P
    {"runtime.systemroot", "Windows", "Windows"},                        // D S
    {"runtime.windir", "Windows", "Windows"},                            // D S
    {"runtime.inf", "Windows/INF", "Windows/INF"},                       // D W S P
    {"runtime.fonts", "Windows/Fonts", "Windows/Fonts"},                 // D W S
    {"runtime.help", "Windows/Help", "Windows/Help"},                    // D S
    {"runtime.programfiles", "Program Files", kX86},                     // D W S P
    {"runtime.programfilesx86", kX86, kX86},                             // D W P
    {"runtime.commonfiles", "Program Files/Common Files", kX86Common},   // D W S
    {"runtime.programdata", "ProgramData", "ProgramData"},               // D W S
    {"runtime.startmenu", kStartMenu, kStartMenu},                       // D S
    {"runtime.public", "Users/Public", "Users/Public"},                  // D S
    {"runtime.bootdrive", "", ""},                                       // D S P
};

// Folders that the documentation of WOW64's "File System Redirector" excepts from redirection:
// whether a 32-bit component's files for $(runtime.system32) go below SysWOW64 there is not known.
constexpr string_view kNotRedirected[] = {"catroot", "catroot2", "driverstore",
                                          "drivers", "logfiles", "spool"};

enum class Bitness { kNative, kWow, kUnknown };

// W has msil components go where native ones do; S tells amd64 from everything else only.
Bitness BitnessOf(string_view architecture) {
  for (const string_view wow : {"wow64", "x86"}) {
    if (absl::EqualsIgnoreCase(architecture, wow)) return Bitness::kWow;
  }
  for (const string_view native : {"amd64", "arm64", "msil"}) {
    if (absl::EqualsIgnoreCase(architecture, native)) return Bitness::kNative;
  }
  return Bitness::kUnknown;
}

const char* Expand(const Variable& variable, Bitness bitness) {
  switch (bitness) {
    case Bitness::kNative:
      return variable.native;
    case Bitness::kWow:
      return variable.wow;
    case Bitness::kUnknown:
      break;
  }
  const bool same = variable.wow != nullptr && string_view(variable.wow) == variable.native;
  return same ? variable.native : nullptr;
}

// May a part of a path be named so on Windows, and mean what it says? Not "..", "c:", "%x%" or
// "$(x)", nor what Windows would silently cut a dot or a blank off.
bool IsPlainName(string_view part) {
  if (part.back() == '.' || part.back() == ' ' || absl::StrContains(part, "$(")) return false;
  for (const char c : part) {
    const bool special = string_view("<>:\"|?*%").find(c) != string_view::npos;
    if (special || absl::ascii_iscntrl(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// Appends the parts of `text` to `path`; false if one is not plain.
bool AppendParts(string_view text, std::string* path) {
  for (const string_view part : absl::StrSplit(text, absl::ByAnyChar("/\\"), absl::SkipEmpty())) {
    if (!IsPlainName(part)) return false;
    absl::StrAppend(path, path->empty() ? "" : "/", part);
  }
  return true;
}

}  // namespace

absl::Status ReadManifest(string_view xml, Manifest* manifest) {
  ManifestHandler handler(manifest);
  absl::Status status = xml::Parse(xml, &handler);
  if (status.ok() && !handler.error().empty()) {
    status = absl::InvalidArgumentError(
        absl::StrCat("manifest of ", xml.size(), " bytes: ", handler.error()));
  }
  manifest->files.resize(status.ok() ? handler.files() : 0);
  if (!status.ok()) *manifest = Manifest();
  return status;
}

absl::optional<std::string> ProjectedPath(string_view destination, string_view name,
                                          string_view architecture) {
  const size_t end = destination.find(')');
  if (end == string_view::npos || !absl::ConsumePrefix(&destination, "$(")) return absl::nullopt;
  const string_view variable_name = destination.substr(0, end - 2);
  const string_view rest = destination.substr(end - 1);
  if (!rest.empty() && rest[0] != '\\' && rest[0] != '/') return absl::nullopt;
  const Bitness bitness = BitnessOf(architecture);
  const char* start = nullptr;
  for (const Variable& variable : kVariables) {
    if (absl::EqualsIgnoreCase(variable.name, variable_name)) start = Expand(variable, bitness);
  }
  if (start == nullptr) return absl::nullopt;
  std::string path(start);
  if (!AppendParts(rest, &path)) return absl::nullopt;
  const size_t folder = path.size();
  if (!AppendParts(name, &path) || path.size() == folder) return absl::nullopt;
  constexpr string_view kSysWow64 = "Windows/SysWOW64/";
  if (absl::StartsWith(path, kSysWow64)) {
    const string_view below = string_view(path).substr(kSysWow64.size());
    for (const string_view excepted : kNotRedirected) {
      if (absl::EqualsIgnoreCase(below.substr(0, below.find('/')), excepted)) return absl::nullopt;
    }
  }
  return path;
}

}  // namespace patchgate::store
