#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Each subkey is a package that is not committed yet. Sources disagree on the empty key: one says
// that its presence alone counts at boot (DOMAIN 1.1).
Finding PackagesPending(const CheckInput& input) {
  const CbsRoot& facts = input.snapshot.cbs_root();
  const CbsMarker& pending = facts.packages_pending();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), "PackagesPending", &finding);
  const std::string summary =
      absl::StrCat(pending.subkeys(), " package(s) wait for their installation to be completed");
  for (const std::string& name : pending.subkey_names()) {
    finding.Block(summary, CbsKey(absl::StrCat("PackagesPending\\", name)), "not completed",
                  pending.key_written_filetime());
  }
  const uint32_t shown = static_cast<uint32_t>(pending.subkey_names_size());
  if (pending.subkeys() > shown) {
    finding.Block(summary, CbsKey("PackagesPending"),
                  absl::StrCat("and ", pending.subkeys() - shown, " more"),
                  pending.key_written_filetime());
  }
  if (pending.present() && pending.subkeys() == 0) {
    finding.Warn("the list of pending packages is empty, but its key was never removed",
                 CbsKey("PackagesPending"), "present, without subkeys",
                 pending.key_written_filetime());
  }
  return finding.Done("PackagesPending names no package");
}

}  // namespace patchgate::gate::checks
