#include "servicing/history/attempts.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "servicing/history/package_name.h"
#include "servicing/history/package_state.h"
#include "servicing/text/fields.h"

namespace patchgate::history {
namespace {

constexpr FileTime kMinute = 60 * kFileTimeTicksPerSecond;
constexpr FileTime kHour = 60 * kMinute;

// Sources report one end one after the other; what comes later than this is another attempt.
constexpr FileTime kEcho = 12 * kHour;

// A cumulative update's time in the registry and its events in Setup.evtx differ by minutes.
constexpr FileTime kSameInstallation = 30 * kMinute;

// Clients that install cumulative updates and nothing else (DOMAIN §11.1).
bool InstallsOnlyCumulative(absl::string_view client) {
  return absl::EqualsIgnoreCase(client, "UpdateAgentLCU");
}

// Tidies up after a failure (DOMAIN §5.1); it begins no attempt of its own.
bool IsRepair(absl::string_view client) {
  return absl::EqualsIgnoreCase(client, "AutoCorruptionRepair") ||
         absl::EqualsIgnoreCase(client, "CbsTaskACR");
}

bool IsAgent(Seen seen) {
  return seen == Seen::kDownload || seen == Seen::kAgentBegun || seen == Seen::kAgentInstalled ||
         seen == Seen::kAgentFailed;
}

bool Begins(Seen seen) {
  return seen == Seen::kDownload || seen == Seen::kAgentBegun || seen == Seen::kBegun ||
         seen == Seen::kStaged || seen == Seen::kPended;
}

FileTime Apart(FileTime a, FileTime b) { return a > b ? a - b : b - a; }

// Events that name a KB.
class EventsByTime {
 public:
  void Add(const Observation& o) { events_.push_back(&o); }

  void Sort() {
    std::stable_sort(
        events_.begin(), events_.end(),
        [](const Observation* a, const Observation* b) { return a->when.time < b->when.time; });
    // Where the events of the next other KB begin: a long run of one KB is passed in one step.
    next_other_.assign(events_.size(), events_.size());
    for (size_t i = events_.size(); i-- > 1;) {
      next_other_[i - 1] = events_[i]->kb == events_[i - 1]->kb ? next_other_[i] : i;
    }
  }

  // The KB of the events within kSameInstallation of `time`; nullptr if there is none, or several.
  const std::string* OnlyKbNear(FileTime time) const {
    const auto is_near = [&](size_t i) {
      return i < events_.size() && events_[i]->when.time <= time + kSameInstallation;
    };
    const auto first = static_cast<size_t>(
        std::lower_bound(
            events_.begin(), events_.end(), time - std::min(time, kSameInstallation),
            [](const Observation* event, FileTime from) { return event->when.time < from; }) -
        events_.begin());
    return is_near(first) && !is_near(next_other_[first]) ? &events_[first]->kb : nullptr;
  }

 private:
  std::vector<const Observation*> events_;
  std::vector<size_t> next_other_;
};

// Which package is which KB.
class Names {
 public:
  explicit Names(const std::vector<Observation>& observations) {
    for (const Observation& o : observations) {
      if (!o.kb.empty() && !o.package.empty()) Link(o.package, o.kb);
    }
    JoinByTime(observations);
  }

  // The KB if it is known, otherwise the package.
  std::string KeyOf(const Observation& o) const {
    // Its servicing stack comes under the same KB, and is installed before the update itself.
    if (IsServicingStack(o.package)) return o.package;
    if (!o.kb.empty()) return o.kb;
    const auto it = kb_of_.find(absl::AsciiStrToLower(o.package));
    return it != kb_of_.end() ? it->second : o.package;
  }

 private:
  void Link(absl::string_view package, const std::string& kb) {
    kb_of_.emplace(absl::AsciiStrToLower(package), kb);
  }

  // Only events of a client that installs nothing but cumulative updates: another update may be
  // installed in the same half hour. A package that is installed is that of a KB that was.
  void JoinByTime(const std::vector<Observation>& observations) {
    std::set<std::string> linked;
    for (const auto& [package, kb] : kb_of_) linked.insert(kb);
    EventsByTime any, installed;
    for (const Observation& o : observations) {
      if (o.package.empty() && !o.kb.empty() && !IsAgent(o.seen) &&
          InstallsOnlyCumulative(o.client) && !o.when.local && linked.count(o.kb) == 0) {
        any.Add(o);
        if (o.seen == Seen::kInstalled) installed.Add(o);
      }
    }
    any.Sort();
    installed.Sort();
    for (const Observation& o : observations) {
      if (!IsRollupFix(o.package) || kb_of_.count(absl::AsciiStrToLower(o.package)) > 0) continue;
      const EventsByTime& events = o.seen == Seen::kInstalled ? installed : any;
      if (const std::string* kb = events.OnlyKbNear(o.when.time)) Link(o.package, *kb);
    }
  }

  std::map<std::string, std::string> kb_of_;  // By lower-cased identity.
};

// One attempt while it is put together.
struct Draft {
  std::string key;
  std::vector<Observation> seen;
  // Index in `seen` of what says how far the update came; -1 if nothing does.
  int decisive = -1;
  absl::optional<bool> removes;  // Whether it takes the update off; unset until servicing speaks.

  void Add(Observation o) {
    if (!removes && !IsAgent(o.seen)) removes = o.removes;
    const Seen before = decisive < 0 ? Seen::kDownload : seen[decisive].seen;
    seen.push_back(std::move(o));
    bool decides = false;
    switch (seen.back().seen) {
      case Seen::kPended:
      case Seen::kFailed:
      case Seen::kRolledBack:
      case Seen::kInstalled:
        decides = true;
        break;
      case Seen::kExecuted:
        decides = decisive < 0 || before == Seen::kExecuted ||
                  (before == Seen::kPended && seen.back().final);
        break;
      case Seen::kRemoved:
        // Taking off what failed, or what hangs, is no end of an installation.
        decides = *removes;
        break;
      case Seen::kAgentFailed:
        // The agent learns the end of a pended update after the restart.
        decides = decisive < 0 || before == Seen::kPended || before == Seen::kExecuted;
        break;
      default:
        break;
    }
    if (decides) decisive = static_cast<int>(seen.size()) - 1;
  }
  const Observation* Decisive() const { return decisive < 0 ? nullptr : &seen[decisive]; }
  bool Has(Seen what) const {
    return std::any_of(seen.begin(), seen.end(),
                       [what](const Observation& o) { return o.seen == what; });
  }
  bool OnlyAgent() const {
    return std::all_of(seen.begin(), seen.end(),
                       [](const Observation& o) { return IsAgent(o.seen); });
  }
};

// Whether `o` belongs to the attempt that `draft` holds, and not to a new one.
bool Continues(const Draft& draft, const Observation& o) {
  const Observation& last = draft.seen.back();
  const bool echo = Apart(o.when.time, last.when.time) <= kEcho;
  if (IsRepair(o.client)) return echo;
  if (Begins(o.seen) && !IsAgent(o.seen) && draft.removes && *draft.removes != o.removes) {
    return false;
  }
  const Observation* decisive = draft.Decisive();
  if (decisive == nullptr || decisive->seen == Seen::kPended) {
    // A pended update waits for its restart as long as it takes; a second begin does not.
    return !Begins(o.seen) || echo;
  }
  if (decisive->seen == Seen::kExecuted) return echo || o.seen == Seen::kInstalled;
  // The registry may date an installation by its first step.
  if (Begins(o.seen)) return decisive->from_state && echo;
  switch (o.seen) {
    case Seen::kInstalled:
      return decisive->seen == Seen::kInstalled;
    case Seen::kRemoved:
    case Seen::kFailed:
    case Seen::kRolledBack:
      return echo && decisive->seen != Seen::kInstalled;
    default:
      return echo;
  }
}

// Errors that only servicing and the component store know: an agent that reports one got it there.
bool IsServicingCode(uint32_t code) {
  const uint32_t number = code & 0xFFFF;
  const uint32_t facility = code & 0xFFFF0000;
  constexpr uint32_t kSetup = 0x800F0000, kWin32 = 0x80070000;
  constexpr uint32_t kPostRebootUnexpectedState = 0x80242016;  // The restart undid the update.
  return (facility == kSetup && number >= 0x0800 && number <= 0x09FF) ||
         (facility == kWin32 && number >= 0x3700 && number <= 0x373F) ||
         code == kPostRebootUnexpectedState;
}

// `setup_from` is since when Setup.evtx tells of all that servicing does; 0 if it does not.
Attempt::Kind KindOf(const Draft& draft, FileTime setup_from) {
  bool rollup = false, stack = false, client = false, agent_only = true;
  for (const Observation& o : draft.seen) {
    rollup = rollup || IsRollupFix(o.package);
    stack = stack || IsServicingStack(o.package);
    client = client || InstallsOnlyCumulative(o.client);
    // Where Setup.evtx would tell of it and does not, the code came from elsewhere.
    const bool unseen = setup_from == 0 || o.when.time < setup_from;
    agent_only =
        agent_only && IsAgent(o.seen) && !(unseen && o.hresult && IsServicingCode(*o.hresult));
  }
  if (rollup) return Attempt::CUMULATIVE;
  if (stack) return Attempt::SERVICING_STACK;
  if (agent_only) return Attempt::AGENT_ONLY;
  if (absl::StrContains(draft.key, "~")) return Attempt::OTHER_PACKAGE;
  return client ? Attempt::CUMULATIVE : Attempt::UNKNOWN_KB;
}

// When the registry last wrote each update that it holds as installed, by key.
using Installed = std::map<std::string, FileTime>;

Installed InstalledPackages(const Snapshot& snapshot, const Names& names) {
  Installed installed;
  for (const CbsPackage& package : snapshot.cbs_packages().packages()) {
    if (!IsInstalledState(package.current_state())) continue;
    Observation o;
    o.package = package.identity();
    o.kb = text::FindKb(package.identity());
    FileTime& written = installed[names.KeyOf(o)];
    written = std::max<FileTime>(written, package.key_written_filetime());
  }
  return installed;
}

Attempt::Outcome OutcomeOf(const Draft& draft, const std::vector<When>& boots,
                           const Installed& installed) {
  const bool undone = draft.Has(Seen::kPended) || draft.Has(Seen::kRolledBack);
  const Observation* decisive = draft.Decisive();
  if (decisive == nullptr) {
    if (draft.Has(Seen::kBegun)) return Attempt::INTERRUPTED;
    return draft.Has(Seen::kAgentInstalled) && draft.OnlyAgent() ? Attempt::SUCCEEDED
                                                                 : Attempt::UNKNOWN;
  }
  switch (decisive->seen) {
    case Seen::kInstalled:
    case Seen::kExecuted:
      return Attempt::SUCCEEDED;
    case Seen::kRemoved:
      return Attempt::REMOVED;
    case Seen::kPended: {
      if (boots.empty() || !DefinitelyAfter(boots.back(), decisive->when)) return Attempt::PENDED;
      const auto it = installed.find(draft.key);
      const bool later =
          !*draft.removes && it != installed.end() && DefinitelyAfter({it->second}, decisive->when);
      return later ? Attempt::SUCCEEDED : Attempt::NEVER_FINISHED;
    }
    default:
      return undone ? Attempt::ROLLED_BACK : Attempt::FAILED;
  }
}

Attempt ToAttempt(const Draft& draft, const std::vector<When>& boots, const Installed& installed,
                  FileTime setup_from) {
  Attempt attempt;
  attempt.set_kind(KindOf(draft, setup_from));
  attempt.set_outcome(OutcomeOf(draft, boots, installed));
  attempt.set_removal(draft.removes.value_or(false));
  attempt.set_begun_filetime(draft.seen.front().when.time);
  attempt.set_last_filetime(draft.seen.back().when.time);
  if (!absl::StrContains(draft.key, "~")) attempt.set_kb(draft.key);
  for (const Observation& o : draft.seen) {
    Phase* phase = attempt.add_phases();
    phase->set_name(std::string(SeenName(o.seen)));
    phase->set_filetime(o.when.time);
    phase->set_local(o.when.local);
    phase->set_source(o.source);
    if (o.hresult) phase->set_hresult(*o.hresult);
    if (o.when.local) attempt.set_local(true);
    // A cumulative update's own name says more than that of a part of it.
    if (attempt.package().empty() || (IsRollupFix(o.package) && !IsRollupFix(attempt.package()))) {
      if (!o.package.empty()) attempt.set_package(o.package);
    }
    if (attempt.client().empty() && !IsRepair(o.client)) attempt.set_client(o.client);
  }
  // The first code is the cause, later ones tell of the clean-up; servicing's before the agent's.
  for (const bool agent : {false, true}) {
    for (const Observation& o : draft.seen) {
      const bool failed = agent ? o.seen == Seen::kAgentFailed
                                : o.seen == Seen::kFailed || o.seen == Seen::kRolledBack;
      if (failed && o.hresult && *o.hresult != 0 && !attempt.has_hresult()) {
        attempt.set_hresult(*o.hresult);
      }
    }
  }
  attempt.set_build(BuildOf(attempt.package()));
  return attempt;
}

bool Failed(const Attempt& attempt) {
  return attempt.outcome() == Attempt::FAILED || attempt.outcome() == Attempt::ROLLED_BACK ||
         attempt.outcome() == Attempt::NEVER_FINISHED;
}

// The number of "KB5072033"; 0 if there is none.
uint32_t KbNumber(const Attempt& attempt) {
  uint32_t number = 0;
  return absl::SimpleAtoi(absl::StripPrefix(attempt.kb(), "KB"), &number) ? number : 0;
}

// `before` is the highest build that was installed before `earlier` began; empty if none is known.
bool Supersedes(const Attempt& later, const Attempt& earlier, When installed,
                const std::string& before) {
  if (!DefinitelyAfter(installed, {earlier.last_filetime(), earlier.local()})) return false;
  if (later.kind() == earlier.kind() && !earlier.kb().empty() && earlier.kb() == later.kb()) {
    return true;
  }
  if (earlier.kb().empty() && earlier.package() == later.package()) return true;
  if (later.kind() != Attempt::CUMULATIVE || earlier.kind() == Attempt::AGENT_ONLY ||
      earlier.kind() == Attempt::OTHER_PACKAGE) {
    return false;
  }
  // An older update that is there again, because the newer one was taken off, is no success.
  if (!earlier.build().empty()) return CompareBuilds(later.build(), earlier.build()) >= 0;
  if (KbNumber(earlier) != 0 && KbNumber(later) != 0) return KbNumber(later) > KbNumber(earlier);
  // Neither says which is newer: at least it must be a step forward.
  return !before.empty() && CompareBuilds(later.build(), before) > 0;
}

const std::string& KeyOf(const Attempt& attempt) {
  return attempt.kb().empty() ? attempt.package() : attempt.kb();
}

struct Success {
  When installed;
  uint32_t index;
};

bool ByTime(const Success& a, const Success& b) { return a.installed.time < b.installed.time; }

// Index of the first of `successes`, sorted by time, that is not before the attempt's last fact.
size_t FirstAfter(const std::vector<Success>& successes, const Attempt& attempt) {
  const Success last{{attempt.last_filetime(), attempt.local()}, 0};
  return static_cast<size_t>(std::upper_bound(successes.begin(), successes.end(), last, ByTime) -
                             successes.begin());
}

// Finds what supersedes an attempt in logarithmic time: of one update the next success, of
// cumulative updates the one with the highest build that came after it.
class Superseding {
 public:
  Superseding(const Snapshot& snapshot, const std::vector<Attempt>& attempts)
      : attempts_(attempts) {
    for (size_t i = 0; i < attempts.size(); ++i) {
      const Success success{InstalledAt(attempts[i], snapshot), static_cast<uint32_t>(i)};
      if (success.installed.time == 0) continue;
      const bool agent = attempts[i].kind() == Attempt::AGENT_ONLY;
      (agent ? agents_ : own_)[KeyOf(attempts[i])].push_back(success);
      if (attempts[i].kind() == Attempt::CUMULATIVE) cumulative_.push_back(success);
    }
    for (auto* lists : {&own_, &agents_}) {
      for (auto& [key, list] : *lists) std::stable_sort(list.begin(), list.end(), ByTime);
    }
    std::stable_sort(cumulative_.begin(), cumulative_.end(), ByTime);
    for (const Success& success : cumulative_) {
      const std::string& build = attempts[success.index].build();
      const bool higher = !reached_.empty() && CompareBuilds(reached_.back(), build) > 0;
      reached_.push_back(higher ? reached_.back() : build);
    }
    highest_.resize(cumulative_.size());
    for (size_t i = cumulative_.size(); i-- > 0;) {
      highest_[i] = i;
      if (i + 1 == cumulative_.size()) continue;
      const std::string& later = attempts[cumulative_[highest_[i + 1]].index].build();
      if (CompareBuilds(later, attempts[cumulative_[i].index].build()) >= 0) {
        highest_[i] = highest_[i + 1];
      }
    }
  }

  absl::optional<uint32_t> Find(const Attempt& attempt) const {
    for (const auto* lists : {&own_, &agents_}) {
      const auto it = lists->find(KeyOf(attempt));
      if (it == lists->end()) continue;
      // The next one, or where a local clock leaves that open, the last.
      for (const size_t i : {FirstAfter(it->second, attempt), it->second.size() - 1}) {
        if (i < it->second.size() && Fits(it->second[i], attempt)) return it->second[i].index;
      }
    }
    const size_t first = FirstAfter(cumulative_, attempt);
    if (first == cumulative_.size()) return absl::nullopt;
    for (const size_t i : {highest_[first], cumulative_.size() - 1}) {
      if (Fits(cumulative_[i], attempt)) return cumulative_[i].index;
    }
    return absl::nullopt;
  }

 private:
  bool Fits(const Success& success, const Attempt& attempt) const {
    // What was installed before the attempt began.
    const Success begun{{attempt.begun_filetime(), attempt.local()}, 0};
    const auto before = static_cast<size_t>(
        std::lower_bound(cumulative_.begin(), cumulative_.end(), begun, ByTime) -
        cumulative_.begin());
    return Supersedes(attempts_[success.index], attempt, success.installed,
                      before == 0 ? std::string() : reached_[before - 1]);
  }

  const std::vector<Attempt>& attempts_;
  std::map<std::string, std::vector<Success>> own_, agents_;
  std::vector<Success> cumulative_;
  std::vector<std::string> reached_;  // The highest build up to each of them.
  std::vector<size_t> highest_;  // Of cumulative_ from each index on, the one of the highest build.
};

void LinkSuperseded(const Snapshot& snapshot, std::vector<Attempt>* attempts) {
  std::vector<absl::optional<uint32_t>> found;
  {
    const Superseding superseding(snapshot, *attempts);
    for (const Attempt& attempt : *attempts) {
      const bool ended =
          attempt.outcome() == Attempt::SUCCEEDED || attempt.outcome() == Attempt::REMOVED;
      found.push_back(ended ? absl::nullopt : superseding.Find(attempt));
    }
  }
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i]) (*attempts)[i].set_superseded_by(*found[i]);
  }
}

void CountFailures(std::vector<Attempt>* attempts) {
  std::map<std::string, uint32_t> in_a_row;
  for (Attempt& attempt : *attempts) {
    uint32_t& count = in_a_row[KeyOf(attempt)];
    if (Failed(attempt)) {
      attempt.set_consecutive_failures(++count);
    } else if (attempt.outcome() == Attempt::SUCCEEDED) {
      count = 0;
    }
  }
}

// The first time in Setup.evtx, if the log is whole; else 0.
FileTime SetupLogBegin(const Snapshot& snapshot) {
  for (const EventLogFile& file : snapshot.event_logs().files()) {
    if (absl::EqualsIgnoreCase(file.name(), "Setup.evtx") &&
        file.collection().status() == Collection::COLLECTED && file.collection().gaps().empty()) {
      return file.first_filetime();
    }
  }
  return 0;
}

}  // namespace

When InstalledAt(const Attempt& attempt, const Snapshot& snapshot) {
  if (attempt.outcome() != Attempt::SUCCEEDED) return {};
  // Events call many things installed. A cumulative update is when its own package is, by name, and
  // the registry, if it could be read, still has it.
  const bool cumulative = attempt.kind() == Attempt::CUMULATIVE;
  if (cumulative && attempt.build().empty()) return {};
  const Phase* first = nullptr;
  bool in_registry = false;
  for (const Phase& phase : attempt.phases()) {
    const bool installed =
        phase.name() == SeenName(Seen::kInstalled) ||
        (attempt.kind() == Attempt::AGENT_ONLY && phase.name() == SeenName(Seen::kAgentInstalled));
    if (installed && first == nullptr) first = &phase;
    in_registry = in_registry || (installed && phase.source() == kPackagesSource);
  }
  if (first == nullptr || !IsPlausible(first->filetime(), snapshot)) return {};
  const bool registry_read = snapshot.cbs_packages().collection().status() == Collection::COLLECTED;
  if (cumulative && registry_read && !in_registry) return {};
  return {first->filetime(), first->local()};
}

std::vector<Attempt> BuildAttempts(std::vector<Observation> observations,
                                   const std::vector<When>& boots, const Snapshot& snapshot) {
  const Names names(observations);
  // At one time: the steps in their own order.
  std::stable_sort(observations.begin(), observations.end(),
                   [](const Observation& a, const Observation& b) {
                     if (a.when.time != b.when.time) return a.when.time < b.when.time;
                     return a.seen < b.seen;
                   });
  std::vector<Draft> drafts;
  std::map<std::string, size_t> open;  // The last draft of each key.
  for (Observation& o : observations) {
    if (o.of_all_pended) {
      for (const auto& [key, index] : open) {
        const Observation* decisive = drafts[index].Decisive();
        if (decisive != nullptr && decisive->seen == Seen::kPended) drafts[index].Add(o);
      }
      continue;
    }
    const std::string key = names.KeyOf(o);
    // Of a part of an update only its failure says anything of the whole.
    const bool failed = o.seen == Seen::kFailed || o.seen == Seen::kRolledBack;
    if (key.empty() || (IsPartOfUpdate(o.package) && !failed)) continue;
    const auto it = open.find(key);
    if (it != open.end() && Continues(drafts[it->second], o)) {
      drafts[it->second].Add(std::move(o));
      continue;
    }
    open[key] = drafts.size();
    drafts.emplace_back();
    drafts.back().key = key;
    drafts.back().Add(std::move(o));
  }
  std::vector<Attempt> attempts;
  attempts.reserve(drafts.size());
  const Installed installed = InstalledPackages(snapshot, names);
  const FileTime setup_from = SetupLogBegin(snapshot);
  for (const Draft& draft : drafts) {
    attempts.push_back(ToAttempt(draft, boots, installed, setup_from));
  }
  LinkSuperseded(snapshot, &attempts);
  CountFailures(&attempts);
  return attempts;
}

}  // namespace patchgate::history
