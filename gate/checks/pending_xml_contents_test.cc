#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "pending.xml-contents";
constexpr char kFile[] = "WinSxS/pending.xml";

PendingXml* Pend(Snapshot* snapshot) {
  PendingXml* xml = snapshot->mutable_pending_xml();
  xml->mutable_collection()->set_status(Collection::COLLECTED);
  xml->mutable_collection()->clear_reason();
  xml->mutable_collection()->set_modified_filetime(testdata::Time(kAfter));
  xml->set_size(5'900'000);
  xml->set_whole(true);
  xml->set_identifier(FakeVolume::kIdentifier);
  xml->set_operations_total(12'000);
  xml->set_sources_total(9'000);
  xml->set_sources_checked(8'000);
  snapshot->mutable_components_root()->set_pending_xml_identifier(FakeVolume::kIdentifier);
  return xml;
}

void Tear(PendingXml* xml) {
  xml->set_whole(false);
  Gap* gap = xml->mutable_collection()->add_gaps();
  gap->set_where("pending.xml");
  gap->set_what("line 7, byte 4096: no element found");
}

void Miss(uint64_t count, PendingXml* xml) {
  xml->set_missing_sources_total(count);
  xml->add_missing_sources("\\SystemRoot\\WinSxS\\amd64_x\\x.dll");
}

TEST(PendingXmlContents, Cases) {
  RunCases(kId, std::vector<SnapshotCase>{
                    {"nothing pending", [](Snapshot*) {}, Finding::NOT_APPLICABLE,
                     "there is no pending.xml"},
                    {"whole", [](Snapshot* s) { Pend(s); }, Finding::PASS,
                     "12000 operations; of the 9000 files that they need 8000 were looked up"},
                    {"sources missing",
                     [](Snapshot* s) { Miss(3, Pend(s)); },
                     Finding::BLOCK,
                     "cannot be completed: 3 of the 8000 files",
                     {{kFile, "needs \\SystemRoot\\WinSxS\\amd64_x\\x.dll: not found"}}},
                    {"all sources missing, on a volume with its store",
                     [](Snapshot* s) { Miss(8'000, Pend(s)); }, Finding::BLOCK,
                     "cannot be completed: 8000 of the 8000"},
                    {"all sources missing, on a partial copy",
                     [](Snapshot* s) {
                       Miss(8'000, Pend(s));
                       Collection* stack =
                           s->mutable_servicing_stack()->mutable_versions(0)->mutable_on_disk();
                       stack->set_status(Collection::ABSENT);
                     },
                     Finding::INDETERMINATE,
                     "this may be a partial copy",
                     {{kFile, "8000 files were not found"}}},
                    {"some sources missing on what lacks the stack",
                     [](Snapshot* s) {
                       Miss(3, Pend(s));
                       s->mutable_servicing_stack()->clear_versions();
                     },
                     Finding::BLOCK, "cannot be completed"},
                    {"torn and armed",
                     [](Snapshot* s) { Tear(Pend(s)); },
                     Finding::BLOCK,
                     "is armed, but cannot be read to its end",
                     {{kFile, "12000 operations before the damage"}}},
                    {"torn, of another transaction",
                     [](Snapshot* s) {
                       Tear(Pend(s));
                       s->mutable_components_root()->set_pending_xml_identifier("00");
                     },
                     Finding::INDETERMINATE,
                     "no element found",
                     {{kFile, "5900000 bytes"}}},
                    {"torn, and COMPONENTS names none",
                     [](Snapshot* s) {
                       Pend(s)->set_whole(false);
                       s->mutable_components_root()->clear_pending_xml_identifier();
                     },
                     Finding::WARN, "cannot be read to its end"},
                    {"not readable at all",
                     [](Snapshot* s) {
                       PendingXml* xml = Pend(s);
                       Tear(xml);
                       xml->clear_identifier();
                     },
                     Finding::INDETERMINATE, "could not be measured in full"},
                    {"a snapshot without contents",
                     [](Snapshot* s) {
                       Pend(s)->set_whole(false);
                       s->set_format_version(1);
                     },
                     Finding::INDETERMINATE, "does not hold the operations"},
                    {"boot files",
                     [](Snapshot* s) {
                       PendingXml* xml = Pend(s);
                       xml->set_boot_critical_total(2);
                       xml->add_boot_critical("\\SystemRoot\\System32\\winload.efi");
                     },
                     Finding::INFO,
                     "files that the host boots from, 2 in all",
                     {{kFile, "changes \\SystemRoot\\System32\\winload.efi"}}},
                    {"unknown operations",
                     [](Snapshot* s) {
                       PendingXml* xml = Pend(s);
                       xml->set_unknown_elements(4);
                       xml->add_unknown_examples("FlipFile");
                     },
                     Finding::INFO,
                     "4 operations of a kind that is not known",
                     {{kFile, "FlipFile"}}},
                    {"carried out in part", [](Snapshot* s) { Pend(s)->set_moves_maybe_done(7); },
                     Finding::INFO, "7 moves look done"},
                });
}

TEST(PendingXmlContents, IsDated) {
  Snapshot snapshot = HealthyWithLogs();
  Miss(1, Pend(&snapshot));
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidenceWritten(kFile, kAfter));
}

TEST(PendingXmlContents, NeedsItsEvidence) {
  ExpectNeedsSection(
      kId, [](Snapshot* s) { return s->mutable_pending_xml()->mutable_collection(); },
      Finding::NOT_APPLICABLE);
  ExpectNeeds(kId, {"Windows/WinSxS"});
}

}  // namespace
}  // namespace patchgate::gate::checks
