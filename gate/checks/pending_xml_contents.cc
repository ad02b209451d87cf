#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate::checks {
namespace {

// On a copy of selected files the files of the store are missing because nobody copied them; a
// whole volume has at least the servicing stack that is registered on it.
bool HoldsTheStore(const ServicingStack& stack) {
  return std::any_of(
      stack.versions().begin(), stack.versions().end(), [](const ServicingStackVersion& version) {
        return version.on_disk().status() == Collection::COLLECTED && version.has_wcp();
      });
}

class Judge {
 public:
  Judge(const CheckInput& input, FindingBuilder* finding)
      : snapshot_(input.snapshot), facts_(input.snapshot.pending_xml()), finding_(finding) {}

  void MissingSources() {
    const uint64_t missing = facts_.missing_sources_total();
    if (missing == 0) return;
    const bool none_found = missing >= facts_.sources_checked();
    if (none_found && !HoldsTheStore(snapshot_.servicing_stack())) {
      Report(Finding::INDETERMINATE,
             "whether the transaction can be completed could not be measured: none of its files "
             "is here, and neither is the servicing stack; this may be a partial copy",
             absl::StrCat(missing, " files were not found"));
      return;
    }
    Report(Finding::BLOCK,
           absl::StrCat("the pending transaction cannot be completed: ", missing, " of the ",
                        facts_.sources_checked(),
                        " files that were looked up for it are not on the disk"),
           absl::StrCat(missing, " files are missing"));
    for (const std::string& path : facts_.missing_sources()) {
      finding_->Evidence(Where(), absl::StrCat("needs ", path, ": not found"), Written());
    }
  }

  // The end is lost: how the transaction would go on is not known. poqexec takes a file by its
  // identifier alone (DOMAIN §3.1), so with the one in COMPONENTS it will start on this one. With
  // another it will not: pending.transaction judges that, here it only warns. Where the file could
  // not be read at all it has no identifier, and the section's gap speaks.
  void Torn() {
    if (facts_.whole()) return;
    const ComponentsRoot& components = snapshot_.components_root();
    const bool armed = !facts_.identifier().empty() && components.has_pending_xml_identifier() &&
                       NamesEqual(facts_.identifier(), components.pending_xml_identifier());
    Report(armed ? Finding::BLOCK : Finding::WARN,
           armed ? "pending.xml is armed, but cannot be read to its end"
                 : "pending.xml cannot be read to its end",
           absl::StrCat(facts_.size(), " bytes, ", facts_.operations_total(),
                        " operations before the damage"));
  }

  void Notes() {
    if (facts_.moves_maybe_done() > 0) {
      Report(Finding::INFO,
             absl::StrCat("the pending transaction may have been carried out in part: ",
                          facts_.moves_maybe_done(), " moves look done"),
             absl::StrCat(facts_.moves_maybe_done(),
                          " moves have their destination on the disk and not their source"));
    }
    if (facts_.boot_critical_total() > 0) {
      const std::string summary =
          absl::StrCat("the pending transaction changes files that the host boots from, ",
                       facts_.boot_critical_total(), " in all");
      for (const std::string& path : facts_.boot_critical()) {
        Report(Finding::INFO, summary, absl::StrCat("changes ", path));
      }
      if (facts_.boot_critical().empty()) Report(Finding::INFO, summary, "names not kept");
    }
    if (facts_.unknown_elements() > 0) {
      const auto& names = facts_.unknown_examples();
      Report(Finding::INFO,
             absl::StrCat("the pending transaction has ", facts_.unknown_elements(),
                          " operations of a kind that is not known"),
             names.empty() ? "names not kept" : absl::StrCat("the first is ", names.Get(0)));
    }
  }

 private:
  const std::string& Where() const { return facts_.collection().source(); }
  FileTime Written() const { return facts_.collection().modified_filetime(); }
  void Report(Finding::Result result, absl::string_view summary, absl::string_view what) {
    finding_->Report(result, summary, Where(), what, Written());
  }

  const Snapshot& snapshot_;
  const PendingXml& facts_;
  FindingBuilder* finding_;
};

}  // namespace

// Whether the transaction that waits for the next boot can be carried out at all. That one waits,
// and who will run it, is for pending.transaction to judge.
Finding PendingXmlContents(const CheckInput& input) {
  const PendingXml& facts = input.snapshot.pending_xml();
  FindingBuilder finding;
  finding.Needs(facts.collection());
  if (!IsThere(facts.collection())) return finding.NotApplicable("there is no pending.xml");
  // Snapshots of format 1 hold its header alone.
  if (input.snapshot.format_version() < 2) {
    finding.Indeterminate("could not be measured: the snapshot does not hold the operations",
                          facts.collection().source(), "not collected");
    return finding.Done("");
  }
  Judge judge(input, &finding);
  judge.MissingSources();
  judge.Torn();
  judge.Notes();
  return finding.Done(absl::StrCat("pending.xml is whole: ", facts.operations_total(),
                                   " operations; of the ", facts.sources_total(),
                                   " files that they need ", facts.sources_checked(),
                                   " were looked up and found"));
}

}  // namespace patchgate::gate::checks
