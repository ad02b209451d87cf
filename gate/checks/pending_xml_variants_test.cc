#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "pending.xml-variants";

TEST(PendingXmlVariants, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "no transaction was set aside"},
                 {"kept by Windows",
                  [](FakeVolume& volume) {
                    volume.files()->AddFile("Windows/WinSxS/pending.xml.bad", "12345");
                    return volume.Build();
                  },
                  Finding::WARN,
                  "set aside as pending.xml.bad",
                  {{"Windows/WinSxS/pending.xml.bad", "5 bytes"}}},
                 {"two of them",
                  [](FakeVolume& volume) {
                    volume.files()->AddFile("Windows/WinSxS/Pending.xml.old", "");
                    volume.files()->AddFile("Windows/WinSxS/pending.xml.20251210", "");
                    return volume.Build();
                  },
                  Finding::WARN,
                  "set aside as",
                  {{"Pending.xml.old", "0 bytes"}, {"pending.xml.20251210", "0 bytes"}}},
                 {"pending.xml itself, even unreadable",
                  [](FakeVolume& volume) {
                    volume.files()->AddFile("Windows/WinSxS/pending.xml", "no XML");
                    return volume.Build();
                  },
                  Finding::PASS, "no transaction was set aside"}});
}

TEST(PendingXmlVariants, IsDated) {
  FakeVolume volume;
  volume.files()->AddFile("Windows/WinSxS/pending.xml.bad", "",
                          testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("pending.xml.bad", "2025-12-10T09:41:05Z"));
}

TEST(PendingXmlVariants, NeedsItsEvidence) { ExpectNeeds(kId, {"Windows/WinSxS"}); }

}  // namespace
}  // namespace patchgate::gate::checks
