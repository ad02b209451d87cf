#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/types.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "pending.file-renames";

using Pair = std::pair<std::string, std::string>;

evidence::MemorySource WithRenames(FakeVolume& volume, const std::vector<Pair>& renames) {
  std::string data;
  for (const auto& [source, destination] : renames) {
    absl::StrAppend(&data, source, absl::string_view("\0", 1), destination,
                    absl::string_view("\0", 1));
  }
  data.push_back('\0');
  volume.session_manager()->SetValue("PendingFileRenameOperations", regf::kRegMultiSz,
                                     Utf8ToUtf16Le(data));
  return volume.Build();
}

CheckCase Rename(const char* destination, Finding::Result result) {
  return {destination,
          [destination](FakeVolume& volume) {
            return WithRenames(volume, {{R"(\??\C:\x\new)", destination}});
          },
          result,
          result == Finding::WARN ? "system files are to be replaced" : "1 file(s)",
          {{"Session Manager\\PendingFileRenameOperations", R"(C:\x\new becomes )"}}};
}

TEST(PendingFileRenames, Cases) {
  RunCases(
      kId,
      {{"healthy",
        Unchanged,
        Finding::INFO,
        "1 file(s) are to be renamed or deleted",
        {{"PendingFileRenameOperations", R"(C:\Windows\Temp\a1.tmp is deleted)"}}},
       {"none",
        [](FakeVolume& volume) {
          volume.session_manager()->RemoveValue("PendingFileRenameOperations");
          return volume.Build();
        },
        Finding::PASS, "no file"},
       Rename(R"(\??\C:\Windows\System32\kernel32.dll)", Finding::WARN),
       Rename(R"(!\??\c:\WINDOWS\system32\DRIVERS\x.sys)", Finding::WARN),
       Rename(R"(\??\C:\Windows\WinSxS\x\y.dll)", Finding::WARN),
       Rename(R"(\??\Volume{01234567-89ab-cdef-0123-456789abcdef}\EFI\Boot\bootx64.efi)",
              Finding::WARN),
       Rename(R"(\Device\HarddiskVolume1\EFI\Microsoft\Boot\bootmgfw.efi)", Finding::WARN),
       Rename(R"(\??\GLOBALROOT\Device\HarddiskVolume1\EFI\x)", Finding::WARN),
       Rename(R"(\SystemRoot\System32\x.dll)", Finding::WARN),
       Rename(R"(\??\C:\Windows\System32\spool\DRIVERS\x64\3\x.dll)", Finding::INFO),
       Rename(R"(\??\C:\Windows\System32\config\systemprofile\AppData\Local\Temp\x)",
              Finding::INFO),
       Rename(R"(\??\C:\Program Files\EFI\x)", Finding::INFO),
       Rename(R"(\??\C:\Windows\System32x\x)", Finding::INFO),
       {"deletion of a driver's temporary file",
        [](FakeVolume& volume) {
          return WithRenames(volume, {{R"(\??\C:\Windows\System32\drivers\SETEAC4.tmp)", ""}});
        },
        Finding::INFO, "1 file(s)"},
       {"the one that matters comes last",
        [](FakeVolume& volume) {
          std::vector<Pair> renames(30, {R"(\??\C:\Config.Msi\a.rbf)", ""});
          renames.push_back({R"(\??\C:\x)", R"(\??\C:\Windows\System32\x.dll)"});
          return WithRenames(volume, renames);
        },
        Finding::WARN,
        R"(C:\Windows\System32\x.dll)",
        {{"Session Manager", "and 20 more"}}},
       {"many that matter",
        [](FakeVolume& volume) {
          return WithRenames(volume, std::vector<Pair>(60, {"x", R"(C:\Windows\System32\x.dll)"}));
        },
        Finding::WARN,
        "system files",
        {{"Session Manager", "and 10 more system files"}}},
       {"more than are kept",
        [](FakeVolume& volume) {
          return WithRenames(volume, std::vector<Pair>(1200, {R"(\??\C:\Config.Msi\a.rbf)", ""}));
        },
        Finding::INFO,
        "1200 file(s) are to be renamed or deleted at the next boot; only the first 1000",
        {{"Session Manager", "and 200 that were not looked at"}}},
       {"no key",
        [](FakeVolume& volume) {
          volume.system()->AddKey("ControlSet001")->RemoveKey("Control");
          return volume.Build();
        },
        Finding::INDETERMINATE, "Session Manager is missing"},
       {"wrong type",
        [](FakeVolume& volume) {
          volume.session_manager()->SetString("PendingFileRenameOperations2", "x");
          return volume.Build();
        },
        Finding::INDETERMINATE, "expected REG_MULTI_SZ"},
       {"broken value list",
        [](FakeVolume& volume) {
          evidence::MemorySource built = volume.Build();
          BreakValues(kSystemHive, *volume.session_manager(), &built);
          return built;
        },
        Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(PendingFileRenames, IsDated) {
  FakeVolume volume;
  volume.session_manager()->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("PendingFileRenameOperations", "2025-12-10T09:41:05Z"));
}

TEST(PendingFileRenames, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
