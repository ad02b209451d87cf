#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"

namespace patchgate::gate::checks {

// Without them nobody can say that no transaction is pending: the root is not a whole Windows
// volume, or this user may not read it.
Finding RequiredFolders(const CheckInput& input) {
  const StoreFolders& facts = input.snapshot.store_folders();
  FindingBuilder finding;
  for (const Collection* folder : {&facts.winsxs(), &facts.servicing()}) {
    finding.Needs(*folder);
    if (folder->status() == Collection::ABSENT) {
      finding.Indeterminate(absl::StrCat(folder->source(), " is not on this volume"),
                            folder->source(), folder->reason());
    }
  }
  return finding.Done("the component store and the servicing folder can be read");
}

}  // namespace patchgate::gate::checks
