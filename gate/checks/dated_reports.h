// Reports of things that happened at some time, of which there may be very many.
#ifndef GATE_CHECKS_DATED_REPORTS_H_
#define GATE_CHECKS_DATED_REPORTS_H_

#include <string>
#include <vector>

#include "gate/check.h"
#include "servicing/history/observations.h"

namespace patchgate::gate::checks {

// `when` as an evidence line has it, UTC; 0 if it is unknown or local.
FileTime Written(history::When when);

// Collects reports and tells the gravest first, among those the newest.
class DatedReports {
 public:
  // More are only counted.
  static constexpr size_t kShown = 20;

  // A local time, which an evidence line has no place for, goes into its text.
  void Add(Finding::Result result, std::string summary, std::string where, std::string what,
           history::When when);

  // Tells them all to `finding`; `this` is empty then.
  void Tell(FindingBuilder* finding);

 private:
  struct Report {
    Finding::Result result;
    std::string summary, where, what;
    history::When when;
  };
  std::vector<Report> reports_;
};

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_DATED_REPORTS_H_
