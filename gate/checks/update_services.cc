#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// A disabled service may be policy (BITS where it is not used) or the leftover of a tool that
// switches updates off; the start types that Windows sets are not documented: a warning, no more.
Finding UpdateServicesDisabled(const CheckInput& input) {
  constexpr uint32_t kDisabled = 4;
  const UpdateServices& facts = input.snapshot.update_services();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  std::vector<std::string> disabled;
  for (const ServiceStart& service : facts.services()) {
    if (service.start() == kDisabled) disabled.push_back(service.name());
  }
  for (const ServiceStart& service : facts.services()) {
    const std::string where = Below(facts.collection(), service.name());
    if (service.start() == kDisabled) {
      finding.Warn(absl::StrCat("disabled: ", absl::StrJoin(disabled, ", ")),
                   absl::StrCat(where, "\\Start"), absl::StrCat("is ", kDisabled),
                   service.key_written_filetime());
    } else if (!service.has_start()) {
      finding.Info(absl::StrCat("service ", service.name(), " is not installed here"), where,
                   service.present() ? "has no value Start" : "not there",
                   service.key_written_filetime());
    }
  }
  return finding.Done("no service that updating uses is disabled");
}

}  // namespace patchgate::gate::checks
