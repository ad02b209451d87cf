#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

void JudgeFolder(const ServicingStackVersion& stack, const Collection& winsxs, FileTime written,
                 FindingBuilder* finding) {
  const std::string where = CbsKey(absl::StrCat("Version\\", stack.version()));
  switch (stack.on_disk().status()) {
    case Collection::ABSENT:
      // Without the component store the volume is not whole; the stack may be elsewhere.
      if (!IsThere(winsxs)) return;
      finding->Block(absl::StrCat("servicing stack ", stack.version(),
                                  " is registered, but its folder is not on the disk"),
                     where, absl::StrCat("names ", stack.folder(), ": not found"), written);
      return;
    case Collection::COLLECTED:
      break;
    default:
      finding->Indeterminate(
          absl::StrCat("the folder of servicing stack ", stack.version(), " could not be read"),
          where, absl::StrCat("names ", stack.folder(), ": ", stack.on_disk().reason()), written);
      return;
  }
  std::vector<std::string> missing;
  if (!stack.has_cbscore()) missing.push_back("cbscore.dll");
  if (!stack.has_wcp()) missing.push_back("wcp.dll");
  if (missing.empty()) return;
  const std::string files = absl::StrJoin(missing, " and ");
  finding->Block(absl::StrCat("the folder of servicing stack ", stack.version(), " lacks ", files),
                 where, absl::StrCat("names ", stack.folder(), ", without ", files), written);
}

}  // namespace

// CBS\Version has one value: the stack that TrustedInstaller loads (DOMAIN 1.1). What
// TrustedInstaller does without the key is not known, neither that it works nor that it fails:
// INDETERMINATE.
Finding ServicingStackRegistration(const CheckInput& input) {
  const ServicingStack& facts = input.snapshot.servicing_stack();
  const Collection& winsxs = input.snapshot.store_folders().winsxs();
  const FileTime written = facts.collection().modified_filetime();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  NeedsPresent(winsxs, &finding);
  // Where part of the key is unreadable, that part may hold the one value.
  const bool none = facts.versions().empty() && facts.collection().gaps().empty();
  if (IsThere(facts.collection()) && (none || facts.versions_size() > 1)) {
    finding.Block(absl::StrCat(facts.versions_size(), " servicing stacks are registered, not one"),
                  CbsKey("Version"), absl::StrCat("has ", facts.versions_size(), " values"),
                  written);
  }
  for (const ServicingStackVersion& stack : facts.versions()) {
    JudgeFolder(stack, winsxs, written, &finding);
  }
  const std::string version = facts.versions().empty() ? "" : facts.versions(0).version();
  return finding.Done(absl::StrCat("servicing stack ", version,
                                   " is registered and has its core files on the disk"));
}

}  // namespace patchgate::gate::checks
