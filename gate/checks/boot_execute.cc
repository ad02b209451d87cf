#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/commands.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

// "autocheck autochk *", which checks volumes that are marked dirty, whatever the case and blanks.
bool IsDefault(const std::vector<std::string>& parts) {
  return parts == std::vector<std::string>{"autocheck", "autochk", "*"};
}

// Options that make autochk repair whether the volume is marked or not, or a volume named outright.
bool AsksForRepair(const std::vector<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
    return part == "/p" || part == "/m" || part == "/r" || absl::StartsWith(part, "\\??\\");
  });
}

}  // namespace

// A file system that waits for its repair, and third-party programs that run before Windows does,
// are not what to install an update on without a look (DOMAIN 2.2).
Finding BootExecuteCommands(const CheckInput& input) {
  const BootExecute& facts = input.snapshot.boot_execute();
  const std::string where = Below(facts.collection(), "BootExecute");
  const FileTime written = facts.collection().modified_filetime();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  if (IsThere(facts.collection()) && facts.commands().empty()) {
    finding.Warn("file systems are not checked at boot: nobody runs autochk", where,
                 facts.present() ? "is empty" : "not there", written);
  }
  for (const std::string& command : facts.commands()) {
    const std::vector<std::string> parts = CommandParts(command);
    if (IsDefault(parts)) continue;
    const std::string what = absl::StrCat("runs ", command);
    if (ProgramName(command) != "autochk") {
      finding.Warn(absl::StrCat("a program other than autochk runs at boot: ", command), where,
                   what, written);
    } else if (AsksForRepair(parts)) {
      finding.Warn(absl::StrCat("a file system repair is due at the next boot: ", command), where,
                   what, written);
    } else {
      finding.Info(absl::StrCat("autochk runs with options of its own: ", command), where, what,
                   written);
    }
  }
  return finding.Done("only the usual file system check runs at boot");
}

}  // namespace patchgate::gate::checks
