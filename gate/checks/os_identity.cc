#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Which Windows this is decides which updates and known issues concern it. What the registry says
// here is a claim; other checks compare it with what is on the disk.
Finding OsIdentityKnown(const CheckInput& input) {
  const OsIdentity& os = input.snapshot.os();
  const FileTime written = os.collection().modified_filetime();
  FindingBuilder finding;
  NeedsPresent(os.collection(), &finding);
  uint32_t build = 0;
  if (IsThere(os.collection()) && !absl::SimpleAtoi(os.current_build(), &build)) {
    finding.Indeterminate(
        "the build of Windows is not known", Below(os.collection(), "CurrentBuild"),
        os.current_build().empty() ? "not there"
                                   : absl::StrCat("is \"", os.current_build(), "\", not a number"),
        written);
  }
  if (IsThere(os.collection()) && !os.has_ubr()) {
    finding.Info(absl::StrCat("build ", os.current_build(), ", of unknown revision"),
                 Below(os.collection(), "UBR"), "not there", written);
  }
  std::string identity = absl::StrCat(os.current_build(), ".", os.ubr(), " ", os.display_version(),
                                      " ", os.edition_id());
  absl::RemoveExtraAsciiWhitespace(&identity);
  finding.Evidence(os.collection().source(), identity, written);
  return finding.Done(identity);
}

}  // namespace patchgate::gate::checks
