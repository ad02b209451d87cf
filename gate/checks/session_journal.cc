#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

using history::When;

// The end of the session if it is known, otherwise its begin.
When WhenOf(const Snapshot& snapshot, const JournalSession& session) {
  for (const Stamp* stamp : {&session.complete(), &session.started(), &session.queued()}) {
    if (stamp->filetime() != 0) return StampWhen(snapshot, *stamp);
  }
  return {session.created_filetime()};
}

std::string Describe(const JournalSession& session) {
  return absl::StrCat(
      "lastSuccessfulState ",
      session.last_successful_state().empty() ? "none" : session.last_successful_state(),
      session.has_status() ? absl::StrCat(", status ", HresultText(session.status())) : "",
      session.has_complete() ? "" : ", no Complete",
      session.pending_follower() ? ", pendingFollower" : "",
      session.client().empty() ? "" : absl::StrCat(", client ", session.client()));
}

class Judge {
 public:
  explicit Judge(const CheckInput& input)
      : snapshot_(input.snapshot),
        facts_(input.snapshot.session_journal()),
        success_(LastCumulativeSuccess(input.timeline)),
        boot_(LastBoot(input.timeline)) {
    for (const CbsSession& session : snapshot_.cbs_sessions().sessions()) {
      if (session.complete() == 1) {
        complete_.insert(session.id());
      } else if (!session.complete_unreadable()) {
        unfinished_.insert(session.id());
      }
    }
    for (const JournalSession& session : facts_.sessions()) {
      // An id that comes again, for a later phase, speaks for the session.
      if (session.has_complete()) {
        not_complete_.erase(session.id());
      } else {
        not_complete_.insert(session.id());
      }
      const bool newer = newest_ == nullptr || session.created_filetime() == 0 ||
                         session.created_filetime() >= newest_->created_filetime();
      if (newer) newest_ = &session;
    }
  }

  void Journal() {
    if (newest_ == nullptr) return;
    for (const JournalSession& session : facts_.sessions()) {
      if (session.pending_follower()) {
        Report(Finding::WARN, session, "has a follower that was still to come");
      }
    }
    if (!newest_->has_complete()) {
      const bool done = complete_.count(newest_->id()) > 0;
      Report(done ? Finding::INFO : Finding::WARN, *newest_,
             done ? "has no end in the journal, though the registry has it as complete"
                  : "is the newest, and has no end in the journal");
    }
    if (newest_->status() != 0) {
      Report(Finding::WARN, *newest_,
             absl::StrCat("is the newest, and ended with ", HresultText(newest_->status())));
    }
  }

  void Files() {
    for (const SessionFile& file : facts_.files()) {
      // Phases and backups of a session, for all that is known.
      if (file.created_filetime() == 0) continue;
      File(file);
    }
  }

  void Tell(FindingBuilder* finding) { reports_.Tell(finding); }

 private:
  // What a later success has overtaken is only told.
  void Report(Finding::Result result, const JournalSession& session, absl::string_view what) {
    const When when = WhenOf(snapshot_, session);
    std::string summary =
        absl::StrCat("servicing session ", session.id(), " of ", WhenText(when), " ", what);
    if (history::DefinitelyAfter(success_, when)) {
      result = Finding::INFO;
      absl::StrAppend(&summary, "; a cumulative update was installed since, ", WhenText(success_));
    }
    reports_.Add(result, std::move(summary),
                 absl::StrCat(facts_.journal().source(), " session ", session.id()),
                 Describe(session), when);
  }

  // Windows removes the file with the end of its session. An old one alone is no proof that the
  // session is open; together with the registry, or with the journal while nothing shows that an
  // update succeeded later, it is.
  void File(const SessionFile& file) {
    absl::string_view id = file.name();
    constexpr size_t kExtension = 4;
    if (absl::EndsWithIgnoreCase(id, ".xml")) id.remove_suffix(kExtension);
    const When modified{file.modified_filetime()};
    const bool overtaken = history::DefinitelyAfter(success_, modified);
    const bool in_registry = unfinished_.count(std::string(id)) > 0;
    const bool in_journal = !overtaken && not_complete_.count(std::string(id)) > 0;
    const bool unfinished = in_registry || in_journal;
    const bool old = history::DefinitelyAfter(boot_, modified);
    const bool young = history::DefinitelyAfter(modified, boot_);
    std::string summary = absl::StrCat("the file of servicing session ", id);
    Finding::Result result = Finding::WARN;
    if (old && unfinished) {
      result = Finding::BLOCK;
      absl::StrAppend(&summary, " is from before the boot of ", WhenText(boot_),
                      ", and the session is unfinished in ",
                      in_registry ? "the registry" : "the journal");
    } else if (unfinished) {
      absl::StrAppend(&summary, " is there, and the session is unfinished in ",
                      in_registry ? "the registry" : "the journal");
    } else if (overtaken) {
      result = Finding::INFO;
      absl::StrAppend(&summary, " was left; a cumulative update was installed since, ",
                      WhenText(success_));
    } else if (young) {
      result = Finding::INFO;
      absl::StrAppend(&summary, " is there since the last boot: the session may be at work");
    } else if (old) {
      absl::StrAppend(&summary, " was left from before the boot of ", WhenText(boot_));
    } else {
      absl::StrAppend(&summary, " is there; it may be from before the last boot");
    }
    reports_.Add(result, std::move(summary),
                 absl::StrCat(facts_.collection().source(), "/", file.name()),
                 absl::StrCat(file.size(), " bytes"), modified);
  }

  const Snapshot& snapshot_;
  const SessionJournal& facts_;
  const When success_, boot_;
  const JournalSession* newest_ = nullptr;
  std::set<std::string> complete_, unfinished_;  // Ids, by the registry.
  std::set<std::string> not_complete_;           // Likewise, by the journal.
  DatedReports reports_;
};

}  // namespace

// Windows\servicing\Sessions: what servicing itself wrote of its sessions (DOMAIN §4.5). Not every
// build keeps a journal; its absence says nothing.
Finding SessionJournalUnfinished(const CheckInput& input) {
  const SessionJournal& facts = input.snapshot.session_journal();
  FindingBuilder finding;
  finding.Needs(facts.collection());
  if (IsThere(facts.collection())) finding.Needs(facts.journal());
  Judge judge(input);
  judge.Journal();
  judge.Files();
  judge.Tell(&finding);
  if (facts.sessions().empty() && facts.files().empty()) {
    return finding.NotApplicable("there is no journal of servicing sessions");
  }
  return finding.Done(facts.sessions().empty() ? "no session file is left over"
                                               : "the newest session in the journal is complete");
}

}  // namespace patchgate::gate::checks
