#include "gate/evaluate.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/check.h"
#include "gate/checks/live_activity.h"
#include "gate/checks/presence.h"
#include "gate/checks/store_damage.h"
#include "servicing/base/version.h"
#include "servicing/history/timeline.h"

namespace patchgate::gate {
namespace {

bool Contains(const google::protobuf::RepeatedPtrField<std::string>& list,
              const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

EvidenceItem ToItem(std::string id, const Collection& section, const Policy& policy) {
  EvidenceItem item;
  item.set_required(Contains(policy.required_evidence(), id));
  item.set_id(std::move(id));
  switch (section.status()) {
    case Collection::COLLECTED:
      item.set_status("collected");
      break;
    case Collection::ABSENT:
      item.set_status("absent");
      break;
    case Collection::UNREADABLE:
      item.set_status("unreadable");
      break;
    default:
      item.set_status("not collected");
      break;
  }
  item.set_reason(section.reason());
  return item;
}

// A file in which nothing could be read is no evidence, whatever its name.
Collection IfAnyRead(Collection section, bool any) {
  if (section.status() != Collection::COLLECTED || any) return section;
  section.set_status(Collection::UNREADABLE);
  section.set_reason(section.gaps().empty() ? "nothing in it could be read"
                                            : section.gaps(0).what());
  return section;
}

void AddEvidenceItems(const Snapshot& snapshot, const Policy& policy, Verdict* verdict) {
  for (const HiveFacts& hive : snapshot.hives()) {
    EvidenceItem item = ToItem(absl::StrCat("hive.", absl::AsciiStrToLower(hive.name())),
                               hive.collection(), policy);
    if (hive.state() == HiveFacts::POSSIBLY_STALE) {
      item.set_status("possibly stale");
      item.set_reason("dirty, and its transaction logs could not bring it up to date");
    }
    *verdict->add_evidence() = std::move(item);
  }
  *verdict->add_evidence() = ToItem("folder.winsxs", snapshot.store_folders().winsxs(), policy);
  *verdict->add_evidence() =
      ToItem("folder.servicing", snapshot.store_folders().servicing(), policy);
  *verdict->add_evidence() = ToItem("log.cbs", checks::CbsLogEvidence(snapshot), policy);
  *verdict->add_evidence() =
      ToItem("log.setup-events", checks::EventLogEvidence(snapshot, "Setup.evtx"), policy);
  *verdict->add_evidence() =
      ToItem("log.system-events", checks::EventLogEvidence(snapshot, "System.evtx"), policy);
  const SessionJournal& journal = snapshot.session_journal();
  *verdict->add_evidence() =
      ToItem("log.sessions",
             IfAnyRead(journal.journal(),
                       journal.sessions_total() > 0 || journal.journal().gaps().empty()),
             policy);
  const ReportingEvents& reporting = snapshot.reporting_events();
  *verdict->add_evidence() = ToItem(
      "log.reporting",
      IfAnyRead(reporting.collection(), reporting.lines() > reporting.unknown_lines()), policy);
  // A verification with holes is none to a policy that requires it: they may hide what blocks.
  EvidenceItem store = ToItem("store.verification", checks::StoreEvidence(snapshot), policy);
  if (const std::string shortfall = checks::StoreShortfall(snapshot); !shortfall.empty()) {
    store.set_status("in part");
    store.set_reason(shortfall);
  }
  *verdict->add_evidence() = std::move(store);
  *verdict->add_evidence() = ToItem("boot.bcd", snapshot.bcd().collection(), policy);
  *verdict->add_evidence() = ToItem("boot.drivers", snapshot.boot_drivers().folder(), policy);
}

// The waiver that covers `finding`, if any. BLOCK, WARN and INFO can be waived; INDETERMINATE can
// too, unless the check says whether the evidence can be believed at all.
const Waiver* FindWaiver(const Finding& finding, const CheckRecord* record, const Policy& policy,
                         FileTime now) {
  if (finding.result() <= Finding::NOT_APPLICABLE) return nullptr;
  if (finding.result() == Finding::INDETERMINATE && (record == nullptr || record->integrity())) {
    return nullptr;
  }
  for (const Waiver& waiver : policy.waivers()) {
    if (waiver.check() != finding.check() || ParseRfc3339(waiver.expires()).value_or(0) <= now) {
      continue;
    }
    // Every line must be covered: a waiver for one leftover does not hide a second one.
    const bool covered = !finding.evidence().empty() &&
                         std::all_of(finding.evidence().begin(), finding.evidence().end(),
                                     [&](const EvidenceLine& line) {
                                       return absl::StrContains(line.where(), waiver.evidence()) ||
                                              absl::StrContains(line.what(), waiver.evidence());
                                     });
    if (covered) return &waiver;
  }
  return nullptr;
}

const char* ActorName(CheckRecord::Actor actor) {
  switch (actor) {
    case CheckRecord::ADMINISTRATOR:
      return "administrator";
    case CheckRecord::SUPPORT:
      return "support";
    case CheckRecord::SECURITY:
      return "security";
    default:
      return "";
  }
}

// What servicing makes and clears again is no leftover while servicing works: whether it will still
// be there afterwards nobody can tell now. A sign of tampering is one all the same.
void WaitForServicing(const CheckRecord* record, Finding* finding) {
  if (finding->result() != Finding::BLOCK || record == nullptr || !record->made_by_servicing() ||
      finding->actor() == ActorName(CheckRecord::SECURITY)) {
    return;
  }
  finding->set_result(Finding::INDETERMINATE);
  finding->set_summary(absl::StrCat(finding->summary(),
                                    "; servicing is at work now: judge again when it has ended"));
  finding->set_resolution("Wait until servicing has ended, then check again.");
  finding->set_actor(ActorName(CheckRecord::ADMINISTRATOR));
}

void Count(const Finding& finding, VerdictSummary* summary) {
  if (finding.has_waiver()) {
    summary->set_waived(summary->waived() + 1);
    return;
  }
  switch (finding.result()) {
    case Finding::BLOCK:
      return summary->set_block(summary->block() + 1);
    case Finding::INDETERMINATE:
      return summary->set_indeterminate(summary->indeterminate() + 1);
    case Finding::WARN:
      return summary->set_warn(summary->warn() + 1);
    case Finding::INFO:
      return summary->set_info(summary->info() + 1);
    case Finding::PASS:
      return summary->set_pass(summary->pass() + 1);
    default:
      return summary->set_not_applicable(summary->not_applicable() + 1);
  }
}

}  // namespace

Verdict Evaluate(const Snapshot& snapshot, const Catalog& catalog, const Policy& policy,
                 FileTime now, bool pinned) {
  Verdict verdict;
  verdict.set_patchgate_version(kPatchgateVersion);
  if (pinned) verdict.set_judged_at(FormatFileTime(now));
  verdict.set_source(snapshot.source());
  const OsIdentity& os = snapshot.os();
  verdict.mutable_host()->set_build(os.has_ubr() ? absl::StrCat(os.current_build(), ".", os.ubr())
                                                 : os.current_build());
  verdict.mutable_host()->set_display_version(os.display_version());
  verdict.mutable_host()->set_edition(os.edition_id());
  verdict.mutable_host()->set_installation_type(os.installation_type());
  *verdict.mutable_reads() = snapshot.reads();
  AddEvidenceItems(snapshot, policy, &verdict);

  const Timeline timeline = history::BuildTimeline(snapshot);
  VerdictSummary* summary = verdict.mutable_summary();
  verdict.set_busy(checks::IsBusy(snapshot));
  const bool servicing_at_work = checks::ServicingIsAtWork(snapshot);
  bool blocked = false, unknown = verdict.busy();
  for (const Check& check : AllChecks()) {
    Finding finding = check.run({snapshot, timeline, now});
    finding.set_check(check.id);
    const CheckRecord* record = catalog.Find(check.id);
    if (servicing_at_work) WaitForServicing(record, &finding);
    if (record != nullptr) {
      finding.set_name(record->name());
      if (finding.result() > Finding::INFO && finding.resolution().empty()) {
        finding.set_resolution(record->resolution());
        finding.set_actor(ActorName(record->actor()));
      }
    }
    if (const Waiver* waiver = FindWaiver(finding, record, policy, now)) {
      finding.mutable_waiver()->set_reason(waiver->reason());
      finding.mutable_waiver()->set_owner(waiver->owner());
      finding.mutable_waiver()->set_expires(waiver->expires());
    } else if (finding.result() == Finding::BLOCK) {
      blocked = true;
    } else if (finding.result() == Finding::INDETERMINATE) {
      // A check without a record cannot say what it needs, so it needs everything. One that needs
      // no evidence asked the running host, and whatever policy requires depends on the answer.
      unknown =
          unknown || record == nullptr || record->needs().empty() ||
          std::any_of(record->needs().begin(), record->needs().end(), [&](const std::string& id) {
            return Contains(policy.required_evidence(), id);
          });
    }
    Count(finding, summary);
    *verdict.add_findings() = std::move(finding);
  }
  for (const Waiver& waiver : policy.waivers()) {
    const bool expired = ParseRfc3339(waiver.expires()).value_or(0) <= now;
    const bool applied =
        std::any_of(verdict.findings().begin(), verdict.findings().end(), [&](const Finding& f) {
          return f.check() == waiver.check() && f.has_waiver() &&
                 f.waiver().reason() == waiver.reason() && f.waiver().expires() == waiver.expires();
        });
    if (applied) continue;
    verdict.add_notes(
        absl::StrCat("waiver of ", waiver.check(), " by ", waiver.owner(),
                     expired ? absl::StrCat(" expired ", waiver.expires(), ": not applied")
                             : " matches no finding in full: not applied"));
  }
  for (const Finding& finding : verdict.findings()) {
    if (finding.check() != "pending.transaction" || finding.result() != Finding::BLOCK ||
        finding.has_waiver()) {
      continue;
    }
    verdict.add_notes(
        "follow the advice of pending.transaction first; until then no other advice to restart or "
        "to repair holds");
  }
  // Evidence that a policy requires and the snapshot does not have, whatever the checks made of it.
  uint32_t read = 0;
  for (const EvidenceItem& item : verdict.evidence()) {
    const bool usable = item.status() == "collected";
    read += usable;
    if (item.required() && !usable) unknown = true;
  }
  for (const std::string& id : policy.required_evidence()) {
    unknown = unknown || std::none_of(verdict.evidence().begin(), verdict.evidence().end(),
                                      [&](const EvidenceItem& item) { return item.id() == id; });
  }
  summary->set_evidence_read(read);
  summary->set_evidence_total(static_cast<uint32_t>(verdict.evidence_size()));

  std::stable_sort(verdict.mutable_findings()->begin(), verdict.mutable_findings()->end(),
                   [](const Finding& a, const Finding& b) {
                     if (a.result() != b.result()) return a.result() > b.result();
                     return a.check() < b.check();
                   });
  verdict.set_outcome(blocked ? Verdict::NO_GO : unknown ? Verdict::INDETERMINATE : Verdict::GO);
  return verdict;
}

}  // namespace patchgate::gate
