#include "servicing/cbs/pending_sources.h"

#include <algorithm>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "servicing/base/utf16.h"
#include "servicing/text/fields.h"
#include "servicing/text/section_file.h"

namespace patchgate::cbs {
namespace {

constexpr int kExamples = 20;
constexpr size_t kLongestPath = 32'767;  // Of Windows, in UTF-16 code units.

// FNV-1a: a path's hash comes by way of those of its folders. Two paths of one hash hide a missing
// source, which whoever writes the file can have cheaper.
constexpr uint64_t kHashStart = 0xCBF29CE484222325;
constexpr uint64_t kHashPrime = 0x100000001B3;
constexpr uint64_t kEmpty = 0x9E3779B97F4A7C15;  // Sets what is made empty apart.

uint64_t HashOn(uint64_t hash, absl::string_view part) {
  for (const char c : part) {
    hash = (hash ^ static_cast<unsigned char>(absl::ascii_toupper(c))) * kHashPrime;
  }
  return hash;
}

// Upper-cases what HashOn does not, into `buffer`.
absl::string_view ForHash(absl::string_view path, std::string* buffer) {
  for (const char c : path) {
    if (!absl::ascii_isascii(static_cast<unsigned char>(c))) return *buffer = UpcaseUtf8(path);
  }
  return path;
}

uint64_t HashOf(absl::string_view path) {
  std::string buffer;
  return HashOn(kHashStart, ForHash(path, &buffer));
}

// "PROGRA~1": which long name that is only the volume knows.
bool IsShortName(absl::string_view part) {
  constexpr size_t kLongestShortName = 12;
  const size_t tilde = part.find('~');
  return part.size() <= kLongestShortName && tilde != absl::string_view::npos &&
         tilde + 1 < part.size() && absl::ascii_isdigit(part[tilde + 1]);
}

}  // namespace

std::string OnSystemDrive(absl::string_view nt_path) {
  absl::string_view folder;
  if (absl::StartsWithIgnoreCase(nt_path, "\\SystemRoot\\")) {
    nt_path.remove_prefix(12);
    folder = "Windows\\";
  } else if (absl::StartsWithIgnoreCase(nt_path, "\\??\\C:\\")) {
    nt_path.remove_prefix(7);
  } else {
    return "";
  }
  if (nt_path.size() > kLongestPath) return "";
  // A stream, or a character that no file name has: the volume could not answer.
  if (nt_path.find_first_of(":/") != absl::string_view::npos) return "";
  for (const absl::string_view part : absl::StrSplit(nt_path, '\\')) {
    if (part.empty() || part == "." || part == ".." || IsShortName(part)) return "";
  }
  return absl::StrCat(folder, nt_path);
}

void PendingSources::Make(absl::string_view nt_path, bool empty) {
  if (overflow_) return;
  const std::string path = OnSystemDrive(nt_path);
  if (path.empty()) return;
  if (made_.size() >= kMostMade) {
    overflow_ = true;
    text::AddGap(facts_->mutable_collection(), "pending.xml",
                 absl::StrCat("makes more than ", kMostMade,
                              " files: no source of a later operation was looked up"));
    return;
  }
  made_.insert(HashOf(path) ^ (empty ? kEmpty : 0));
}

bool PendingSources::IsMade(absl::string_view path) const {
  const uint64_t hash = HashOf(path);
  return made_.contains(hash) || made_.contains(hash ^ kEmpty);
}

bool PendingSources::IsInsideMade(absl::string_view path) const {
  std::string buffer;
  uint64_t hash = kHashStart;
  for (const char& c : ForHash(path, &buffer)) {
    if (c == '\\' && made_.contains(hash)) return true;
    hash = HashOn(hash, absl::string_view(&c, 1));
  }
  return false;
}

void PendingSources::Need(absl::string_view nt_path, absl::string_view move_destination) {
  const std::string path = OnSystemDrive(nt_path);
  if (!path.empty() && IsMade(path)) return;
  facts_->set_sources_total(facts_->sources_total() + 1);
  if (path.empty() || volume_ == nullptr || overflow_) return;
  if (facts_->sources_checked() >= kMostLookups || listings_ >= kMostListings) return;
  Check(path, nt_path, move_destination);
}

void PendingSources::Check(const std::string& path, absl::string_view nt_path,
                           absl::string_view move_destination) {
  const Presence presence = Find(path);
  if (presence == Presence::kUnknown) return;
  if (presence == Presence::kMissing && IsInsideMade(path)) {
    facts_->set_sources_total(facts_->sources_total() - 1);
    return;
  }
  facts_->set_sources_checked(facts_->sources_checked() + 1);
  if (presence == Presence::kThere) return;
  if (!move_destination.empty()) {
    constexpr size_t kMostMissingMoves = 2'000;
    const std::string destination = OnSystemDrive(move_destination);
    if (destination.empty() || Find(destination) != Presence::kMissing ||
        missing_moves_.size() >= kMostMissingMoves) {
      facts_->set_moves_maybe_done(facts_->moves_maybe_done() + 1);
      return;
    }
    missing_moves_[HashOf(destination)] = text::Short(nt_path);
  }
  facts_->set_missing_sources_total(facts_->missing_sources_total() + 1);
  if (facts_->missing_sources_size() < kExamples) {
    facts_->add_missing_sources(text::Short(nt_path));
  }
}

void PendingSources::Remove(absl::string_view nt_path) {
  if (missing_moves_.empty()) return;
  const std::string path = OnSystemDrive(nt_path);
  const auto move = path.empty() ? missing_moves_.end() : missing_moves_.find(HashOf(path));
  if (move == missing_moves_.end()) return;
  facts_->set_missing_sources_total(facts_->missing_sources_total() - 1);
  facts_->set_moves_maybe_done(facts_->moves_maybe_done() + 1);
  auto* examples = facts_->mutable_missing_sources();
  examples->erase(std::remove(examples->begin(), examples->end(), move->second), examples->end());
  missing_moves_.erase(move);
}

PendingSources::Presence PendingSources::Find(absl::string_view path) {
  constexpr size_t kMostFolders = 4'096;
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '\\');
  std::string found;
  size_t end = 0;  // Of the part, in `path`.
  for (size_t i = 0; i < parts.size(); ++i) {
    end += parts[i].size() + (i == 0 ? 0 : 1);
    const bool is_folder = i + 1 < parts.size();
    const uint64_t hash = is_folder ? HashOf(path.substr(0, end)) : 0;
    if (is_folder) {
      const auto known = folders_.find(hash);
      if (known != folders_.end()) {
        if (known->second.empty()) return Presence::kMissing;
        found = known->second;
        continue;
      }
    }
    const std::string next = absl::StrCat(found, found.empty() ? "" : "/", parts[i]);
    const absl::StatusOr<evidence::FileInfo> info = volume_->Stat(next);
    // A link on the way, a folder that cannot be read: nobody can say.
    if (!info.ok() && !absl::IsNotFound(info.status())) return Presence::kUnknown;
    if (!info.ok() || info->name != parts[i]) ++listings_;
    found = info.ok() ? absl::StrCat(found, found.empty() ? "" : "/", info->name) : "";
    if (is_folder && folders_.size() < kMostFolders) folders_[hash] = found;
    if (!info.ok()) return Presence::kMissing;
  }
  return Presence::kThere;
}

}  // namespace patchgate::cbs
