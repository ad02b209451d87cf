#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// pending.xml.bad is what Windows keeps of a transaction that it could not carry out; other endings
// come from people and repair scripts that took one away (DOMAIN 4.1).
Finding PendingXmlVariants(const CheckInput& input) {
  const PendingXml& facts = input.snapshot.pending_xml();
  FindingBuilder finding;
  NeedsPresent(input.snapshot.store_folders().winsxs(), &finding);
  for (const PendingXmlVariant& variant : facts.variants()) {
    finding.Warn(
        absl::StrCat("a transaction was set aside as ", variant.name(),
                     " instead of being carried out"),
        absl::StrCat(input.snapshot.store_folders().winsxs().source(), "/", variant.name()),
        absl::StrCat(variant.size(), " bytes"), variant.modified_filetime());
  }
  return finding.Done("no transaction was set aside");
}

}  // namespace patchgate::gate::checks
