#include "gate/patch_state.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/images.h"
#include "gate/numbers.h"
#include "gate/patch_evidence.h"
#include "servicing/base/clean_strings.h"
#include "servicing/base/filetime.h"
#include "servicing/base/utf16.h"
#include "servicing/base/version.h"
#include "servicing/boot/stack_library.h"
#include "servicing/history/package_name.h"
#include "servicing/history/package_state.h"

namespace patchgate::gate {
namespace {

constexpr char kCurrentVersion[] = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
constexpr char kCbs[] = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\";
constexpr size_t kNamesShown = 5;
constexpr size_t kMostPackages = 8;  // Of one kind that become claims, newest first.
// Files are often built some revisions before the update that brings them: 19041.5129 with
// 19045.5131, 26100.8036 with 26200.8037.
constexpr uint32_t kBuiltBefore = 10;
// No Windows rose by so many revisions in its life: what is so far apart is of two lines, as Server
// 2025, 26100.32230, and Windows 11, 26100.7623, are.
constexpr uint32_t kOtherLine = 20000;
// Servers have hotpatches too, of which the table knows none.
constexpr uint32_t kServerHotpatchBuild = 20348;

std::string VersionText(PatchLevel level) { return absl::StrCat("10.0.", FormatPatchLevel(level)); }

std::string Files(size_t n) { return Amount(n, "file", "files"); }

bool HasName(const PatchFile& file, absl::string_view upper_name) {
  return absl::EndsWith(file.key, absl::StrCat("/", upper_name));
}

bool IsCumulative(UpdateDescriptor::Kind kind) {
  return kind != UpdateDescriptor::SERVICING_STACK && kind != UpdateDescriptor::OTHER &&
         kind != UpdateDescriptor::KIND_UNSPECIFIED;
}

// A claim of a level, with its place in the result.
struct Claim {
  int index;         // In PatchState.claims.
  PatchLevel level;  // Of the base build.
  // The host is at this level, not at a later one: UBR, LCUVer.
  bool exact;
  // What it says now, so that a file newer than everything speaks against it.
  bool current;
};

class Judge {
 public:
  Judge(const Snapshot& snapshot, const Timeline& timeline, const UpdateCatalog& updates,
        const absl::optional<PatchTarget>& target)
      : snapshot_(snapshot),
        timeline_(timeline),
        updates_(updates),
        target_(target),
        files_(snapshot, updates) {}

  PatchState Run() {
    DescribeHost();
    DescribeFiles();
    AddTarget();
    AddUbr();
    AddLcuVer();
    AddRollups();
    AddHistory();
    for (const Claim& claim : claims_) JudgeLevel(claim);
    AddStack();
    FindProblems();
    FindDisagreements();
    Conclude();
    CleanStrings(&state_);
    return std::move(state_);
  }

 private:
  void DescribeHost();
  void CollectKnownLevels();
  void DescribeFiles();
  void AddTarget();
  void AddUbr();
  void AddLcuVer();
  void AddRollups();
  void AddHistory();
  void AddStack();
  void JudgeLevel(const Claim& claim);
  void FindProblems();
  void FindFilesProblems();
  void FindEarlierWindows();
  void FindMixedProbes();
  void FindStoreProblems();
  void FindDisagreements();
  void Conclude();

  PatchClaim* AddClaim(PatchClaim::Kind kind, std::string source, std::string says);
  void SetLevel(PatchClaim* claim, PatchLevel level, bool exact, bool current);
  std::string UpdateOf(PatchLevel level) const;
  PatchProblem* AddProblem(PatchProblem::Severity severity, std::string summary);

  // Above everything that the host claims; without the target.
  bool IsAboveClaims(PatchLevel level) const { return !top_ || *top_ < level; }
  bool IsHotpatch(PatchLevel level) const {
    return updates_.IsHotpatch(level, snapshot_.os().installation_type());
  }
  // Whether UBR may be that of a hotpatch: one that is known, or a level that nobody knows on a
  // Windows that has hotpatches.
  bool MayBeHotpatch() const {
    return state_.host().hotpatch() ||
           (ubr_ && has_hotpatches_ &&
            updates_.Find(*ubr_, snapshot_.os().installation_type()).empty());
  }
  // A hotpatch leaves files at the baseline, whatever the store has of it. What an installed
  // package brought before must be there.
  bool IsHotpatchPayload(const StoreFile& file) const {
    if (!ubr_ || !newest_ || !rollup_ || !(*newest_ < file.payload)) return false;
    return on_disk_ < file.payload && !(*ubr_ < file.payload) && MayBeHotpatch();
  }
  // Whether a file of revision `file` may be what the update of `level` brought last.
  bool Carries(PatchLevel file, PatchLevel level) const {
    if (file.build != level.build || level < file) return false;
    if (file == level) return true;
    if (level.revision - file.revision > kBuiltBefore || IsHotpatch(level)) return false;
    const auto lower = LowerKnown(level);
    return !lower || *lower < file;
  }
  // The newest known level of this Windows that is below `level`.
  absl::optional<PatchLevel> LowerKnown(PatchLevel level) const {
    const auto place = known_.lower_bound(level);
    if (place == known_.begin()) return absl::nullopt;
    return *std::prev(place);
  }
  // Of a Windows before this one, whose files a whole upgrade replaced.
  bool IsEarlierWindows(PatchLevel level) const {
    return level.build < base_ && (newest_ || knows_base_);
  }
  // Without it no Windows starts, so that its absence is a gap in the evidence or damage.
  bool IsVital(const PatchFile& probe) const {
    for (const char* name : {"NTOSKRNL.EXE", "NTDLL.DLL", "CI.DLL", "NTFS.SYS", "TCPIP.SYS"}) {
      if (HasName(probe, name)) return true;
    }
    return boots_with_uefi_ && HasName(probe, "WINLOAD.EFI");
  }
  bool IsUnread(const PatchFile& probe) const {
    return probe.found.relation() == PatchEvidence::UNREADABLE ||
           (probe.found.relation() == PatchEvidence::ABSENT && IsVital(probe));
  }
  bool IsPending(PatchLevel level) const { return pending_ && !(*pending_ < level); }

  const Snapshot& snapshot_;
  const Timeline& timeline_;
  const UpdateCatalog& updates_;
  const absl::optional<PatchTarget>& target_;
  const PatchFiles files_;
  PatchState state_;

  uint32_t base_ = 0;                  // 0 if the build of the host is not known.
  absl::optional<PatchLevel> newest_;  // Of the probes.
  absl::optional<PatchLevel> ubr_, lcu_ver_, rollup_, history_;
  absl::optional<PatchLevel> top_;      // Of all claims but the target.
  absl::optional<PatchLevel> pending_;  // The newest update that waits for a restart.
  PatchLevel on_disk_;                  // Of the newest installed package that is no hotpatch.
  std::set<PatchLevel> known_;          // Levels of this Windows that somebody names.
  bool knows_base_ = false;             // The table has updates for this Windows.
  bool has_hotpatches_ = false;         // There are hotpatches for it.
  bool boots_with_uefi_ = false;
  size_t unseen_ = 0;  // Files that descriptors name and nobody looked at.
  std::map<std::string, std::string>
      unplaced_;  // What is to be said of a descriptor's other files.
  std::vector<Claim> claims_;
};

void Judge::DescribeHost() {
  const OsIdentity& os = snapshot_.os();
  state_.set_patchgate_version(kPatchgateVersion);
  state_.set_source(snapshot_.source());
  state_.set_collected_filetime(snapshot_.collected_filetime());
  PatchHost* host = state_.mutable_host();
  uint32_t build = 0;
  if (absl::SimpleAtoi(os.current_build(), &build)) base_ = updates_.Base(build);
  host->set_build(os.has_ubr() && base_ != 0 ? absl::StrCat(build, ".", os.ubr())
                                             : os.current_build());
  host->set_display_version(os.display_version());
  host->set_edition(os.edition_id());
  host->set_installation_type(os.installation_type());
  host->set_product(os.product_name());
  host->set_base_build(base_);
  if (os.has_ubr() && base_ != 0) {
    ubr_ = PatchLevel{base_, os.ubr()};
    host->set_hotpatch(updates_.IsHotpatch(*ubr_, os.installation_type()));
  }
  for (const CbsPackage& package : snapshot_.cbs_packages().packages()) {
    // Only this one waits: what is partly installed or to be taken off excuses no newer file.
    if (package.current_state() != history::kInstallPending ||
        !history::IsRollupFix(package.identity())) {
      continue;
    }
    host->set_restart_pending(true);
    const auto level = ParsePatchLevel(history::BuildOf(package.identity()));
    if (level && (!pending_ || *pending_ < updates_.Base(*level))) {
      pending_ = updates_.Base(*level);
    }
  }
  if (snapshot_.cbs_root().reboot_pending().present() ||
      snapshot_.pending_xml().collection().status() == Collection::COLLECTED) {
    host->set_restart_pending(true);
  }
  newest_ = files_.Newest(base_);
  const ImageFacts* const bios_loader = FindImage(snapshot_, "Windows/System32/winload.exe");
  boots_with_uefi_ = !WasRead(bios_loader);
  for (const ImageFacts& image : snapshot_.images()) {
    if (!WasRead(&image) || !IsOnSystemPartition(image.collection().source())) continue;
    boots_with_uefi_ |= absl::EndsWithIgnoreCase(image.collection().source(), ".efi");
  }
  CollectKnownLevels();
}

void Judge::CollectKnownLevels() {
  const auto add = [&](PatchLevel level) {
    if (updates_.Base(level.build) != base_) return false;
    known_.insert(updates_.Base(level));
    return true;
  };
  for (const UpdateDescriptor& update : updates_.updates()) {
    if (update.kind() == UpdateDescriptor::SERVICING_STACK) continue;
    for (const std::string& build : update.builds()) {
      const auto level = ParsePatchLevel(build);
      if (!level || !add(*level)) continue;
      knows_base_ = true;
      has_hotpatches_ |= update.kind() == UpdateDescriptor::HOTPATCH;
    }
  }
  has_hotpatches_ |= base_ == kServerHotpatchBuild;
  if (ubr_) known_.insert(*ubr_);
  if (const auto level = ParsePatchLevel(snapshot_.os().lcu_ver())) add(*level);
  for (const CbsPackage& package : snapshot_.cbs_packages().packages()) {
    if (!history::IsRollupFix(package.identity())) continue;
    if (const auto level = ParsePatchLevel(history::BuildOf(package.identity()))) add(*level);
  }
}

void Judge::DescribeFiles() {
  MeasuredSummary* measured = state_.mutable_measured();
  for (const Probe& probe : snapshot_.probes().probes()) {
    const ImageFacts* const image = FindImage(snapshot_, probe.path());
    const PatchEvidence found = PatchFiles::Found(probe.path(), image);
    MeasuredFile* file = state_.add_files();
    file->set_path(probe.path());
    file->set_version(found.found_version());
    if (image != nullptr) file->set_size(image->size());
    file->set_sha256(found.found_sha256());
    file->set_problem(found.note());
    file->set_lcu(probe.lcu());
    file->set_boot_critical(probe.boot_critical());
    file->set_why(probe.why());
  }
  std::sort(state_.mutable_files()->begin(), state_.mutable_files()->end(),
            [](const MeasuredFile& a, const MeasuredFile& b) {
              return CompareNames(a.path(), b.path()) < 0;
            });
  for (const PatchFile& probe : files_.probes()) {
    measured->set_probes(measured->probes() + 1);
    if (probe.level) {
      measured->set_measured(measured->measured() + 1);
    } else if (probe.found.relation() == PatchEvidence::ABSENT) {
      measured->set_absent(measured->absent() + 1);
    } else {
      measured->set_unreadable(measured->unreadable() + 1);
    }
  }
  if (newest_) measured->set_newest(FormatPatchLevel(*newest_));
  for (const StoreFile& file : files_.store()) {
    if (!file.level && file.row.relation() != PatchEvidence::MATCHES) continue;
    measured->set_store_files(measured->store_files() + 1);
    if (file.row.relation() != PatchEvidence::MATCHES) {
      measured->set_store_differ(measured->store_differ() + 1);
    }
  }
}

PatchClaim* Judge::AddClaim(PatchClaim::Kind kind, std::string source, std::string says) {
  PatchClaim* claim = state_.add_claims();
  claim->set_kind(kind);
  claim->set_source(std::move(source));
  claim->set_says(std::move(says));
  return claim;
}

void Judge::SetLevel(PatchClaim* claim, PatchLevel level, bool exact, bool current) {
  claim->set_update(UpdateOf(level));
  claims_.push_back({state_.claims_size() - 1, updates_.Base(level), exact, current});
  if (claim->kind() != PatchClaim::TARGET && (!top_ || *top_ < claims_.back().level)) {
    top_ = claims_.back().level;
  }
}

std::string Judge::UpdateOf(PatchLevel level) const {
  for (const UpdateDescriptor* update : updates_.Find(level, snapshot_.os().installation_type())) {
    if (!update->kb().empty()) return update->kb();
  }
  return "";
}

void Judge::AddTarget() {
  if (!target_) return;
  const bool is_kb = !target_->kb.empty();
  PatchClaim* claim =
      AddClaim(PatchClaim::TARGET, "--target",
               is_kb ? target_->kb : FormatPatchLevel(target_->level.value_or(PatchLevel())));
  claim->set_main(true);
  claim->set_verdict(PatchClaim::NOT_MEASURABLE);
  const UpdateDescriptor* const update = is_kb ? updates_.FindKb(target_->kb) : nullptr;
  absl::optional<PatchLevel> level = target_->level;
  if (is_kb) claim->set_update(target_->kb);
  bool for_others = false;
  // Nobody says for which updates such a host is.
  const std::string& installation = snapshot_.os().installation_type();
  const bool type_is_odd =
      installation != "Client" && installation != "Server" && installation != "Server Core";
  if (update != nullptr) {
    for (const std::string& text : update->builds()) {
      const auto build = ParsePatchLevel(text);
      if (!build) continue;
      if (updates_.Base(build->build) != base_) {
        for_others = true;
      } else if (!level) {
        level = build;
      }
    }
    if (!IsFor(*update, snapshot_.os().installation_type())) {
      level.reset();
      for_others = true;
    }
    if (update->kind() == UpdateDescriptor::SERVICING_STACK) {
      level.reset();
      claim->set_why("it is a servicing stack; see the claims of the servicing stack below");
      return;
    }
  }
  if (is_kb && !level && !for_others) {
    // The host's own history may know which build came with it.
    for (const Attempt& attempt : timeline_.attempts()) {
      if (attempt.kb() != target_->kb || attempt.build().empty()) continue;
      const auto build = ParsePatchLevel(attempt.build());
      if (build && updates_.Base(build->build) == base_) level = build;
    }
  }
  const auto not_reached = [&](std::string why) {
    claim->set_verdict(PatchClaim::CONTRADICTED);
    claim->set_why(absl::StrCat("not reached: ", why));
  };
  if (!level && for_others && base_ != 0 && !type_is_odd) {
    return not_reached(absl::StrCat(target_->kb, " is for another Windows than ",
                                    state_.host().build(), " ", installation));
  }
  if (!level) {
    claim->set_why(for_others ? absl::StrCat(target_->kb, " is for another Windows than ",
                                             state_.host().build(), " ", installation)
                   : update != nullptr
                       ? absl::StrCat("which build ", target_->kb,
                                      " brings is not known; a descriptor with "
                                      "its builds can be given with --updates")
                       : absl::StrCat("nothing is known of ", target_->kb,
                                      "; a descriptor can be given with --updates"));
    return;
  }
  claim->set_level(FormatPatchLevel(*level));
  if (updates_.Base(level->build) != base_) {
    std::string why = absl::StrCat("build ", level->build, " is another Windows than this host's, ",
                                   state_.host().build());
    if (base_ != 0) return not_reached(std::move(why));
    claim->set_why(std::move(why));
    return;
  }
  uint32_t build = 0;
  if (!is_kb && absl::SimpleAtoi(snapshot_.os().current_build(), &build) && build < level->build) {
    return not_reached(absl::StrCat("the host is build ", build, ", not ", level->build,
                                    "; the two share their files, and an enablement package is "
                                    "between them"));
  }
  if (!is_kb && !type_is_odd && updates_.Find(*level, installation).empty() &&
      !updates_.Find(*level, "").empty()) {
    return not_reached(absl::StrCat(FormatPatchLevel(*level), " is known, but not of updates for ",
                                    installation, ", which have revisions of their own"));
  }
  if (!is_kb && ubr_ && *level < *ubr_ && ubr_->revision - level->revision > kOtherLine &&
      known_.count(updates_.Base(*level)) == 0) {
    claim->set_why(absl::StrCat("nothing is known of it, and the host, ", state_.host().build(),
                                ", may be of a line of revisions of its own"));
    return;
  }
  const std::string known = claim->update();
  SetLevel(claim, *level, /*exact=*/false, /*current=*/false);
  if (is_kb) claim->set_update(known);
}

void Judge::AddUbr() {
  const OsIdentity& os = snapshot_.os();
  if (!ubr_) return;
  PatchClaim* claim =
      AddClaim(PatchClaim::UBR, absl::StrCat(kCurrentVersion, "\\UBR"),
               absl::StrCat("CurrentBuild is ", os.current_build(), ", UBR is ", os.ubr()));
  claim->set_level(state_.host().build());
  claim->set_main(!target_);
  SetLevel(claim, *ubr_, /*exact=*/true, /*current=*/true);
}

void Judge::AddLcuVer() {
  const OsIdentity& os = snapshot_.os();
  if (os.lcu_ver().empty()) return;
  PatchClaim* claim = AddClaim(PatchClaim::LCU_VER, absl::StrCat(kCurrentVersion, "\\LCUVer"),
                               absl::StrCat("is ", os.lcu_ver()));
  const auto level = ParsePatchLevel(os.lcu_ver());
  if (!level) {
    claim->set_verdict(PatchClaim::NOT_MEASURABLE);
    claim->set_why("it is no build with a revision");
    return;
  }
  claim->set_level(FormatPatchLevel(*level));
  lcu_ver_ = updates_.Base(*level);
  SetLevel(claim, *level, /*exact=*/true, /*current=*/true);
}

void Judge::AddRollups() {
  struct Rollup {
    PatchLevel level;
    const CbsPackage* package;
  };
  std::vector<Rollup> rollups;
  for (const CbsPackage& package : snapshot_.cbs_packages().packages()) {
    if (!history::IsRollupFix(package.identity()) || !package.has_current_state()) continue;
    if (package.current_state() != history::kInstalled &&
        package.current_state() != history::kPermanent) {
      continue;
    }
    const auto level = ParsePatchLevel(history::BuildOf(package.identity()));
    if (level) rollups.push_back({*level, &package});
  }
  std::stable_sort(rollups.begin(), rollups.end(), [&](const Rollup& a, const Rollup& b) {
    return updates_.Base(b.level) < updates_.Base(a.level);
  });
  if (rollups.size() > kMostPackages) {
    state_.add_notes(absl::StrCat(rollups.size() - kMostPackages,
                                  " older packages of cumulative updates are installed too"));
    rollups.resize(kMostPackages);
  }
  for (const Rollup& rollup : rollups) {
    const bool newest = !rollup_;
    if (newest) rollup_ = updates_.Base(rollup.level);
    if (on_disk_ < updates_.Base(rollup.level) && !IsHotpatch(rollup.level)) {
      on_disk_ = updates_.Base(rollup.level);
    }
    PatchClaim* claim = AddClaim(
        PatchClaim::ROLLUP_PACKAGE, absl::StrCat(kCbs, "Packages\\", rollup.package->identity()),
        absl::StrCat(
            "CurrentState is ", rollup.package->current_state(), ", ",
            rollup.package->current_state() == history::kInstalled ? "Installed" : "Permanent"));
    claim->set_level(FormatPatchLevel(rollup.level));
    SetLevel(claim, rollup.level, /*exact=*/false, /*current=*/newest);
  }
}

void Judge::AddHistory() {
  const Attempt* last = nullptr;
  absl::optional<PatchLevel> last_level;
  size_t of_others = 0;
  // When each update was taken off last, by its number and by its build.
  std::map<std::string, uint64_t> removed;
  for (const Attempt& attempt : timeline_.attempts()) {
    const bool gone = attempt.outcome() == Attempt::REMOVED ||
                      (attempt.removal() && attempt.outcome() == Attempt::SUCCEEDED);
    if (!gone) continue;
    for (const std::string* name : {&attempt.kb(), &attempt.build()}) {
      if (name->empty()) continue;
      uint64_t& time = removed[*name];
      time = std::max(time, attempt.last_filetime());
    }
  }
  const auto is_removed = [&](const Attempt& attempt) {
    for (const std::string* name : {&attempt.kb(), &attempt.build()}) {
      const auto found = removed.find(*name);
      if (found != removed.end() && attempt.last_filetime() <= found->second) return true;
    }
    return false;
  };
  for (const Attempt& attempt : timeline_.attempts()) {
    if (attempt.outcome() != Attempt::SUCCEEDED || attempt.removal()) continue;
    const UpdateDescriptor* const update =
        attempt.kb().empty() ? nullptr : updates_.FindKb(attempt.kb());
    if (attempt.kind() != Attempt::CUMULATIVE &&
        (update == nullptr || !IsCumulative(update->kind()))) {
      continue;
    }
    auto level = ParsePatchLevel(attempt.build());
    for (int i = 0; !level && update != nullptr && i < update->builds_size(); ++i) {
      const auto build = ParsePatchLevel(update->builds(i));
      if (build && updates_.Base(build->build) == base_) level = build;
    }
    if (!level || is_removed(attempt)) continue;
    if (base_ != 0 && updates_.Base(level->build) != base_) {
      ++of_others;
      continue;
    }
    if (last == nullptr || last->last_filetime() <= attempt.last_filetime()) {
      last = &attempt;
      last_level = level;
    }
  }
  if (of_others > 0) {
    state_.add_notes(absl::StrCat(Amount(of_others, "update", "updates"),
                                  " of another Windows than this one in the history: no claim"));
  }
  if (last == nullptr) return;
  std::string source = "update history";
  for (const Phase& phase : last->phases()) {
    if (!phase.source().empty()) source = phase.source();
  }
  PatchClaim* claim = AddClaim(
      PatchClaim::HISTORY, std::move(source),
      absl::StrCat(last->kb().empty() ? last->package() : last->kb(), " installed at ",
                   FormatFileTime(last->last_filetime()), last->local() ? " (local time)" : ""));
  claim->set_level(FormatPatchLevel(*last_level));
  history_ = updates_.Base(*last_level);
  SetLevel(claim, *last_level, /*exact=*/false, /*current=*/false);
  if (!last->kb().empty()) claim->set_update(last->kb());
}

// What a row expects, for a sentence.
std::string Expected(const PatchEvidence& row) {
  return row.expected_version().empty() ? "a file of other bytes" : row.expected_version();
}

// Puts what decides first, keeping the order otherwise.
void SortEvidence(PatchClaim* claim) {
  const auto rank = [](const PatchEvidence& row) {
    if (row.against()) return 0;
    return row.supports() ? 1 : 2;
  };
  std::stable_sort(
      claim->mutable_evidence()->begin(), claim->mutable_evidence()->end(),
      [&](const PatchEvidence& a, const PatchEvidence& b) { return rank(a) < rank(b); });
}

void Judge::JudgeLevel(const Claim& claim) {
  PatchClaim* const out = state_.mutable_claims(claim.index);
  size_t older = 0, measured = 0, store_rows = 0;
  std::set<std::string> against_paths, support_paths, unread_paths;  // Upper-cased.
  const auto is_support = [&](PatchLevel level) {
    if (Carries(level, claim.level)) return true;
    return !claim.exact && level.build == claim.level.build && claim.level < level &&
           !IsAboveClaims(level);
  };
  const PatchFile* old_kernel = nullptr;  // Does not carry the claim.
  std::set<std::string> backed;           // Upper-cased paths of files that are as they should be.
  const auto add = [&](const std::string& key, PatchEvidence row, bool is_against, bool is_for) {
    if (is_against) against_paths.insert(key);
    if (is_for) support_paths.insert(key);
    row.set_against(is_against);
    row.set_supports(is_for);
    *out->add_evidence() = std::move(row);
  };

  for (const PatchFile& probe : files_.probes()) {
    PatchEvidence row = probe.found;
    row.set_expected_version(VersionText(claim.level));
    row.set_basis("revision of the probes");
    if (!probe.level) {
      if (IsUnread(probe)) unread_paths.insert(probe.key);
      add(probe.key, std::move(row), false, false);
      continue;
    }
    ++measured;
    const PatchLevel level = *probe.level;
    bool speaks_against = false;
    if (level.build != claim.level.build) {
      const bool newer = claim.level.build < level.build && IsAboveClaims(level);
      row.set_relation(newer ? PatchEvidence::NEWER : PatchEvidence::OTHER);
      row.set_note("of another Windows");
      speaks_against = newer && claim.current;
      if (claim.level.build == base_ && IsEarlierWindows(level)) {
        row.set_relation(PatchEvidence::OLDER);
        row.set_note("of an earlier Windows");
        speaks_against = claim.current;
      }
    } else if (level == claim.level) {
      row.set_relation(PatchEvidence::MATCHES);
    } else if (level < claim.level) {
      row.set_relation(PatchEvidence::OLDER);
      if (Carries(level, claim.level)) {
        row.set_note("built shortly before the update, as files of it are");
      } else {
        ++older;
        if (HasName(probe, "NTOSKRNL.EXE")) old_kernel = &probe;
      }
    } else {
      row.set_relation(PatchEvidence::NEWER);
      speaks_against = claim.exact || (claim.current && IsAboveClaims(level));
    }
    const StoreFile* const stored = files_.FindStored(probe.key);
    if (stored != nullptr && stored->row.relation() == PatchEvidence::MATCHES) {
      row.set_expected_sha256(stored->row.expected_sha256());
      row.set_basis("revision of the probes; component store");
      backed.insert(probe.key);
    }
    add(probe.key, std::move(row), speaks_against, !speaks_against && is_support(level));
  }

  for (const StoreFile& file : files_.store()) {
    if (file.payload.build != claim.level.build || claim.level < file.payload) continue;
    PatchEvidence row = file.row;
    if (row.relation() == PatchEvidence::MATCHES) {
      ++store_rows;
      // Probes have it in their own row.
      if (!files_.IsProbe(file.key) && is_support(file.payload)) {
        add(file.key, std::move(row), false, true);
      }
      continue;
    }
    if (row.relation() == PatchEvidence::ABSENT || row.relation() == PatchEvidence::UNREADABLE) {
      unread_paths.insert(file.key);
      add(file.key, std::move(row), false, false);
      continue;
    }
    ++store_rows;
    if (row.relation() == PatchEvidence::OLDER && IsHotpatchPayload(file)) {
      row.set_note(absl::StrCat(row.note(), "; a hotpatch leaves the file of the baseline"));
      add(file.key, std::move(row), false, false);
      continue;
    }
    add(file.key, std::move(row), true, false);
  }

  for (const UpdateDescriptor& update : updates_.updates()) {
    if (update.files().empty()) continue;
    // Without a number, two updates of which nothing is known would be the same.
    const bool is_target =
        out->kind() == PatchClaim::TARGET && !out->update().empty() && update.kb() == out->update();
    bool brings = is_target;
    if (!brings && IsFor(update, snapshot_.os().installation_type())) {
      for (const std::string& build : update.builds()) {
        const auto level = ParsePatchLevel(build);
        brings = brings || (level && updates_.Base(*level) == claim.level);
      }
    }
    if (!brings || update.kind() == UpdateDescriptor::SERVICING_STACK) continue;
    size_t unseen = 0, compared = 0;
    for (PatchEvidence& row : files_.Described(update)) {
      unseen += row.relation() == PatchEvidence::UNREADABLE && row.note() == kNobodyLooked;
      const bool read =
          row.relation() != PatchEvidence::ABSENT && row.relation() != PatchEvidence::UNREADABLE;
      measured += read;
      compared += read;
      const bool later = row.relation() == PatchEvidence::NEWER && !claim.exact;
      // Where the update put a file, there must be one; unless no files are in the evidence.
      const bool gone = row.relation() == PatchEvidence::ABSENT;
      const bool is_against = (read && row.relation() != PatchEvidence::MATCHES && !later) ||
                              (gone && is_target && state_.measured().measured() > 0);
      const bool is_for = row.relation() == PatchEvidence::MATCHES || (read && later);
      const std::string key = UpcaseUtf8(row.path());
      if (!read && !is_against) unread_paths.insert(key);
      if (is_for) backed.insert(key);
      add(key, std::move(row), is_against, is_for);
    }
    unseen_ = std::max(unseen_, unseen);
    const std::vector<std::string> unplaced = files_.Unplaced(update);
    if (unplaced.empty()) continue;
    // Of a list of which nothing was compared, nobody shall believe that it was.
    if (is_target && compared == 0) unread_paths.insert(UpcaseUtf8(unplaced.front()));
    unplaced_.emplace(
        update.kb().empty() ? update.title() : update.kb(),
        absl::StrCat("not compared, since no file that was looked at has such a name: ",
                     Files(unplaced.size()), ", ",
                     absl::StrJoin(unplaced.begin(),
                                   unplaced.begin() + std::min(unplaced.size(), kNamesShown), ", "),
                     unplaced.size() > kNamesShown ? ", ..." : ""));
  }

  SortEvidence(out);
  // What carries the claim in its version and not in its bytes does not carry it.
  for (const std::string& path : against_paths) support_paths.erase(path);
  const size_t against = against_paths.size(), support = support_paths.size();
  const size_t unread = unread_paths.size();
  const bool is_past_or_target =
      out->kind() == PatchClaim::TARGET || out->kind() == PatchClaim::HISTORY;
  absl::optional<PatchLevel> now;
  for (const auto& level : {ubr_, lcu_ver_, rollup_}) {
    if (level && level->build == claim.level.build && (!now || *now < *level)) now = level;
  }
  const std::string found =
      newest_ ? absl::StrCat("the newest file that was measured is ", VersionText(*newest_))
              : "no file of this Windows could be measured";
  const bool kernel_is_old = old_kernel != nullptr && backed.count(old_kernel->key) == 0;
  if (out->kind() == PatchClaim::TARGET && now && *now < claim.level) {
    out->set_verdict(PatchClaim::CONTRADICTED);
    out->set_why(absl::StrCat(
        "not reached: the host claims ", FormatPatchLevel(*now), ", and ", found,
        newest_ && !(*newest_ < claim.level) ? ": files of it are there that nobody claims" : ""));
  } else if (against > 0) {
    const PatchEvidence& first = out->evidence(0);
    out->set_verdict(PatchClaim::CONTRADICTED);
    out->set_why(absl::StrCat(
        Files(against), against == 1 ? " speaks" : " speak", " against it, ", support,
        support == 1 ? " speaks" : " speak", " for it; ", first.path(), " is ",
        first.relation() == PatchEvidence::ABSENT ? "not there"
        : first.found_version().empty()           ? "of no version"
                                                  : first.found_version(),
        ", ",
        first.relation() == PatchEvidence::ABSENT ? absl::StrCat("expected is ", Expected(first))
        : first.relation() == PatchEvidence::NEWER
            ? absl::StrCat("newer than the expected ", first.expected_version())
        : first.relation() == PatchEvidence::OLDER
            ? absl::StrCat("older than the expected ", first.expected_version())
            : "but not with the expected bytes",
        " (", first.basis(), ")"));
  } else if (is_past_or_target && support == 0 && newest_ && *newest_ < claim.level &&
             (!now || *now < claim.level)) {
    out->set_verdict(PatchClaim::CONTRADICTED);
    out->set_why(absl::StrCat(
        out->kind() == PatchClaim::TARGET ? "not reached: " : "not the state now: ",
        now ? absl::StrCat("the host claims ", FormatPatchLevel(*now), ", and ") : "", found));
  } else if (support > 0) {
    const bool partial = unread > 0;
    out->set_verdict(partial || kernel_is_old ? PatchClaim::SUPPORTED_IN_PART
                                              : PatchClaim::CONFIRMED);
    out->set_why(absl::StrCat(
        Files(support), support == 1 ? " carries" : " carry",
        claim.exact ? " it" : " it or what came after it", ", none speaks against it",
        older > 0 && kernel_is_old
            ? absl::StrCat("; ", older, older == 1 ? " is" : " are", " older, among them ",
                           old_kernel->found.path(), ", ", old_kernel->found.found_version(),
                           ", which the component store does not account for")
        : older > 0
            ? absl::StrCat("; ", older, older == 1 ? " is" : " are",
                           " older, which is normal for files that the update did not change")
            : "",
        partial ? absl::StrCat("; ", Files(unread), " could not be read or found") : "",
        store_rows > 0 ? absl::StrCat("; ", Files(store_rows), " held against the component store")
                       : ""));
  } else if (measured == 0) {
    out->set_verdict(PatchClaim::NOT_MEASURABLE);
    out->set_why("no file could be measured");
  } else if (IsHotpatch(claim.level)) {
    out->set_verdict(PatchClaim::NOT_MEASURABLE);
    out->set_why(absl::StrCat("it is a hotpatch, which leaves the files of the baseline: ", found));
  } else {
    out->set_verdict(PatchClaim::NOT_MEASURABLE);
    out->set_why(absl::StrCat("no file carries it, and none speaks against it: ", found));
  }
}

void Judge::AddStack() {
  const auto& versions = snapshot_.servicing_stack().versions();
  const std::string wcp_path = boot::StackLibrary(snapshot_.servicing_stack());
  const ImageFacts* const wcp = wcp_path.empty() ? nullptr : FindImage(snapshot_, wcp_path);
  bool reported = false;  // The registration and the package say the same of one file.
  const auto judge = [&](PatchClaim* claim, PatchLevel level, bool exact) {
    claim->set_level(FormatPatchLevel(level));
    if (wcp == nullptr) {
      claim->set_verdict(PatchClaim::NOT_MEASURABLE);
      claim->set_why(wcp_path.empty() ? "CBS\\Version names no folder of this volume"
                                      : "nobody looked at its wcp.dll");
      return;
    }
    PatchEvidence row = PatchFiles::Found(wcp_path, wcp);
    row.set_expected_version(VersionText(level));
    row.set_basis("servicing stack");
    const auto found = ParsePatchLevel(row.found_version());
    if (!found) {
      claim->set_verdict(PatchClaim::NOT_MEASURABLE);
      claim->set_why(absl::StrCat("the version of wcp.dll could not be read: ", row.note()));
    } else if (*found == level || (!exact && level < *found)) {
      row.set_relation(*found == level ? PatchEvidence::MATCHES : PatchEvidence::NEWER);
      row.set_supports(true);
      claim->set_verdict(PatchClaim::CONFIRMED);
      claim->set_why(
          absl::StrCat("the servicing stack that CBS loads has wcp.dll ", row.found_version()));
    } else if (*found < level && found->build == level.build) {
      row.set_relation(PatchEvidence::OLDER);
      claim->set_verdict(PatchClaim::NOT_MEASURABLE);
      claim->set_why(absl::StrCat("the servicing stack that CBS loads has wcp.dll ",
                                  row.found_version(),
                                  ", which is older; whether wcp.dll carries the revision of the "
                                  "stack is not known"));
    } else {
      row.set_relation(*found < level ? PatchEvidence::OLDER : PatchEvidence::NEWER);
      row.set_against(true);
      claim->set_verdict(PatchClaim::CONTRADICTED);
      claim->set_why(
          absl::StrCat("the servicing stack that CBS loads has wcp.dll ", row.found_version()));
      if (!reported) {
        PatchProblem* problem = AddProblem(
            PatchProblem::WARN, absl::StrCat("the servicing stack claims ", FormatPatchLevel(level),
                                             ", its wcp.dll is ", row.found_version()));
        *problem->add_evidence() = row;
      }
      reported = true;
    }
    *claim->add_evidence() = std::move(row);
  };
  for (int i = 0; i < versions.size() && i < static_cast<int>(kMostPackages); ++i) {
    const ServicingStackVersion& stack = versions[i];
    PatchClaim* claim = AddClaim(PatchClaim::STACK_REGISTRATION, absl::StrCat(kCbs, "Version"),
                                 absl::StrCat(stack.version(), " is ", stack.folder()));
    const auto level = ParsePatchLevel(stack.version());
    if (!level || versions.size() != 1) {
      claim->set_verdict(PatchClaim::NOT_MEASURABLE);
      claim->set_why(level ? "several servicing stacks are registered" : "it is no version");
      continue;
    }
    judge(claim, *level, /*exact=*/true);
  }
  const CbsPackage* newest = nullptr;
  PatchLevel newest_level;
  for (const CbsPackage& package : snapshot_.cbs_packages().packages()) {
    if (!history::IsServicingStack(package.identity())) continue;
    if (package.current_state() != history::kInstalled &&
        package.current_state() != history::kPermanent) {
      continue;
    }
    const auto level = ParsePatchLevel(history::BuildOf(package.identity()));
    if (!level || (newest != nullptr && *level < newest_level)) continue;
    newest = &package;
    newest_level = *level;
  }
  if (newest == nullptr) return;
  PatchClaim* claim =
      AddClaim(PatchClaim::STACK_PACKAGE, absl::StrCat(kCbs, "Packages\\", newest->identity()),
               absl::StrCat("CurrentState is ", newest->current_state(), ", Installed"));
  judge(claim, newest_level, /*exact=*/false);
}

PatchProblem* Judge::AddProblem(PatchProblem::Severity severity, std::string summary) {
  PatchProblem* problem = state_.add_problems();
  problem->set_severity(severity);
  problem->set_summary(std::move(summary));
  return problem;
}

void Judge::FindProblems() {
  const MeasuredSummary& measured = state_.measured();
  if (!top_) return;  // Nothing is claimed.
  if (measured.measured() == 0) {
    AddProblem(PatchProblem::INDETERMINATE,
               measured.probes() == 0
                   ? "the patch level could not be measured: the evidence has no versions of files"
                   : absl::StrCat("the patch level could not be measured: of ", measured.probes(),
                                  " files none could be read"));
    for (const PatchFile& probe : files_.probes()) {
      *state_.mutable_problems(state_.problems_size() - 1)->add_evidence() = probe.found;
    }
    return;
  }
  for (const PatchFile& probe : files_.probes()) {
    if (!IsUnread(probe) || !(probe.boot_critical || IsVital(probe))) continue;
    PatchProblem* problem = AddProblem(PatchProblem::INDETERMINATE,
                                       absl::StrCat("the version of ", probe.found.path(),
                                                    " could not be read: ", probe.found.note()));
    *problem->add_evidence() = probe.found;
  }
  FindFilesProblems();
  FindEarlierWindows();
  FindMixedProbes();
  FindStoreProblems();
  // Descriptors say what the update brings, file by file.
  for (const PatchClaim& claim : state_.claims()) {
    if (claim.kind() == PatchClaim::TARGET || claim.kind() == PatchClaim::HISTORY) continue;
    PatchProblem* problem = nullptr;
    for (const PatchEvidence& row : claim.evidence()) {
      if (!row.against() || !absl::EndsWith(row.basis(), " file list")) continue;
      if (problem == nullptr) {
        problem =
            AddProblem(state_.host().restart_pending() ? PatchProblem::WARN : PatchProblem::BLOCK,
                       absl::StrCat("files are not as ",
                                    claim.update().empty() ? claim.level() : claim.update(),
                                    " leaves them, which ", claim.source(), " claims"));
      }
      *problem->add_evidence() = row;
    }
  }
  // No file carries a hotpatch, which is as it should be; the package of its baseline has files.
  const bool by_ubr = ubr_ && !state_.host().hotpatch();
  for (const PatchClaim& claim : state_.claims()) {
    if (claim.kind() != (by_ubr ? PatchClaim::UBR : PatchClaim::ROLLUP_PACKAGE)) continue;
    const auto claimed = ParsePatchLevel(claim.level());
    if (claim.verdict() != PatchClaim::NOT_MEASURABLE || !claimed || IsHotpatch(*claimed)) break;
    const auto lower = LowerKnown(updates_.Base(*claimed));
    const bool nobody_knows = newest_ && (!lower || *lower < *newest_);
    AddProblem(nobody_knows ? PatchProblem::INFO : PatchProblem::WARN,
               absl::StrCat("no file supports the claimed ", claim.level(),
                            !newest_ ? "; the files are of another Windows"
                                     : absl::StrCat(": the newest is ", VersionText(*newest_)),
                            nobody_knows ? ", below which no update is known"
                            : newest_ && by_ubr && MayBeHotpatch() ? "; normal only for a hotpatch"
                                                                   : ""))
        ->add_claims(absl::StrCat(claim.source(), ": ", claim.says()));
    break;
  }
}

// Files of a Windows before this one: an upgrade that was not carried through, or undone in part.
void Judge::FindEarlierWindows() {
  PatchProblem* problem = nullptr;
  for (const PatchFile& probe : files_.probes()) {
    if (!probe.level || !IsEarlierWindows(*probe.level)) continue;
    if (problem == nullptr) problem = AddProblem(PatchProblem::WARN, "");
    if (probe.boot_critical) problem->set_severity(PatchProblem::BLOCK);
    PatchEvidence row = probe.found;
    row.set_expected_version(absl::StrCat("10.0.", base_));
    row.set_relation(PatchEvidence::OLDER);
    row.set_basis("build of Windows");
    row.set_against(true);
    *problem->add_evidence() = std::move(row);
  }
  if (problem == nullptr) return;
  const PatchEvidence& first = problem->evidence(0);
  problem->set_summary(
      absl::StrCat(Files(problem->evidence_size()), problem->evidence_size() == 1 ? " is" : " are",
                   " of an earlier Windows than the host: ", first.path(), " is ",
                   first.found_version(), ", files of the host carry build ", base_));
}

// A kernel that others passed, which nothing but the store could explain.
void Judge::FindMixedProbes() {
  const PatchFile* kernel = nullptr;
  const PatchFile* newest = nullptr;
  for (const PatchFile& probe : files_.probes()) {
    if (!probe.level || probe.level->build != base_) continue;
    if (HasName(probe, "NTOSKRNL.EXE")) kernel = &probe;
    // Those that are ahead of the claims have a problem of their own.
    if (IsAboveClaims(*probe.level) || (ubr_ && *ubr_ < *probe.level)) continue;
    if (newest == nullptr || *newest->level < *probe.level) newest = &probe;
  }
  if (kernel == nullptr || newest == nullptr || !(*kernel->level < *newest->level) ||
      Carries(*kernel->level, *newest->level)) {
    return;
  }
  if (files_.FindStored(kernel->key) != nullptr) return;
  PatchProblem* problem = AddProblem(
      PatchProblem::WARN, absl::StrCat("probes at mixed revisions: ", kernel->found.path(), " is ",
                                       kernel->found.found_version(), ", ", newest->found.path(),
                                       " is ", newest->found.found_version(),
                                       "; the component store says nothing of the kernel"));
  for (const PatchFile* file : {kernel, newest}) {
    PatchEvidence row = file->found;
    row.set_expected_version(newest->found.found_version());
    row.set_relation(file == kernel ? PatchEvidence::OLDER : PatchEvidence::MATCHES);
    row.set_basis("revision of the probes");
    *problem->add_evidence() = std::move(row);
  }
}

// Files newer than what is claimed: a step forward that was not rolled back.
void Judge::FindFilesProblems() {
  struct Ahead {
    const char* than;
    const char* meaning;
    std::vector<PatchEvidence> rows;
    bool boot_critical = false;
    bool pending = true;
  };
  Ahead of_claims{"every claim", "a step forward that was not rolled back", {}},
      of_ubr{"UBR says", "another claim goes as far, but UBR was not raised or was set back", {}};
  for (const PatchFile& probe : files_.probes()) {
    if (!probe.level) continue;
    const PatchLevel level = *probe.level;
    const bool above_claims = IsAboveClaims(level);
    const bool above_ubr = ubr_ && level.build == ubr_->build && *ubr_ < level;
    if (!above_claims && !above_ubr) continue;
    Ahead& ahead = above_claims ? of_claims : of_ubr;
    PatchEvidence row = probe.found;
    row.set_expected_version(VersionText(above_claims ? *top_ : *ubr_));
    row.set_relation(PatchEvidence::NEWER);
    row.set_basis("revision of the probes");
    row.set_against(true);
    ahead.rows.push_back(std::move(row));
    ahead.boot_critical |= probe.boot_critical;
    ahead.pending &= IsPending(level);
  }
  for (Ahead* ahead : {&of_claims, &of_ubr}) {
    if (ahead->rows.empty()) continue;
    const bool grave = (ahead->boot_critical || ahead->rows.size() > 1) && !ahead->pending;
    const PatchEvidence& first = ahead->rows.front();
    PatchProblem* problem = AddProblem(
        grave ? PatchProblem::BLOCK : PatchProblem::WARN,
        absl::StrCat(Files(ahead->rows.size()), ahead->rows.size() == 1 ? " is" : " are",
                     " newer than ", ahead->than, ": ", first.path(), " is ", first.found_version(),
                     ", claimed is ", first.expected_version(), "; ",
                     ahead->pending ? "an update waits for a restart" : ahead->meaning));
    for (PatchEvidence& row : ahead->rows) *problem->add_evidence() = std::move(row);
  }
}

// Files that are not those of the component store.
void Judge::FindStoreProblems() {
  const auto report = [&](PatchProblem::Severity severity, absl::string_view what, auto applies) {
    PatchProblem* problem = nullptr;
    for (const StoreFile& file : files_.store()) {
      if (file.row.relation() == PatchEvidence::MATCHES ||
          file.row.relation() == PatchEvidence::ABSENT ||
          file.row.relation() == PatchEvidence::UNREADABLE || !applies(file)) {
        continue;
      }
      if (problem == nullptr) problem = AddProblem(severity, "");
      *problem->add_evidence() = file.row;
    }
    if (problem == nullptr) return;
    const PatchEvidence& first = problem->evidence(0);
    problem->set_summary(absl::StrCat(
        Files(problem->evidence_size()), " that the host boots from ",
        problem->evidence_size() == 1 ? "is " : "are ", what, ": ", first.path(), " is ",
        first.found_version().empty() ? "of no version" : first.found_version(),
        first.found_version() == first.expected_version()
            ? ", and has not the store's bytes"
            : absl::StrCat(", not ", first.expected_version())));
  };
  const bool pending = state_.host().restart_pending();
  report(pending ? PatchProblem::WARN : PatchProblem::BLOCK,
         "older than the component store has installed", [&](const StoreFile& file) {
           return file.row.relation() == PatchEvidence::OLDER && !IsAboveClaims(file.payload) &&
                  !IsHotpatchPayload(file);
         });
  report(PatchProblem::WARN, "older than the component store has, which is ahead of every claim",
         [&](const StoreFile& file) {
           return file.row.relation() == PatchEvidence::OLDER && IsAboveClaims(file.payload) &&
                  !IsPending(file.payload);
         });
  report(PatchProblem::WARN, "newer than the component store has installed",
         [&](const StoreFile& file) { return file.row.relation() == PatchEvidence::NEWER; });
  report(PatchProblem::WARN, "not the file that the component store has",
         [&](const StoreFile& file) { return file.row.relation() == PatchEvidence::OTHER; });
}

void Judge::FindDisagreements() {
  const auto disagree = [&](PatchProblem::Severity severity, std::string summary,
                            std::initializer_list<PatchClaim::Kind> kinds) {
    PatchProblem* problem = AddProblem(severity, std::move(summary));
    problem->set_among_claims(true);
    for (const PatchClaim::Kind kind : kinds) {
      for (const PatchClaim& claim : state_.claims()) {
        if (claim.kind() != kind) continue;
        problem->add_claims(absl::StrCat(claim.source(), ": ", claim.says()));
        break;  // The newest of packages.
      }
    }
  };
  const bool hotpatch = state_.host().hotpatch();
  const auto comparable = [](const auto& a, const auto& b) {
    return a && b && a->build == b->build && !(*a == *b);
  };
  if (comparable(ubr_, rollup_)) {
    if (*ubr_ < *rollup_) {
      disagree(PatchProblem::WARN,
               absl::StrCat("UBR ", ubr_->revision, " is behind the installed package of ",
                            FormatPatchLevel(*rollup_)),
               {PatchClaim::UBR, PatchClaim::ROLLUP_PACKAGE});
    } else if (!hotpatch) {
      disagree(PatchProblem::WARN,
               absl::StrCat("UBR ", ubr_->revision, " is ahead of every installed package, the ",
                            "newest of which is ", FormatPatchLevel(*rollup_),
                            "; normal only for a hotpatch"),
               {PatchClaim::UBR, PatchClaim::ROLLUP_PACKAGE});
    }
  }
  if (comparable(lcu_ver_, ubr_) && !(hotpatch && rollup_ && *lcu_ver_ == *rollup_)) {
    disagree(PatchProblem::WARN,
             absl::StrCat("LCUVer says ", FormatPatchLevel(*lcu_ver_), ", UBR says ",
                          FormatPatchLevel(*ubr_)),
             {PatchClaim::LCU_VER, PatchClaim::UBR});
  }
  const absl::optional<PatchLevel> now = !ubr_ || (rollup_ && *ubr_ < *rollup_) ? rollup_ : ubr_;
  if (comparable(history_, now) && *now < *history_) {
    disagree(PatchProblem::WARN,
             absl::StrCat("the history calls ", FormatPatchLevel(*history_),
                          " installed, the host claims ", FormatPatchLevel(*now)),
             {PatchClaim::HISTORY, PatchClaim::UBR, PatchClaim::ROLLUP_PACKAGE});
  }
  absl::optional<std::string> registered, package;
  for (const PatchClaim& claim : state_.claims()) {
    if (claim.kind() == PatchClaim::STACK_REGISTRATION) registered = claim.level();
    if (claim.kind() == PatchClaim::STACK_PACKAGE) package = claim.level();
  }
  if (registered && package && *registered != *package) {
    disagree(PatchProblem::INFO,
             absl::StrCat("CBS loads the servicing stack ", *registered,
                          ", the newest installed package of one is ", *package),
             {PatchClaim::STACK_REGISTRATION, PatchClaim::STACK_PACKAGE});
  }
}

void Judge::Conclude() {
  const MeasuredSummary& measured = state_.measured();
  const auto note = [&](std::string text) { state_.add_notes(std::move(text)); };
  if (base_ == 0) note("the build of the host is not known");
  if (!snapshot_.os().has_ubr()) note("there is no UBR: the host claims no revision");
  if (state_.host().hotpatch()) {
    note(absl::StrCat("UBR is that of a hotpatch, ", UpdateOf(*ubr_),
                      ": files keep the versions of the baseline, and what the hotpatch changed in "
                      "memory cannot be measured on the disk"));
  }
  if (state_.host().restart_pending()) {
    note("an update waits for a restart: until then files of two updates may lie side by side");
  }
  if (measured.absent() > 0) {
    note(absl::StrCat(Files(measured.absent()), " of ", measured.probes(),
                      " that carry the revision of the update are not there"));
  }
  if (measured.unreadable() > 0) {
    note(absl::StrCat(Files(measured.unreadable()), " of ", measured.probes(),
                      " that carry the revision of the update could not be read"));
  }
  if (unseen_ > 0) {
    note(absl::StrCat(
        Files(unseen_),
        " that lists of updates name were not looked for when the evidence was collected; "
        "verify-patch --root does with --updates"));
  }
  for (const auto& [update, text] : unplaced_) {
    note(absl::StrCat("file list of ", update, ": ", text));
  }
  if (measured.store_files() == 0) {
    note("no file was held against the component store: its verification did not get that far");
  }
  bool main = false, main_confirmed = false, contradicted = false;
  for (const PatchClaim& claim : state_.claims()) {
    // That the history is not the state now is a problem, not a wrong claim about the state.
    contradicted |=
        claim.verdict() == PatchClaim::CONTRADICTED && claim.kind() != PatchClaim::HISTORY;
    if (!claim.main()) continue;
    main = true;
    main_confirmed = claim.verdict() == PatchClaim::CONFIRMED;
  }
  state_.set_outcome(contradicted             ? PatchState::CONTRADICTED
                     : main && main_confirmed ? PatchState::CONFIRMED
                                              : PatchState::NOT_MEASURABLE);
}

}  // namespace

absl::StatusOr<PatchTarget> ParsePatchTarget(absl::string_view text) {
  PatchTarget target;
  target.kb = ParseKbNumber(text);
  if (!target.kb.empty()) return target;
  target.level = ParsePatchLevel(text);
  if (target.level) return target;
  return absl::InvalidArgumentError(
      absl::StrCat("target \"", text,
                   "\" is neither a KB number like KB5072033 nor a build with "
                   "its revision like 26100.7462"));
}

PatchState JudgePatchState(const Snapshot& snapshot, const Timeline& timeline,
                           const UpdateCatalog& updates,
                           const absl::optional<PatchTarget>& target) {
  return Judge(snapshot, timeline, updates, target).Run();
}

std::vector<std::string> DescribedPaths(const UpdateSet& updates) {
  std::vector<std::string> paths;
  std::set<std::string> seen;
  for (const UpdateDescriptor& update : updates.updates()) {
    for (const ExpectedFile& file : update.files()) {
      if (!file.path().empty() && seen.insert(UpcaseUtf8(file.path())).second) {
        paths.push_back(file.path());
      }
    }
  }
  return paths;
}

}  // namespace patchgate::gate
