// The verdict on one Windows volume, with the C++ library: verdict_cc DIRECTORY
// Ends with 0 for GO, 2 for NO_GO, 3 for INDETERMINATE, 1 if nothing was judged. Go on with 0 and
// with nothing else.
#include <chrono>
#include <iostream>

#include "absl/status/statusor.h"
#include "gate/gate.h"
#include "gate/report/report.h"

int main(int argc, char** argv) {
  using patchgate::Verdict;
  if (argc != 2) {
    std::cerr << "usage: verdict_cc DIRECTORY\n";
    return 1;
  }
  patchgate::Stop stop;
  stop.SetTimeLimit(std::chrono::minutes(5));
  patchgate::gate::Options options;
  options.stop = &stop;
  const absl::StatusOr<Verdict> verdict = patchgate::gate::EvaluateDirectory(argv[1], options);
  if (!verdict.ok()) {
    std::cerr << "not judged: " << verdict.status().message() << "\n";
    return 1;
  }
  for (const patchgate::Finding& finding : verdict->findings()) {
    if (finding.has_waiver() || finding.result() < patchgate::Finding::INDETERMINATE) continue;
    std::cout << (finding.result() == patchgate::Finding::BLOCK ? "BLOCK " : "UNKNOWN ")
              << finding.check() << ": " << finding.name() << "\n";
  }
  std::cout << patchgate::gate::OneLineReport(*verdict);
  return verdict->outcome() == Verdict::GO ? 0 : verdict->outcome() == Verdict::NO_GO ? 2 : 3;
}
