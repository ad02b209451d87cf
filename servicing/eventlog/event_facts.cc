#include "servicing/eventlog/event_facts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "servicing/eventlog/value.h"
#include "servicing/text/fields.h"

namespace patchgate::eventlog {
namespace {

// Package names and programs are shorter; a hostile log repeats long ones a million times.
constexpr size_t kMaxText = 512;

std::string Text(Value value) {
  std::string text = ToText(value);
  if (text.size() <= kMaxText) return text;
  size_t size = kMaxText;
  while (size > 0 && (text[size] & 0xC0) == 0x80) --size;  // No half character.
  text.resize(size);
  return text;
}

// "{8b4b0b5a-…}", whether typed or written with or without braces; "" for what is no GUID.
std::string Guid(Value value) {
  constexpr size_t kSize = 36;
  std::string text = absl::AsciiStrToLower(Text(value));
  if (text.size() == kSize) text = absl::StrCat("{", text, "}");
  if (text.size() != kSize + 2 || text.front() != '{' || text.back() != '}') return "";
  const auto is_guid_character = [](char c) { return absl::ascii_isxdigit(c) || c == '-'; };
  return std::all_of(text.begin() + 1, text.end() - 1, is_guid_character) ? text : "";
}

// Calls `set` with the number, if there is one.
template <typename Setter>
void IfUint32(Value value, Setter set) {
  if (const absl::optional<uint32_t> number = ToUint32(value)) set(*number);
}
template <typename Setter>
void IfBool(Value value, Setter set) {
  if (const absl::optional<bool> flag = ToBool(value)) set(*flag);
}

// What all facts have.
template <typename Fact>
Fact* Begin(const Event& event, Fact* fact) {
  fact->set_record_id(event.record_id);
  fact->set_filetime(event.time);
  return fact;
}
template <typename Fact>
Fact* BeginWithId(const Event& event, Fact* fact) {
  fact->set_event_id(event.id);
  return Begin(event, fact);
}

// Names of CurrentState, as DOMAIN §1.3 has them.
struct StateName {
  int state;
  absl::string_view name;
};
constexpr StateName kStates[] = {
    {0, "Absent"},
    {5, "UninstallPending"},
    {16, "Resolving"},
    {32, "Resolved"},
    {48, "Staging"},
    {64, "Staged"},
    {80, "Superseded"},
    {96, "InstallPending"},
    {101, "PartiallyInstalled"},
    {112, "Installed"},
    {128, "Permanent"},
    {-32, "Resolved Invalid"},
    {-64, "Staged Invalid"},
    {-112, "Installed Invalid"},
    {-128, "Permanent Invalid"},
    {4096, "Default"},
    {4100, "Detect"},
    {4101, "Canceled"},
};

// The state's name by its number in `field`, 5000 + state. Where there is none, as in logs of
// before 2019, or an unknown one, the text there or in `<field>Textized`, which Windows localises.
std::string PackageState(const Event& event, absl::string_view field) {
  const Value value = event.Find(field);
  if (const absl::optional<int64_t> number = ToInteger(value)) {
    for (const StateName& state : kStates) {
      if (*number == 5000 + state.state) return std::string(state.name);
    }
  }
  const std::string text = Text(event.Find(absl::StrCat(field, "Textized")));
  return text.empty() ? Text(value) : text;
}

void AddServicing(const Event& event, EventLogs* logs) {
  ServicingEvent* fact = BeginWithId(event, logs->add_servicing());
  fact->set_kind(event.id == 1   ? ServicingEvent::INITIATED
                 : event.id == 2 ? ServicingEvent::SUCCEEDED
                 : event.id == 3 ? ServicingEvent::FAILED
                 : event.id == 4 ? ServicingEvent::REBOOT_NECESSARY
                                 : ServicingEvent::OTHER);
  fact->set_package(Text(event.Find("PackageIdentifier")));
  fact->set_initial_state(PackageState(event, "InitialPackageState"));
  fact->set_intended_state(PackageState(event, "IntendedPackageState"));
  IfUint32(event.Find("ErrorCode"), [fact](uint32_t code) { fact->set_error_code(code); });
  fact->set_client(Text(event.Find("Client")));
}

// The stand-alone installer. Its field names are not known: the KB is taken from any.
void AddWusa(const Event& event, EventLogs* logs) {
  ServicingEvent* fact = BeginWithId(event, logs->add_servicing());
  fact->set_kind(event.id == 2 ? ServicingEvent::SUCCEEDED : ServicingEvent::FAILED);
  fact->set_client("wusa");
  for (const EventField& field : event.fields) {
    if (!fact->package().empty()) break;
    fact->set_package(text::FindKb(ToText(field.value.view())));
  }
  IfUint32(event.Find("ErrorCode"), [fact](uint32_t code) { fact->set_error_code(code); });
}

void AddStoreRepair(const Event& event, EventLogs* logs) {
  StoreRepairEvent* fact = BeginWithId(event, logs->add_store_repairs());
  IfBool(event.Find("DetectionOnly"), [fact](bool b) { fact->set_detection_only(b); });
  IfBool(event.Find("AutoTriggered"), [fact](bool b) { fact->set_auto_triggered(b); });
  IfUint32(event.Find("ErrorCode"), [fact](uint32_t code) { fact->set_error_code(code); });
  IfUint32(event.Find("Repaired"), [fact](uint32_t n) { fact->set_repaired(n); });
  IfUint32(event.Find("TotalCorruption"), [fact](uint32_t n) { fact->set_total_corruption(n); });
}

void AddUpdateClient(const Event& event, EventLogs* logs) {
  UpdateClientEvent* fact = BeginWithId(event, logs->add_update_client());
  fact->set_kb(text::FindKb(ToText(event.Find("updateTitle"))));
  fact->set_update_guid(Guid(event.Find("updateGuid")));
  fact->set_service_guid(Guid(event.Find("serviceGuid")));
  IfUint32(event.Find("updateRevisionNumber"), [fact](uint32_t n) { fact->set_revision(n); });
  IfUint32(event.Find("errorCode"), [fact](uint32_t code) { fact->set_error_code(code); });
}

BootEvent* AddBoot(BootEvent::Kind kind, const Event& event, EventLogs* logs) {
  BootEvent* fact = Begin(event, logs->add_boots());
  fact->set_kind(kind);
  return fact;
}

void AddKernelGeneral(const Event& event, EventLogs* logs) {
  if (event.id == 13) {
    AddBoot(BootEvent::STOPPED, event, logs);
    return;
  }
  BootEvent* fact = AddBoot(BootEvent::STARTED, event, logs);
  fact->set_started_filetime(ToFileTime(event.Find("StartTime")));
}

void AddKernelBoot(const Event& event, EventLogs* logs) {
  if (event.id == 27) {
    BootEvent* fact = AddBoot(BootEvent::BOOT_TYPE, event, logs);
    IfUint32(event.Find("BootType"), [fact](uint32_t n) { fact->set_boot_type(n); });
    return;
  }
  BootEvent* fact = AddBoot(BootEvent::BOOT_STATUS, event, logs);
  IfBool(event.Find("LastBootGood"), [fact](bool b) { fact->set_last_boot_good(b); });
  IfBool(event.Find("LastShutdownGood"), [fact](bool b) { fact->set_last_shutdown_good(b); });
}

void AddKernelPower(const Event& event, EventLogs* logs) {
  BootEvent* fact = AddBoot(BootEvent::POWER_LOST, event, logs);
  IfUint32(event.Find("BugcheckCode"), [fact](uint32_t code) { fact->set_bugcheck(code); });
}

// A field by its name, or by its place where the event's fields have no names.
Value NamedOrAt(const Event& event, absl::string_view name, size_t index) {
  const Value named = event.Find(name);
  return named.type != kNull ? named : event.At(index);
}

// The first field is "0x000000ed (0xffff…, 0x…, …)".
void AddBugcheck(const Event& event, EventLogs* logs) {
  BootEvent* fact = AddBoot(BootEvent::BUGCHECK, event, logs);
  const std::string text = ToText(NamedOrAt(event, "param1", 0));
  const size_t begin = text.find("0x");
  if (begin == std::string::npos) return;
  size_t end = begin + 2;
  while (end < text.size() && absl::ascii_isxdigit(text[end])) ++end;
  const absl::optional<int64_t> code = ParseInteger(text.substr(begin, end - begin));
  if (code && *code >= 0 && *code <= UINT32_MAX) fact->set_bugcheck(static_cast<uint32_t>(*code));
}

void AddLogService(const Event& event, EventLogs* logs) {
  AddBoot(event.id == 6005   ? BootEvent::LOG_STARTED
          : event.id == 6006 ? BootEvent::LOG_STOPPED
                             : BootEvent::UNEXPECTED,
          event, logs);
}

// "C:\Windows\servicing\TrustedInstaller.exe (HOST)". Only the program's file name is kept: neither
// the host's name nor a path that may hold the user's.
void AddRestartRequest(const Event& event, EventLogs* logs) {
  BootEvent* fact = AddBoot(BootEvent::RESTART_ASKED, event, logs);
  std::string program = Text(NamedOrAt(event, "param1", 0));
  program.erase(0, program.find_last_of("\\/") + 1);
  const size_t host = program.rfind(" (");
  if (host != std::string::npos && absl::EndsWith(program, ")")) program.resize(host);
  fact->set_process(program);
}

VolumeEvent* AddVolume(VolumeEvent::Kind kind, const Event& event, EventLogs* logs) {
  VolumeEvent* fact = BeginWithId(event, logs->add_volumes());
  fact->set_kind(kind);
  fact->set_provider(event.provider);
  return fact;
}

void AddNtfs(const Event& event, EventLogs* logs) {
  VolumeEvent* fact = AddVolume(event.id == 98    ? VolumeEvent::NTFS_STATE
                                : event.id == 55  ? VolumeEvent::NTFS_CORRUPT
                                : event.id <= 131 ? VolumeEvent::NTFS_REPAIR
                                                  : VolumeEvent::NTFS_TRANSACTION,
                                event, logs);
  for (const char* name : {"DriveName", "VolumeId"}) {
    const std::string drive = Text(event.Find(name));
    const bool is_letter = drive.size() >= 2 && absl::ascii_isalpha(drive[0]) && drive[1] == ':' &&
                           (drive.size() == 2 || drive.substr(2) == "\\");
    if (is_letter && fact->drive().empty()) fact->set_drive(drive.substr(0, 2));
  }
  IfUint32(event.Find("CorruptionActionState"),
           [fact](uint32_t state) { fact->set_corruption_action(state); });
}

void AddDisk(const Event& event, EventLogs* logs) {
  AddVolume(VolumeEvent::DISK_ERROR, event, logs);
}

void AddChkdsk(const Event& event, EventLogs* logs) { AddVolume(VolumeEvent::CHKDSK, event, logs); }

struct WantedEvents {
  absl::string_view provider;  // In any case.
  uint32_t first_id, last_id;
  void (*add)(const Event&, EventLogs*);
};
constexpr WantedEvents kWanted[] = {
    {"Microsoft-Windows-Servicing", 1, 16, AddServicing},
    {"Microsoft-Windows-Servicing", 1013, 1015, AddStoreRepair},
    {"Microsoft-Windows-WUSA", 2, 3, AddWusa},
    {"Microsoft-Windows-WindowsUpdateClient", 16, 28, AddUpdateClient},
    {"Microsoft-Windows-WindowsUpdateClient", 43, 44, AddUpdateClient},
    {"Microsoft-Windows-Kernel-General", 12, 13, AddKernelGeneral},
    {"Microsoft-Windows-Kernel-Boot", 20, 20, AddKernelBoot},
    {"Microsoft-Windows-Kernel-Boot", 27, 27, AddKernelBoot},
    {"Microsoft-Windows-Kernel-Power", 41, 41, AddKernelPower},
    {"Microsoft-Windows-WER-SystemErrorReporting", 1001, 1001, AddBugcheck},
    {"EventLog", 6005, 6006, AddLogService},
    {"EventLog", 6008, 6008, AddLogService},
    {"User32", 1074, 1074, AddRestartRequest},
    {"Microsoft-Windows-Ntfs", 55, 55, AddNtfs},
    {"Microsoft-Windows-Ntfs", 98, 98, AddNtfs},
    {"Microsoft-Windows-Ntfs", 130, 131, AddNtfs},
    {"Microsoft-Windows-Ntfs", 137, 137, AddNtfs},
    {"Microsoft-Windows-Ntfs", 140, 140, AddNtfs},
    {"Ntfs", 55, 55, AddNtfs},
    {"Ntfs", 98, 98, AddNtfs},
    {"Ntfs", 130, 131, AddNtfs},
    {"Ntfs", 137, 137, AddNtfs},
    {"Ntfs", 140, 140, AddNtfs},
    {"disk", 7, 7, AddDisk},
    {"disk", 11, 11, AddDisk},
    {"disk", 51, 51, AddDisk},
    {"disk", 153, 153, AddDisk},
    {"disk", 157, 157, AddDisk},
    {"storahci", 129, 129, AddDisk},
    {"stornvme", 129, 129, AddDisk},
    {"Chkdsk", 1001, 1001, AddChkdsk},
    {"Microsoft-Windows-Wininit", 1001, 1001, AddChkdsk},
};

const WantedEvents* FindWanted(const Event& event) {
  for (const WantedEvents& wanted : kWanted) {
    if (event.id >= wanted.first_id && event.id <= wanted.last_id &&
        absl::EqualsIgnoreCase(event.provider, wanted.provider)) {
      return &wanted;
    }
  }
  return nullptr;
}

}  // namespace

bool IsWanted(const Event& event) { return FindWanted(event) != nullptr; }

void AddFacts(const Event& event, EventLogs* logs) {
  if (const WantedEvents* wanted = FindWanted(event)) wanted->add(event, logs);
}

}  // namespace patchgate::eventlog
