#include <string>

#include "gate/checks/check_testing.h"
#include "gate/checks/checks.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

using testdata::FakeVolume;

constexpr char kOtherIdentifier[] = "00112233445566778899aabbccddeeff";
constexpr char kPoqexecElsewhere[] =
    "C:\\Windows\\System32\\poqexec.exe /display_progress \\??\\C:\\ProgramData\\pending.xml";

enum class File { kNo, kYes };
enum class Id { kNone, kSame, kOther };
enum class Poq { kNobody, kCmdline, kSetupExecute, kForeignCmdline, kForeignSetupExecute };

struct Combination {
  File file;
  Id id;
  Poq poq;
  uint32_t start;
};

evidence::MemorySource Build(const Combination& c) {
  FakeVolume volume;
  if (c.file == File::kYes) {
    volume.AddPendingXml(FakeVolume::kIdentifier, testdata::Time("2025-12-15T07:00:00Z"));
  }
  if (c.id != Id::kNone) {
    volume.SetPendingXmlIdentifier(c.id == Id::kSame ? FakeVolume::kIdentifier : kOtherIdentifier);
  }
  switch (c.poq) {
    case Poq::kNobody:
      break;
    case Poq::kCmdline:
      volume.side_by_side()->SetMultiString("PoqexecCmdline", {FakeVolume::kPoqexec});
      break;
    case Poq::kSetupExecute:
      volume.session_manager()->SetMultiString("SETUPEXECUTE", {FakeVolume::kPoqexec});
      break;
    case Poq::kForeignCmdline:
      volume.side_by_side()->SetMultiString("PoqexecCmdline", {kPoqexecElsewhere});
      break;
    case Poq::kForeignSetupExecute:
      volume.session_manager()->SetMultiString("SETUPEXECUTE", {kPoqexecElsewhere});
      break;
  }
  volume.service("TrustedInstaller")->SetDword("Start", c.start);
  return volume.Build();
}

// The matrix once more, as a chain of questions instead of a table.
const char* Expected(const Combination& c) {
  if (c.poq == Poq::kForeignCmdline || c.poq == Poq::kForeignSetupExecute) return "tampering";
  const bool registered = c.poq != Poq::kNobody;
  if (c.file == File::kYes) {
    if (c.id == Id::kNone) return "COMPONENTS names none";
    if (c.id == Id::kOther) return "not the one that COMPONENTS names";
    if (!registered) return "nothing is registered to run it";
    return c.start == 2 ? "waits for a restart" : "not set to finish it at boot";
  }
  if (c.id != Id::kNone) {
    return registered ? "the boot may fail" : "COMPONENTS names a pending.xml that is gone";
  }
  if (c.poq == Poq::kSetupExecute) return "boot stopper";
  if (c.poq == Poq::kCmdline) return "leftover";
  return c.start == 2 ? "nothing to do" : "settled";
}

TEST(PendingTransaction, EveryCombinationOfTheMatrix) {
  for (const File file : {File::kNo, File::kYes}) {
    for (const Id id : {Id::kNone, Id::kSame, Id::kOther}) {
      for (const Poq poq : {Poq::kNobody, Poq::kCmdline, Poq::kSetupExecute, Poq::kForeignCmdline,
                            Poq::kForeignSetupExecute}) {
        for (const uint32_t start : {2u, 3u}) {
          const Combination c{file, id, poq, start};
          const std::string expected = Expected(c);
          SCOPED_TRACE(expected);
          const Finding finding = RunCheck("pending.transaction", Build(c));
          EXPECT_NE(finding.summary().find(expected), std::string::npos) << finding.summary();
          EXPECT_EQ(finding.result(), expected == "settled"         ? Finding::PASS
                                      : expected == "nothing to do" ? Finding::WARN
                                                                    : Finding::BLOCK);
        }
      }
    }
  }
}

struct Missing {
  const char* name;
  const char* removed;
  Combination rest;
  Finding::Result result;
};

TEST(PendingTransaction, MissingEvidenceNeverImprovesTheAnswer) {
  const Combination settled{File::kNo, Id::kNone, Poq::kNobody, 3};
  const Combination pending{File::kYes, Id::kSame, Poq::kCmdline, 2};
  const Combination boot_stopper{File::kNo, Id::kNone, Poq::kSetupExecute, 3};
  const Missing cases[] = {
      {"settled, no COMPONENTS", testdata::kComponentsHive, settled, Finding::INDETERMINATE},
      {"settled, no SOFTWARE", testdata::kSoftwareHive, settled, Finding::INDETERMINATE},
      {"settled, no SYSTEM", testdata::kSystemHive, settled, Finding::INDETERMINATE},
      {"settled, no WinSxS", "Windows/WinSxS", settled, Finding::INDETERMINATE},
      {"pending, no COMPONENTS", testdata::kComponentsHive, pending, Finding::BLOCK},
      {"pending, no SOFTWARE", testdata::kSoftwareHive, pending, Finding::BLOCK},
      {"pending, no SYSTEM", testdata::kSystemHive, pending, Finding::BLOCK},
      {"pending, no WinSxS", "Windows/WinSxS", pending, Finding::BLOCK},
      {"boot stopper, no COMPONENTS", testdata::kComponentsHive, boot_stopper, Finding::BLOCK},
      {"boot stopper, no SOFTWARE", testdata::kSoftwareHive, boot_stopper, Finding::BLOCK},
  };
  for (const Missing& c : cases) {
    SCOPED_TRACE(c.name);
    evidence::MemorySource volume = Build(c.rest);
    volume.Remove(c.removed);
    const Finding finding = RunCheck("pending.transaction", volume);
    EXPECT_EQ(finding.result(), c.result) << finding.summary();
  }
}

TEST(PendingTransaction, DamagedEvidence) {
  const Combination pending{File::kYes, Id::kSame, Poq::kCmdline, 2};
  const Combination settled{File::kNo, Id::kNone, Poq::kNobody, 3};

  evidence::MemorySource empty_file = Build(pending);
  empty_file.AddFile("Windows/WinSxS/pending.xml", "");
  EXPECT_EQ(RunCheck("pending.transaction", empty_file).result(), Finding::BLOCK);

  evidence::MemorySource no_xml = Build(pending);
  no_xml.AddFile("Windows/WinSxS/pending.xml", "\x01\x02 not XML");
  EXPECT_EQ(RunCheck("pending.transaction", no_xml).result(), Finding::BLOCK);

  // Of a file in WinSxS that cannot even be listed nobody can say that it is absent.
  evidence::MemorySource unlisted = Build(settled);
  unlisted.AddError("Windows/WinSxS", absl::PermissionDeniedError("Windows/WinSxS: denied"));
  EXPECT_EQ(RunCheck("pending.transaction", unlisted).result(), Finding::INDETERMINATE);

  FakeVolume wrong_type;
  wrong_type.side_by_side()->SetDword("PoqexecCmdline", 1);
  EXPECT_EQ(RunCheck("pending.transaction", wrong_type.Build()).result(), Finding::INDETERMINATE);

  FakeVolume no_start;
  no_start.service("TrustedInstaller")->SetString("Start", "three");
  EXPECT_EQ(RunCheck("pending.transaction", no_start.Build()).result(), Finding::INDETERMINATE);
}

// In good order, but older than the last boot of the volume, 2025-12-15T06:20:00Z.
TEST(PendingTransaction, ATransactionThatOutlivedABootIsStuck) {
  evidence::MemorySource volume = Build({File::kYes, Id::kSame, Poq::kCmdline, 2});
  std::string bytes((*volume.Open("Windows/WinSxS/pending.xml"))->bytes());
  volume.AddFile("Windows/WinSxS/pending.xml", bytes, testdata::Time("2025-12-15T06:19:59Z"));
  const Finding finding = RunCheck("pending.transaction", volume);
  EXPECT_THAT(finding, ResultIs(Finding::BLOCK));
  EXPECT_EQ(finding.summary(),
            "stuck transaction: it was due at the boot of 2025-12-15T06:20:00Z and is still "
            "pending");
  EXPECT_EQ(finding.actor(), "support");
  // Without a boot on record nobody can tell.
  volume.Remove("Windows/System32/winevt/Logs/System.evtx");
  volume.Remove("Windows/Logs/CBS");
  EXPECT_THAT(RunCheck("pending.transaction", volume), SummaryHas("waits for a restart"));
}

TEST(PendingTransaction, IdentifierShapes) {
  FakeVolume volume;
  volume.AddPendingXml("916AE75EDB30DA0146730000DC1BE027", 0);
  volume.SetPendingXmlIdentifier(FakeVolume::kIdentifier);
  volume.side_by_side()->SetMultiString("PoqexecCmdline", {FakeVolume::kPoqexec});
  volume.service("TrustedInstaller")->SetDword("Start", 2);
  EXPECT_EQ(RunCheck("pending.transaction", volume.Build()).summary(),
            "a servicing transaction waits for a restart; restart first");

  volume.components()->SetBinary("PendingXmlIdentifier", "\x01\x02");
  EXPECT_NE(RunCheck("pending.transaction", volume.Build()).summary().find("not the one"),
            std::string::npos);

  FakeVolume emptied;
  emptied.components()->SetBinary("PendingXmlIdentifier", "");
  EXPECT_EQ(RunCheck("pending.transaction", emptied.Build()).result(), Finding::PASS);
}

}  // namespace
}  // namespace patchgate::gate::checks
