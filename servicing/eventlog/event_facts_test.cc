#include "servicing/eventlog/event_facts.h"

#include <string>

#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/eventlog/evtx_builder.h"

namespace patchgate::eventlog {
namespace {

Event MakeEvent(const char* provider, uint32_t id,
                const std::vector<EvtxBuilder::Field>& fields = {}) {
  Event event;
  event.provider = provider;
  event.id = id;
  event.time = 5;
  event.record_id = 6;
  for (const EvtxBuilder::Field& field : fields) event.fields.push_back({field.name, field.value});
  return event;
}

struct FactCase {
  const char* name;
  Event event;
  const char* facts;  // As one line of protobuf text.
};

TEST(EventFactsTest, Facts) {
  const FactCase cases[] = {
      {"servicing, states as text of older builds",
       MakeEvent("Microsoft-Windows-Servicing", 1,
                 {{"PackageIdentifier", "KB5046613"},
                  {"InitialPackageState", "Absent"},
                  {"IntendedPackageState", "Installed"},
                  {"Client", "UpdateAgentLCU"}}),
       "servicing { kind: INITIATED event_id: 1 record_id: 6 filetime: 5 package: \"KB5046613\" "
       "initial_state: \"Absent\" intended_state: \"Installed\" client: \"UpdateAgentLCU\" }"},
      {"servicing, states as numbers",
       MakeEvent("Microsoft-Windows-Servicing", 1,
                 {{"InitialPackageState", Uint32(5064)}, {"IntendedPackageState", "5112"}}),
       "servicing { kind: INITIATED event_id: 1 record_id: 6 filetime: 5 initial_state: \"Staged\" "
       "intended_state: \"Installed\" }"},
      {"servicing, state that nobody knows",
       MakeEvent("Microsoft-Windows-Servicing", 1, {{"InitialPackageState", Uint32(5999)}}),
       "servicing { kind: INITIATED event_id: 1 record_id: 6 filetime: 5 initial_state: \"5999\" "
       "}"},
      {"servicing, broken state",
       MakeEvent("Microsoft-Windows-Servicing", 1, {{"InitialPackageState", Uint32(4888)}}),
       "servicing { kind: INITIATED event_id: 1 record_id: 6 filetime: 5 "
       "initial_state: \"Installed Invalid\" }"},
      {"servicing, text beside the number",
       MakeEvent("Microsoft-Windows-Servicing", 2,
                 {{"IntendedPackageState", Uint32(5112)},
                  {"IntendedPackageStateTextized", "Installed"},
                  {"ErrorCode", "0x0"}}),
       "servicing { kind: SUCCEEDED event_id: 2 record_id: 6 filetime: 5 "
       "intended_state: \"Installed\" error_code: 0 }"},
      {"servicing, localised text beside the number",
       MakeEvent("Microsoft-Windows-Servicing", 2,
                 {{"IntendedPackageState", Uint32(5000)},
                  {"IntendedPackageStateTextized", "Nicht vorhanden"}}),
       "servicing { kind: SUCCEEDED event_id: 2 record_id: 6 filetime: 5 "
       "intended_state: \"Absent\" }"},
      {"servicing, text beside an unknown number",
       MakeEvent(
           "Microsoft-Windows-Servicing", 2,
           {{"IntendedPackageState", Uint32(5999)}, {"IntendedPackageStateTextized", "Installed"}}),
       "servicing { kind: SUCCEEDED event_id: 2 record_id: 6 filetime: 5 "
       "intended_state: \"Installed\" }"},
      {"servicing, failed",
       MakeEvent("Microsoft-Windows-Servicing", 3, {{"ErrorCode", "0x800f0984"}}),
       "servicing { kind: FAILED event_id: 3 record_id: 6 filetime: 5 error_code: 2148469124 }"},
      {"servicing, failed, in decimal",
       MakeEvent("Microsoft-Windows-Servicing", 3, {{"ErrorCode", "-2146498172"}}),
       "servicing { kind: FAILED event_id: 3 record_id: 6 filetime: 5 error_code: 2148469124 }"},
      {"servicing, reboot", MakeEvent("Microsoft-Windows-Servicing", 4),
       "servicing { kind: REBOOT_NECESSARY event_id: 4 record_id: 6 filetime: 5 }"},
      {"servicing, a feature", MakeEvent("Microsoft-Windows-Servicing", 9),
       "servicing { kind: OTHER event_id: 9 record_id: 6 filetime: 5 }"},
      {"servicing, of no use", MakeEvent("Microsoft-Windows-Servicing", 17), ""},
      {"wusa", MakeEvent("Microsoft-Windows-WUSA", 3, {{"", "Security Update (KB5072033)"}}),
       "servicing { kind: FAILED event_id: 3 record_id: 6 filetime: 5 package: \"KB5072033\" "
       "client: \"wusa\" }"},
      {"store repair begins",
       MakeEvent("Microsoft-Windows-Servicing", 1013,
                 {{"DetectionOnly", "false"}, {"AutoTriggered", Uint32(1)}}),
       "store_repairs { event_id: 1013 record_id: 6 filetime: 5 detection_only: false "
       "auto_triggered: true }"},
      {"store repair ends",
       MakeEvent("Microsoft-Windows-Servicing", 1014,
                 {{"ErrorCode", "0x0"}, {"Repaired", "1"}, {"TotalCorruption", Uint32(3)}}),
       "store_repairs { event_id: 1014 record_id: 6 filetime: 5 error_code: 0 repaired: 1 "
       "total_corruption: 3 }"},
      {"update client",
       MakeEvent("Microsoft-Windows-WindowsUpdateClient", 20,
                 {{"errorCode", HexInt32(0x80248007)},
                  {"updateTitle", "Toplu (KB4025342)"},
                  {"updateGuid", Guid("{25ACAE93-40D4-4E62-814C-EFB2F29F1BCA}")},
                  {"updateRevisionNumber", Uint32(201)},
                  {"serviceGuid", "{9482F4B4-E343-43B6-B170-9A65BC822C77}"}}),
       "update_client { event_id: 20 record_id: 6 filetime: 5 kb: \"KB4025342\" "
       "update_guid: \"{25acae93-40d4-4e62-814c-efb2f29f1bca}\" revision: 201 "
       "error_code: 2149875719 service_guid: \"{9482f4b4-e343-43b6-b170-9a65bc822c77}\" }"},
      {"update client, GUID without braces and one that is none",
       MakeEvent("Microsoft-Windows-WindowsUpdateClient", 19,
                 {{"updateGuid", "25ACAE93-40D4-4E62-814C-EFB2F29F1BCA"}, {"serviceGuid", "x"}}),
       "update_client { event_id: 19 record_id: 6 filetime: 5 "
       "update_guid: \"{25acae93-40d4-4e62-814c-efb2f29f1bca}\" }"},
      {"update client, of no use", MakeEvent("Microsoft-Windows-WindowsUpdateClient", 40), ""},
      {"start", MakeEvent("Microsoft-Windows-Kernel-General", 12, {{"StartTime", Time(9)}}),
       "boots { kind: STARTED record_id: 6 filetime: 5 started_filetime: 9 }"},
      {"stop", MakeEvent("Microsoft-Windows-Kernel-General", 13),
       "boots { kind: STOPPED record_id: 6 filetime: 5 }"},
      {"boot status",
       MakeEvent("Microsoft-Windows-Kernel-Boot", 20,
                 {{"LastShutdownGood", Boolean(false)}, {"LastBootGood", "true"}}),
       "boots { kind: BOOT_STATUS record_id: 6 filetime: 5 last_boot_good: true "
       "last_shutdown_good: false }"},
      {"boot status unknown", MakeEvent("Microsoft-Windows-Kernel-Boot", 20),
       "boots { kind: BOOT_STATUS record_id: 6 filetime: 5 }"},
      {"fast start-up", MakeEvent("Microsoft-Windows-Kernel-Boot", 27, {{"BootType", Uint32(1)}}),
       "boots { kind: BOOT_TYPE record_id: 6 filetime: 5 boot_type: 1 }"},
      {"power lost",
       MakeEvent("Microsoft-Windows-Kernel-Power", 41, {{"BugcheckCode", Uint32(0xED)}}),
       "boots { kind: POWER_LOST record_id: 6 filetime: 5 bugcheck: 237 }"},
      {"bugcheck",
       MakeEvent("Microsoft-Windows-WER-SystemErrorReporting", 1001,
                 {{"param1", "0x000000ed (0xffffc30e4b2ca010, 0x00000000c0000001)"}}),
       "boots { kind: BUGCHECK record_id: 6 filetime: 5 bugcheck: 237 }"},
      {"bugcheck without names",
       MakeEvent("Microsoft-Windows-WER-SystemErrorReporting", 1001, {{"", "0x0000007b (0x1)"}}),
       "boots { kind: BUGCHECK record_id: 6 filetime: 5 bugcheck: 123 }"},
      {"bugcheck without a number",
       MakeEvent("Microsoft-Windows-WER-SystemErrorReporting", 1001, {{"param1", "0x"}}),
       "boots { kind: BUGCHECK record_id: 6 filetime: 5 }"},
      {"log started", MakeEvent("EventLog", 6005),
       "boots { kind: LOG_STARTED record_id: 6 filetime: 5 }"},
      {"log stopped", MakeEvent("EventLog", 6006),
       "boots { kind: LOG_STOPPED record_id: 6 filetime: 5 }"},
      {"unexpected", MakeEvent("EventLog", 6008),
       "boots { kind: UNEXPECTED record_id: 6 filetime: 5 }"},
      {"log, of no use", MakeEvent("EventLog", 6009), ""},
      {"restart asked",
       MakeEvent("User32", 1074,
                 {{"param1", "C:\\Program Files (x86)\\A\\b (1).exe (HOST)"}, {"param7", "USER"}}),
       "boots { kind: RESTART_ASKED record_id: 6 filetime: 5 process: \"b (1).exe\" }"},
      {"restart asked, name alone", MakeEvent("User32", 1074, {{"param1", "msiexec.exe"}}),
       "boots { kind: RESTART_ASKED record_id: 6 filetime: 5 process: \"msiexec.exe\" }"},
      {"volume",
       MakeEvent("Microsoft-Windows-Ntfs", 98,
                 {{"DriveName", "C:"}, {"CorruptionActionState", Uint32(3)}}),
       "volumes { kind: NTFS_STATE event_id: 98 provider: \"Microsoft-Windows-Ntfs\" record_id: 6 "
       "filetime: 5 drive: \"C:\" corruption_action: 3 }"},
      {"volume without a letter",
       MakeEvent("Ntfs", 55, {{"DriveName", "\\\\?\\Volume{df4546ae-0000}"}}),
       "volumes { kind: NTFS_CORRUPT event_id: 55 provider: \"Ntfs\" record_id: 6 filetime: 5 }"},
      {"volume repaired", MakeEvent("Ntfs", 131),
       "volumes { kind: NTFS_REPAIR event_id: 131 provider: \"Ntfs\" record_id: 6 filetime: 5 }"},
      {"volume transaction", MakeEvent("Microsoft-Windows-Ntfs", 140, {{"VolumeId", "D:"}}),
       "volumes { kind: NTFS_TRANSACTION event_id: 140 provider: \"Microsoft-Windows-Ntfs\" "
       "record_id: 6 filetime: 5 drive: \"D:\" }"},
      {"disk", MakeEvent("Disk", 153),
       "volumes { kind: DISK_ERROR event_id: 153 provider: \"Disk\" record_id: 6 filetime: 5 }"},
      {"storage controller", MakeEvent("stornvme", 129),
       "volumes { kind: DISK_ERROR event_id: 129 provider: \"stornvme\" record_id: 6 filetime: 5 "
       "}"},
      {"chkdsk", MakeEvent("Microsoft-Windows-Wininit", 1001),
       "volumes { kind: CHKDSK event_id: 1001 provider: \"Microsoft-Windows-Wininit\" "
       "record_id: 6 filetime: 5 }"},
      {"another provider with a wanted id", MakeEvent("Service Control Manager", 41), ""},
  };
  for (const FactCase& c : cases) {
    EventLogs logs;
    AddFacts(c.event, &logs);
    std::string facts = logs.ShortDebugString();
    while (!facts.empty() && facts.back() == ' ') facts.pop_back();
    EXPECT_EQ(facts, c.facts) << c.name;
    EXPECT_EQ(IsWanted(c.event), *c.facts != '\0') << c.name;
  }
}

TEST(EventFactsTest, LongTextIsCutBetweenCharacters) {
  std::string package(511, 'p');
  package += "\u03a9\u03a9";
  EventLogs logs;
  AddFacts(MakeEvent("Microsoft-Windows-Servicing", 4, {{"PackageIdentifier", package}}), &logs);
  EXPECT_EQ(logs.servicing(0).package(), std::string(511, 'p'));
}

}  // namespace
}  // namespace patchgate::eventlog
