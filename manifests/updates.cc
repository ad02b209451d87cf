#include "manifests/updates.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "manifests/nearest.h"
#include "manifests/text_proto.h"
#include "servicing/base/status_macros.h"

namespace patchgate {
namespace {

// manifests/updates.textproto as a raw string, made by the build.
constexpr char kBuiltIn[] =
#include "manifests/updates.inc"
    ;

constexpr absl::string_view kInstallationTypes[] = {"Client", "Server", "Server Core"};
constexpr absl::string_view kArchitectures[] = {"x64", "arm64", "x86"};

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return absl::ascii_isdigit(c); });
}

// A decimal number without signs and blanks.
bool ParseNumber(absl::string_view text, uint32_t* number) {
  return AllDigits(text) && absl::SimpleAtoi(text, number);
}

bool IsVersion(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  uint32_t number = 0;
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [&](absl::string_view part) {
           return ParseNumber(part, &number);
         });
}

bool IsDate(absl::string_view text) {
  absl::CivilDay day;
  return text.size() == 10 && absl::ParseCivilTime(text, &day) &&
         absl::FormatCivilTime(day) == text;
}

bool IsSha256(absl::string_view text) {
  constexpr size_t kDigits = 64;
  return text.size() == kDigits && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

bool IsFileName(absl::string_view name) {
  return !name.empty() && name.find_first_of(absl::string_view("/\\:\0", 4)) == name.npos;
}

bool IsVolumePath(absl::string_view path) {
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (!IsFileName(part) || part == "." || part == "..") return false;
  }
  return true;
}

template <size_t N>
absl::Status OneOf(absl::string_view where, absl::string_view what, absl::string_view value,
                   const absl::string_view (&known)[N]) {
  if (std::find(std::begin(known), std::end(known), value) != std::end(known)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      where, ": unknown ", what, " \"", value, "\"",
      DidYouMean(value, std::vector<std::string>(std::begin(known), std::end(known)))));
}

absl::Status CheckFile(absl::string_view where, const ExpectedFile& file) {
  const auto error = [&](auto... text) {
    return absl::InvalidArgumentError(absl::StrCat(where, ": ", text...));
  };
  if (file.name().empty() == file.path().empty()) {
    return error("a file has one of name and path; this one has ",
                 file.name().empty() ? "neither" : "both");
  }
  if (!file.name().empty() && !IsFileName(file.name())) {
    return error("name \"", file.name(), "\" is no file name");
  }
  if (!file.path().empty() && !IsVolumePath(file.path())) {
    return error("path \"", file.path(), "\" is none like Windows/System32/x.dll");
  }
  const std::string of = absl::StrCat("file ", file.name(), file.path(), ": ");
  if (file.version().empty() && file.sha256().empty() && file.size() == 0) {
    return error(of, "neither version nor sha256 nor size: nothing to compare");
  }
  if (!file.version().empty() && !IsVersion(file.version())) {
    return error(of, "version \"", file.version(), "\" has not four numbers");
  }
  if (!file.sha256().empty() && !IsSha256(file.sha256())) {
    return error(of, "sha256 \"", file.sha256(), "\" is not 64 lower-case hexadecimal digits");
  }
  if (!file.date().empty() && !IsDate(file.date())) {
    return error(of, "date \"", file.date(), "\" is none like 2025-12-09");
  }
  if (file.architecture().empty()) return absl::OkStatus();
  return OneOf(absl::StrCat(where, ": file ", file.name(), file.path()), "architecture",
               file.architecture(), kArchitectures);
}

std::string NameOf(const UpdateDescriptor& update) {
  return !update.kb().empty() ? update.kb() : absl::StrCat("\"", update.title(), "\"");
}

absl::Status CheckUpdate(absl::string_view what, const UpdateDescriptor& update) {
  const std::string where = absl::StrCat(what, ": update ", NameOf(update));
  const auto error = [&](auto... text) {
    return absl::InvalidArgumentError(absl::StrCat(where, ": ", text...));
  };
  if (!update.kb().empty() && ParseKbNumber(update.kb()) != update.kb()) {
    return error("kb is none like KB5072033");
  }
  if (update.kb().empty() && update.builds().empty()) return error("has neither kb nor builds");
  if (update.title().empty()) return error("has no title");
  if (update.kind() == UpdateDescriptor::KIND_UNSPECIFIED) return error("has no kind");
  if (!update.released().empty() && !IsDate(update.released())) {
    return error("released \"", update.released(), "\" is none like 2025-12-09");
  }
  std::set<std::string> builds;
  for (const std::string& build : update.builds()) {
    const auto level = ParsePatchLevel(build);
    if (!level || FormatPatchLevel(*level) != build) {
      return error("build \"", build, "\" is none like 26100.7462");
    }
    if (!builds.insert(build).second) return error("build ", build, " stands twice");
  }
  for (const std::string& type : update.installation_types()) {
    PG_RETURN_IF_ERROR(OneOf(where, "installation type", type, kInstallationTypes));
  }
  for (const ExpectedFile& file : update.files()) PG_RETURN_IF_ERROR(CheckFile(where, file));
  if (update.sources().empty()) return error("has no sources");
  if (update.trust() == UpdateDescriptor::TRUST_UNSPECIFIED) return error("has no trust");
  return absl::OkStatus();
}

absl::Status CheckFamily(absl::string_view what, const BinaryFamily& family) {
  const std::string where = absl::StrCat(what, ": family ", family.base());
  if (family.base() == 0) return absl::InvalidArgumentError(absl::StrCat(where, ": has no base"));
  for (const uint32_t build : family.builds()) {
    if (build <= family.base()) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": build ", build, " is not above the base"));
    }
  }
  if (family.builds().empty() || family.sources().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, ": has no ", family.builds().empty() ? "builds" : "sources"));
  }
  if (family.trust() == UpdateDescriptor::TRUST_UNSPECIFIED) {
    return absl::InvalidArgumentError(absl::StrCat(where, ": has no trust"));
  }
  return absl::OkStatus();
}

// Adds what is not there yet.
void Join(const google::protobuf::RepeatedPtrField<std::string>& from,
          google::protobuf::RepeatedPtrField<std::string>* to) {
  for (const std::string& text : from) {
    if (std::find(to->begin(), to->end(), text) == to->end()) *to->Add() = text;
  }
}

}  // namespace

absl::optional<PatchLevel> ParsePatchLevel(absl::string_view text) {
  text = text.substr(0, text.find(' '));
  std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.size() == 4 && parts[0] == "10" && parts[1] == "0") {
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  PatchLevel level;
  if (parts.size() != 2 || !ParseNumber(parts[0], &level.build) ||
      !ParseNumber(parts[1], &level.revision)) {
    return absl::nullopt;
  }
  return level;
}

std::string FormatPatchLevel(PatchLevel level) {
  return absl::StrCat(level.build, ".", level.revision);
}

std::string ParseKbNumber(absl::string_view text) {
  if (absl::StartsWithIgnoreCase(text, "KB")) text.remove_prefix(2);
  constexpr size_t kLeast = 6, kMost = 7;
  if (!AllDigits(text) || text.size() < kLeast || text.size() > kMost) return "";
  return absl::StrCat("KB", text);
}

absl::Status CheckUpdateSet(absl::string_view what, const UpdateSet& set) {
  std::set<std::string> kbs;
  for (const UpdateDescriptor& update : set.updates()) {
    PG_RETURN_IF_ERROR(CheckUpdate(what, update));
    if (!update.kb().empty() && !kbs.insert(update.kb()).second) {
      return absl::InvalidArgumentError(absl::StrCat(what, ": update ", update.kb(), " twice"));
    }
  }
  std::map<uint32_t, uint32_t> bases;
  for (const BinaryFamily& family : set.families()) {
    PG_RETURN_IF_ERROR(CheckFamily(what, family));
    for (const uint32_t build : family.builds()) {
      if (!bases.emplace(build, family.base()).second) {
        return absl::InvalidArgumentError(
            absl::StrCat(what, ": build ", build, " is in two families"));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<UpdateSet> ParseUpdateSet(absl::string_view what, absl::string_view text) {
  UpdateSet set;
  PG_RETURN_IF_ERROR(ParseTextProto(what, text, &set));
  PG_RETURN_IF_ERROR(CheckUpdateSet(what, set));
  return set;
}

absl::Status UpdateCatalog::Add(absl::string_view what, const UpdateSet& set) {
  for (const BinaryFamily& family : set.families()) {
    for (const uint32_t build : family.builds()) {
      const auto [it, is_new] = bases_.emplace(build, family.base());
      if (!is_new && it->second != family.base()) {
        return absl::InvalidArgumentError(absl::StrCat(what, ": family ", family.base(), ": build ",
                                                       build, " is known to be of family ",
                                                       it->second));
      }
    }
  }
  for (const UpdateDescriptor& update : set.updates()) {
    const auto known = update.kb().empty() ? by_kb_.end() : by_kb_.find(update.kb());
    if (known == by_kb_.end()) {
      if (!update.kb().empty()) by_kb_.emplace(update.kb(), updates_.size());
      updates_.push_back(update);
      continue;
    }
    UpdateDescriptor& joined = updates_[known->second];
    if (joined.kind() != update.kind()) {
      return absl::InvalidArgumentError(absl::StrCat(
          what, ": update ", update.kb(), ": kind ", UpdateDescriptor::Kind_Name(update.kind()),
          ", but it is known as ", UpdateDescriptor::Kind_Name(joined.kind())));
    }
    Join(update.builds(), joined.mutable_builds());
    Join(update.sources(), joined.mutable_sources());
    joined.mutable_files()->MergeFrom(update.files());
    if (joined.released().empty()) joined.set_released(update.released());
  }
  return absl::OkStatus();
}

const UpdateDescriptor* UpdateCatalog::FindKb(absl::string_view kb) const {
  const auto it = by_kb_.find(std::string(kb));
  return it == by_kb_.end() ? nullptr : &updates_[it->second];
}

uint32_t UpdateCatalog::Base(uint32_t build) const {
  const auto it = bases_.find(build);
  return it == bases_.end() ? build : it->second;
}

bool IsFor(const UpdateDescriptor& update, absl::string_view installation_type) {
  const auto& types = update.installation_types();
  return types.empty() || installation_type.empty() ||
         std::find(types.begin(), types.end(), installation_type) != types.end();
}

std::vector<const UpdateDescriptor*> UpdateCatalog::Find(
    PatchLevel level, absl::string_view installation_type) const {
  std::vector<const UpdateDescriptor*> found;
  for (const UpdateDescriptor& update : updates_) {
    if (update.kind() == UpdateDescriptor::SERVICING_STACK || !IsFor(update, installation_type)) {
      continue;
    }
    for (const std::string& build : update.builds()) {
      const auto brings = ParsePatchLevel(build);
      if (brings && Base(*brings) == Base(level)) {
        found.push_back(&update);
        break;
      }
    }
  }
  return found;
}

bool UpdateCatalog::IsHotpatch(PatchLevel level, absl::string_view installation_type) const {
  const auto updates = Find(level, installation_type);
  return !updates.empty() && std::all_of(updates.begin(), updates.end(), [](const auto* update) {
    return update->kind() == UpdateDescriptor::HOTPATCH;
  });
}

absl::StatusOr<UpdateCatalog> LoadBuiltInUpdates() {
  constexpr absl::string_view kWhat = "built-in updates";
  PG_ASSIGN_OR_RETURN(const UpdateSet set, ParseUpdateSet(kWhat, kBuiltIn));
  UpdateCatalog catalog;
  PG_RETURN_IF_ERROR(catalog.Add(kWhat, set));
  return catalog;
}

const UpdateCatalog& BuiltInUpdates() {
  // Never destroyed: nothing that ends late may find it gone.
  static const auto& catalog = *new UpdateCatalog(LoadBuiltInUpdates().value_or(UpdateCatalog()));
  return catalog;
}

}  // namespace patchgate
