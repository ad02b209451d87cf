// What a check is: a pure function from the snapshot to one finding. No I/O, no clock, no globals.
#ifndef GATE_CHECK_H_
#define GATE_CHECK_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gate/verdict.pb.h"
#include "servicing/base/filetime.h"
#include "servicing/history/timeline.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate {

// Everything that a check may look at.
struct CheckInput {
  const Snapshot& snapshot;
  const Timeline& timeline;  // history::BuildTimeline(snapshot)
  FileTime now;
};

struct Check {
  const char* id;
  Finding (*run)(const CheckInput& input);
};

// Every check, by id. One explicit table, in gate/checks/all_checks.cc.
absl::Span<const Check> AllChecks();

// Builds the finding of one check. The worst of what is reported decides the result: BLOCK before
// INDETERMINATE before WARN before INFO before PASS; the summary is that of the first report of
// that rank. Every evidence line is kept, whatever its rank.
//
//   FindingBuilder finding;
//   finding.Needs(sessions.collection());
//   for (…) finding.Block("a session never finished", where, "Complete is 0", written);
//   return finding.Done("every session is complete");
class FindingBuilder {
 public:
  // The check reads this section: unreadable or never looked at, or read with gaps, it cannot pass.
  // ABSENT is fine; what an absence means is for the check to say.
  void Needs(const Collection& section);

  void Block(absl::string_view summary, absl::string_view where, absl::string_view what,
             FileTime written = 0) {
    Report(Finding::BLOCK, summary, where, what, written);
  }
  void Warn(absl::string_view summary, absl::string_view where, absl::string_view what,
            FileTime written = 0) {
    Report(Finding::WARN, summary, where, what, written);
  }
  void Info(absl::string_view summary, absl::string_view where, absl::string_view what,
            FileTime written = 0) {
    Report(Finding::INFO, summary, where, what, written);
  }
  void Indeterminate(absl::string_view summary, absl::string_view where, absl::string_view what,
                     FileTime written = 0) {
    Report(Finding::INDETERMINATE, summary, where, what, written);
  }
  void Report(Finding::Result result, absl::string_view summary, absl::string_view where,
              absl::string_view what, FileTime written);

  // A judgement whose evidence is added apart from it.
  void Judge(Finding::Result result, absl::string_view summary);

  // What to do about this very finding, instead of what the check's record says in general; empty
  // leaves it at that. `actor` is as in the verdict.
  void Advise(absl::string_view resolution, absl::string_view actor);

  // Evidence without a judgement of its own.
  void Evidence(absl::string_view where, absl::string_view what, FileTime written = 0);

  // Ends with PASS and `summary` if nothing worse was reported.
  Finding Done(absl::string_view pass_summary);
  // Likewise, with NOT_APPLICABLE.
  Finding NotApplicable(absl::string_view summary);

 private:
  Finding Finish(Finding::Result quiet, absl::string_view summary);
  Finding finding_;
};

// Short names of registry places, for evidence lines: "SOFTWARE\…\Component Based Servicing\x".
std::string CbsKey(absl::string_view below);

}  // namespace patchgate::gate

#endif  // GATE_CHECK_H_
