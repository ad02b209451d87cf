#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

// Evidence lines: for what may matter, and for what is no cause for concern.
constexpr int kShownSystem = 50, kShown = 10;

// The path below the volume's root, lower-cased: "\windows\system32\x.dll" of "C:\Windows\…",
// "\SystemRoot\…", "Volume{guid}\…", "\Device\HarddiskVolume3\…".
std::string OnVolume(absl::string_view path) {
  const std::string lower = absl::AsciiStrToLower(path);
  absl::string_view rest = lower;
  if (absl::ConsumePrefix(&rest, "\\systemroot\\")) return absl::StrCat("\\windows\\", rest);
  absl::ConsumePrefix(&rest, "globalroot");
  if (absl::ConsumePrefix(&rest, "\\device\\") || absl::StartsWith(rest, "volume{") ||
      (rest.size() > 1 && rest[1] == ':')) {
    const size_t root = rest.find('\\');
    rest = root == absl::string_view::npos ? "" : rest.substr(root);
  }
  return std::string(rest);
}

// Files that Windows boots from or that servicing owns; printers and temporary files come and go.
bool IsSystemFile(absl::string_view destination) {
  const std::string path = OnVolume(destination);
  if (absl::StrContains(path, "\\temp\\") ||
      absl::StartsWith(path, "\\windows\\system32\\spool\\")) {
    return false;
  }
  return absl::StartsWith(path, "\\windows\\system32\\") ||
         absl::StartsWith(path, "\\windows\\winsxs\\") || absl::StartsWith(path, "\\efi\\");
}

}  // namespace

// A work queue of smss that any installer may use; most healthy hosts have entries (DOMAIN 2.2).
Finding PendingFileRenames(const CheckInput& input) {
  const FileRenames& facts = input.snapshot.file_renames();
  const FileTime written = facts.collection().modified_filetime();
  const uint32_t looked_at = static_cast<uint32_t>(facts.renames_size());
  std::string summary =
      absl::StrCat(facts.total(), " file(s) are to be renamed or deleted at the next boot");
  if (facts.total() > looked_at) {
    absl::StrAppend(&summary, "; only the first ", looked_at, " were looked at");
  }
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  int system = 0, harmless = 0;
  for (const FileRename& rename : facts.renames()) {
    const std::string where = Below(facts.collection(), rename.value());
    const std::string what = rename.destination().empty()
                                 ? absl::StrCat(rename.source(), " is deleted")
                                 : absl::StrCat(rename.source(), " becomes ", rename.destination());
    if (IsSystemFile(rename.destination())) {
      if (++system > kShownSystem) continue;
      finding.Warn(absl::StrCat("system files are to be replaced at the next boot, the first is ",
                                rename.destination()),
                   where, what, written);
    } else if (++harmless <= kShown) {
      finding.Info(summary, where, what, written);
    }
  }
  const auto more = [&](uint32_t count, absl::string_view which) {
    if (count == 0) return;
    finding.Info(summary, facts.collection().source(), absl::StrCat("and ", count, which), written);
  };
  more(std::max(system - kShownSystem, 0), " more system files");
  more(std::max(harmless - kShown, 0), " more of no concern");
  more(facts.total() - std::min(facts.total(), looked_at), " that were not looked at");
  return finding.Done("no file is to be renamed or deleted at the next boot");
}

}  // namespace patchgate::gate::checks
