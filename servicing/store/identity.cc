#include "servicing/store/identity.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace patchgate::store {
namespace {

constexpr uint64_t kMix = 0x1FFFFFFF7;

// One hash of a text, its letters folded to lower case: four interleaved lanes, then mixed.
uint64_t TextHash(absl::string_view text) {
  uint32_t lanes[4] = {0, 0, 0, 0};
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(absl::ascii_tolower(text[i]));
    lanes[i % 4] = c + 0x1003Fu * lanes[i % 4];
  }
  return lanes[0] * 0x1E5FFFFFD27u + lanes[1] * 0xFFFFFFDC00000051u + lanes[2] * kMix + lanes[3];
}

class Hasher {
 public:
  void Add(absl::string_view attribute, absl::string_view value) {
    hash_ = hash_ * kMix + TextHash(attribute) * kMix + TextHash(value);
  }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 0;
};

bool IsNeutral(const Identity& identity) {
  return identity.culture.empty() || absl::EqualsIgnoreCase(identity.culture, "neutral");
}

uint64_t Hash(const Identity& identity, bool with_version) {
  Hasher hasher;
  const auto add = [&](absl::string_view attribute, absl::string_view value) {
    if (!value.empty()) hasher.Add(attribute, value);
  };
  add("name", identity.name);
  if (!IsNeutral(identity)) add("culture", identity.culture);
  add("type", identity.type);
  if (with_version) add("version", identity.version);
  add("publickeytoken", identity.public_key_token);
  add("processorarchitecture", identity.architecture);
  add("versionscope", identity.version_scope);
  return hasher.hash();
}

// Appends `text` in lower case without blanks and parentheses; if that is longer than `limit`, its
// first and its last characters with ".." between them.
void AppendName(absl::string_view text, size_t limit, std::string* out) {
  const size_t start = out->size();
  for (const char c : text) {
    if (c != ' ' && c != '(' && c != ')') out->push_back(absl::ascii_tolower(c));
  }
  const size_t size = out->size() - start;
  if (size <= limit) return;
  const size_t half = (limit - 2) / 2;
  out->replace(start + half, size - 2 * half, "..");
}

constexpr size_t kComponentName = 40;
constexpr size_t kDeploymentName = 24;
constexpr size_t kCulture = 8;

void AppendCulture(const Identity& identity, std::string* out) {
  AppendName(IsNeutral(identity) ? "none" : identity.culture, kCulture, out);
}

// An identity is ASCII without control characters (measured on all 28,069 of a real store).
size_t FirstStrangeCharacter(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(text[i]))) return i;
  }
  return absl::string_view::npos;
}

}  // namespace

absl::StatusOr<Identity> ParseIdentity(absl::string_view text) {
  if (const size_t at = FirstStrangeCharacter(text); at != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("identity has byte 0x", absl::Hex(static_cast<unsigned char>(text[at])),
                     " at offset ", at, ": \"", absl::CHexEscape(text), "\""));
  }
  Identity identity;
  const std::pair<absl::string_view, absl::string_view*> kAttributes[] = {
      {"Culture", &identity.culture},
      {"Type", &identity.type},
      {"Version", &identity.version},
      {"PublicKeyToken", &identity.public_key_token},
      {"ProcessorArchitecture", &identity.architecture},
      {"versionScope", &identity.version_scope},
  };
  const auto invalid = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("identity ", what, ": \"", text, "\""));
  };
  bool first = true;
  for (absl::string_view part : absl::StrSplit(text, ", ")) {
    if (std::exchange(first, false)) {
      identity.name = part;
      continue;
    }
    const size_t equals = part.find('=');
    const absl::string_view attribute = part.substr(0, equals);
    absl::string_view* value = nullptr;
    for (const auto& [name, field] : kAttributes) {
      if (absl::EqualsIgnoreCase(name, attribute)) value = field;
    }
    if (equals == absl::string_view::npos || value == nullptr) {
      return invalid(absl::StrCat("attribute \"", part, "\" is not known"));
    }
    if (!value->empty()) return invalid(absl::StrCat("has attribute ", attribute, " twice"));
    *value = part.substr(equals + 1);
    if (value->empty()) return invalid(absl::StrCat("attribute ", attribute, " is empty"));
  }
  if (identity.name.empty()) return invalid("has no name");
  if (identity.version.empty()) return invalid("has no version");
  return identity;
}

std::string FormatIdentity(const Identity& identity) {
  std::string text(identity.name);
  const auto add = [&](absl::string_view attribute, absl::string_view value) {
    if (!value.empty()) absl::StrAppend(&text, ", ", attribute, "=", value);
  };
  add("Culture", identity.culture.empty() ? "neutral" : identity.culture);
  add("Type", identity.type);
  add("Version", identity.version);
  add("PublicKeyToken", identity.public_key_token);
  add("ProcessorArchitecture", identity.architecture);
  const bool non_sxs = absl::EqualsIgnoreCase(identity.version_scope, "NonSxS");
  add("versionScope", non_sxs ? "NonSxS" : identity.version_scope);
  return text;
}

uint64_t IdentityHash(const Identity& identity) { return Hash(identity, true); }

std::string ComponentKey(const Identity& identity) {
  std::string key;
  key.reserve(128);
  AppendName(identity.architecture, kComponentName, &key);
  key.push_back('_');
  AppendName(identity.name, kComponentName, &key);
  absl::StrAppend(&key, "_", identity.public_key_token, "_", identity.version, "_");
  AppendCulture(identity, &key);
  absl::StrAppend(&key, "_", absl::Hex(Hash(identity, true), absl::kZeroPad16));
  return key;
}

std::string DeploymentKey(const Identity& identity) {
  std::string key;
  key.reserve(96);
  AppendName(identity.name, kDeploymentName, &key);
  absl::StrAppend(&key, "_", identity.public_key_token, "_", identity.version, "_",
                  absl::Hex(Hash(identity, true), absl::kZeroPad16));
  return key;
}

std::string FamilyKey(const Identity& identity) {
  std::string key;
  key.reserve(112);
  AppendName(identity.architecture, kComponentName, &key);
  key.push_back('_');
  AppendName(identity.name, kComponentName, &key);
  absl::StrAppend(&key, "_", identity.public_key_token, "_");
  AppendCulture(identity, &key);
  absl::StrAppend(&key, "_", absl::Hex(Hash(identity, false), absl::kZeroPad16));
  return key;
}

absl::string_view VersionOfKey(absl::string_view key) {
  // hash, culture and version stand last; a name may hold '_' itself.
  for (int i = 0; i < 2; ++i) {
    const size_t cut = key.rfind('_');
    if (cut == absl::string_view::npos) return "";
    key.remove_suffix(key.size() - cut);
  }
  const size_t cut = key.rfind('_');
  return cut == absl::string_view::npos ? "" : key.substr(cut + 1);
}

absl::string_view ArchitectureOfKey(absl::string_view key) {
  const size_t cut = key.find('_');
  return cut == absl::string_view::npos ? "" : key.substr(0, cut);
}

absl::optional<std::array<uint32_t, 4>> ParseVersion(absl::string_view text) {
  std::array<uint32_t, 4> version = {};
  size_t parts = 0;
  for (const absl::string_view part : absl::StrSplit(text.substr(0, text.find(' ')), '.')) {
    if (parts == version.size() || !absl::SimpleAtoi(part, &version[parts])) return absl::nullopt;
    ++parts;
  }
  if (parts != version.size()) return absl::nullopt;
  return version;
}

}  // namespace patchgate::store
