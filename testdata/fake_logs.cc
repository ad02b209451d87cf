#include "testdata/fake_logs.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "servicing/base/utf16.h"
#include "servicing/eventlog/event_fixtures.h"

namespace patchgate::testdata {
namespace {

constexpr FileTime kSecond = kFileTimeTicksPerSecond;
constexpr FileTime kMinute = 60 * kSecond;
constexpr char kStack[] = "10.0.26100.7295";
constexpr char kClient[] = "UpdateAgentLCU";
constexpr uint32_t kAbsent = 0, kInstalled = 112;

std::string Local(absl::string_view format, FileTime t, int offset_minutes) {
  return absl::FormatTime(format, ToAbslTime(t) + absl::Minutes(offset_minutes),
                          absl::UTCTimeZone());
}

}  // namespace

void FakeLogs::Boot(FileTime t) {
  eventlog::AddShutdown(t - kMinute, &system_);
  eventlog::AddBoot(t, &system_);
  eventlog::AddVolumeState(t + kSecond, "C:", 0, &system_);
  eventlog::AddOtherEvent(t + 2 * kSecond, &system_);
  cbs_.Boot(t, kStack);
}

void FakeLogs::Begin(const Update& update, FileTime t) {
  eventlog::AddUpdateClientEvent(t - 5 * kMinute, 44, update.kb, 0, &system_);
  eventlog::AddUpdateClientEvent(t, 43, update.kb, 0, &system_);
  Report("181 [AGENT_INSTALLING_STARTED]", update, t, 0, "Success");
  eventlog::AddServicingEvent(t + 19 * kSecond, 1, update.kb, kAbsent, kInstalled, 0, kClient,
                              &setup_);
}

void FakeLogs::Pend(const Update& update, FileTime t) {
  Begin(update, t);
  cbs_.PendedUpdate(t + 19 * kSecond, update.package, update.kb);
  eventlog::AddServicingEvent(t + 2 * kMinute, 4, update.kb, kAbsent, kInstalled, 0, kClient,
                              &setup_);
  // The agent calls an update installed when it is staged.
  eventlog::AddUpdateClientEvent(t + 2 * kMinute + kSecond, 19, update.kb, 0, &system_);
  Report("183 [AGENT_INSTALLING_SUCCEEDED]", update, t + 2 * kMinute, 0, "Success");
}

void FakeLogs::Fail(const Update& update, FileTime t, uint32_t hresult, absl::string_view name) {
  Begin(update, t);
  cbs_.FailedUpdate(t + 19 * kSecond, update.package, update.kb, hresult, name);
  eventlog::AddServicingEvent(t + 2 * kMinute, 3, update.kb, kAbsent, kInstalled, hresult, kClient,
                              &setup_);
  eventlog::AddUpdateClientEvent(t + 2 * kMinute + kSecond, 20, update.kb, hresult, &system_);
  Report("182 [AGENT_INSTALLING_FAILED]", update, t + 2 * kMinute, hresult, "Failure");
  Journal(update, t + 19 * kSecond, t + 2 * kMinute, hresult);
}

void FakeLogs::Finish(const Update& update, FileTime begun, FileTime boot) {
  cbs_.Shutdown(boot - 30 * kSecond);
  Boot(boot);
  cbs_.CompletedStartup(boot + kMinute, update.package);
  eventlog::AddServicingEvent(boot + 150 * kSecond, 2, update.kb, kAbsent, kInstalled, 0, kClient,
                              &setup_);
  Journal(update, begun + 19 * kSecond, boot + 150 * kSecond, 0);
}

void FakeLogs::RollBack(const Update& update, FileTime begun, FileTime boot) {
  constexpr uint32_t kInstallersFailed = 0x800F0922;
  cbs_.Shutdown(boot - 30 * kSecond);
  Boot(boot);
  cbs_.Rollback(boot + kMinute, update.package);  // Boots 270 seconds later.
  eventlog::AddShutdown(boot + 320 * kSecond, &system_);
  eventlog::AddBoot(boot + 330 * kSecond, &system_);
  const FileTime end = boot + 365 * kSecond;
  eventlog::AddServicingEvent(end, 3, update.kb, kAbsent, kInstalled, kInstallersFailed, kClient,
                              &setup_);
  eventlog::AddUpdateClientEvent(end + kSecond, 20, update.kb, kInstallersFailed, &system_);
  Report("182 [AGENT_INSTALLING_FAILED]", update, end, kInstallersFailed, "Failure");
  Journal(update, begun + 19 * kSecond, end, kInstallersFailed);
}

void FakeLogs::AgentFails(const Update& update, FileTime t, uint32_t hresult) {
  eventlog::AddUpdateClientEvent(t, 43, update.kb, 0, &system_);
  eventlog::AddUpdateClientEvent(t + kMinute, 20, update.kb, hresult, &system_);
  Report("182 [AGENT_INSTALLING_FAILED]", update, t + kMinute, hresult, "Failure");
}

void FakeLogs::RotateCbsLog(FileTime t) {
  rotated_name_ = Local("CbsPersist_%Y%m%d%H%M%S.log", t, kUtcOffsetMinutes);
  rotated_ = cbs_.Text();
  cbs_ = cbs::CbsLogBuilder(kUtcOffsetMinutes);
}

void FakeLogs::Journal(const Update& update, FileTime begun, FileTime complete, uint32_t status) {
  const auto local = [](FileTime t) { return Local("%Y/%m/%d/%H:%M:%S", t, kUtcOffsetMinutes); };
  absl::StrAppendFormat(
      &journal_,
      "  <Session version=\"1.0\" id=\"%s\" client=\"%s\" options=\"816\" currentPhase=\"1\" "
      "lastSuccessfulState=\"%s\" pendingFollower=\"false\" retry=\"false\" Queued=\"%s\" "
      "Started=\"%s\" Complete=\"%s\" status=\"0x%x\">\r\n    <Tasks><Phase seq=\"1\"><package "
      "id=\"%s\" name=\"%s\" targetState=\"Installed\" options=\"4\"/></Phase></Tasks>\r\n"
      "  </Session>\r\n",
      cbs::CbsLogBuilder::SessionId(begun), kClient, status == 0 ? "Complete" : "StartupFinish",
      local(begun), local(begun), local(complete), status, update.package, update.kb);
}

void FakeLogs::Report(absl::string_view id_and_name, const Update& update, FileTime t,
                      uint32_t hresult, absl::string_view outcome) {
  absl::StrAppend(&reporting_, "{0F459853-F986-11ED-8EFF-001A7DDA710C}\t",
                  Local("%Y-%m-%d %H:%M:%S:000-0600", t, kUtcOffsetMinutes), "\t1\t", id_and_name,
                  "\t101\t{D3B0C442-98FC-4C14-9AFB-F4C8996FB924}\t1\t", absl::Hex(hresult),
                  "\tUpdateOrchestrator\t", outcome, "\tContent Install\t", update.kb, "\t\r\n");
}

void FakeLogs::WriteTo(evidence::MemorySource* volume, FileTime written) {
  if (!rotated_name_.empty()) {
    volume->AddFile(absl::StrCat("Windows/Logs/CBS/", rotated_name_), rotated_, written);
  }
  volume->AddFile("Windows/Logs/CBS/CBS.log", cbs_.Text(), written);
  volume->AddFile("Windows/System32/winevt/Logs/Setup.evtx", setup_.Build(), written);
  volume->AddFile("Windows/System32/winevt/Logs/System.evtx", system_.Build(), written);
  volume->AddFile("Windows/servicing/Sessions/Sessions.xml",
                  absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<Sessions>\r\n",
                               journal_, "</Sessions>\r\n"),
                  written);
  volume->AddFile("Windows/SoftwareDistribution/ReportingEvents.log",
                  absl::StrCat("\xFF\xFE", Utf8ToUtf16Le(reporting_)), written);
  // A line that every host has, and that means nothing.
  volume->AddFile("Windows/Logs/DISM/dism.log",
                  absl::StrCat(Local("%Y-%m-%d %H:%M:%S", written, kUtcOffsetMinutes),
                               ", Info                  DISM   PID=4711 TID=815 Failed to load the "
                               "provider - CDISMProviderStore::Internal_GetProvider"
                               "(hr:0x80004005)\r\n"),
                  written);
}

}  // namespace patchgate::testdata
