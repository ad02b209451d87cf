// windows.h before what builds on it.
// clang-format off
#include <windows.h>
#include <tlhelp32.h>
// clang-format on

#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "servicing/base/filetime.h"
#include "servicing/base/win32.h"
#include "servicing/host/live_host_reader.h"

namespace patchgate::host {
namespace {

using win32::Handle;
using win32::ToFileTime;

constexpr FileTime kTicksPerMillisecond = kFileTimeTicksPerSecond / 1000;

class ServiceHandle {
 public:
  explicit ServiceHandle(SC_HANDLE handle) : handle_(handle) {}
  ServiceHandle(const ServiceHandle&) = delete;
  ServiceHandle& operator=(const ServiceHandle&) = delete;
  ~ServiceHandle() {
    if (valid()) CloseServiceHandle(handle_);
  }
  bool valid() const { return handle_ != nullptr; }
  SC_HANDLE get() const { return handle_; }

 private:
  SC_HANDLE handle_;
};

void AddGap(absl::string_view where, DWORD error, LiveHost* facts) {
  Gap* gap = facts->mutable_collection()->add_gaps();
  gap->set_where(std::string(where));
  gap->set_what(error == ERROR_ACCESS_DENIED ? "access denied"
                                             : absl::StrCat("Windows error ", error));
}

void AddActivity(LiveActivity::Kind kind, absl::string_view where, absl::string_view what,
                 LiveHost* facts) {
  LiveActivity* activity = facts->add_activities();
  activity->set_kind(kind);
  activity->set_where(std::string(where));
  activity->set_what(std::string(what));
}

FileTime BootTime() {
  constexpr FileTime kStep = 10 * kFileTimeTicksPerSecond;
  FILETIME clock;
  GetSystemTimeAsFileTime(&clock);
  const FileTime now = ToFileTime(clock), up = GetTickCount64() * kTicksPerMillisecond;
  if (now <= up) return 0;  // A clock that was never set.
  return (now - up) / kStep * kStep;
}

bool IsElevated() {
  HANDLE token = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return false;
  const Handle owned(token);
  TOKEN_ELEVATION elevation = {};
  DWORD size = 0;
  return GetTokenInformation(token, TokenElevation, &elevation, sizeof(elevation), &size) &&
         elevation.TokenIsElevated != 0;
}

// Looked up, for systems that have none: Wine is one.
LiveHost::Firmware Firmware() {
  using GetFirmwareTypeFunction = BOOL(WINAPI*)(FIRMWARE_TYPE*);
  const auto get_firmware_type = reinterpret_cast<GetFirmwareTypeFunction>(reinterpret_cast<void*>(
      GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "GetFirmwareType")));
  FIRMWARE_TYPE type = FirmwareTypeUnknown;
  if (get_firmware_type == nullptr || !get_firmware_type(&type)) {
    return LiveHost::FIRMWARE_UNSPECIFIED;
  }
  return type == FirmwareTypeBios   ? LiveHost::BIOS
         : type == FirmwareTypeUefi ? LiveHost::UEFI
                                    : LiveHost::FIRMWARE_UNSPECIFIED;
}

void ReadService(LiveHost* facts) {
  constexpr char kWhere[] = "service TrustedInstaller";
  const ServiceHandle manager(OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
  if (!manager.valid()) return AddGap(kWhere, GetLastError(), facts);
  const ServiceHandle service(
      OpenServiceW(manager.get(), L"TrustedInstaller", SERVICE_QUERY_STATUS));
  if (!service.valid()) {
    const DWORD error = GetLastError();
    if (error != ERROR_SERVICE_DOES_NOT_EXIST) AddGap(kWhere, error, facts);
    return;
  }
  SERVICE_STATUS_PROCESS status = {};
  DWORD size = 0;
  if (!QueryServiceStatusEx(service.get(), SC_STATUS_PROCESS_INFO, reinterpret_cast<BYTE*>(&status),
                            sizeof(status), &size)) {
    return AddGap(kWhere, GetLastError(), facts);
  }
  switch (status.dwCurrentState) {
    case SERVICE_STOPPED:
      return;
    case SERVICE_START_PENDING:
      return AddActivity(LiveActivity::SERVICING, kWhere, "is starting", facts);
    case SERVICE_STOP_PENDING:
      return AddActivity(LiveActivity::SERVICING, kWhere, "is stopping", facts);
    default:
      return AddActivity(LiveActivity::SERVICING, kWhere, "is running", facts);
  }
}

// Windows Installer holds the mutex while it installs. Whether it is there is all that is asked;
// one that may not be opened is there.
void ReadInstallerMutex(LiveHost* facts) {
  constexpr char kWhere[] = "mutex Global\\_MSIExecute";
  const Handle mutex(OpenMutexW(SYNCHRONIZE, FALSE, L"Global\\_MSIExecute"));
  const DWORD error = mutex.valid() ? ERROR_SUCCESS : GetLastError();
  if (error == ERROR_SUCCESS || error == ERROR_ACCESS_DENIED) {
    AddActivity(LiveActivity::INSTALLER, kWhere, "is held", facts);
  } else if (error != ERROR_FILE_NOT_FOUND) {
    AddGap(kWhere, error, facts);
  }
}

FileTime CreationTime(HANDLE process) {
  FILETIME creation, exit, kernel, user;
  return GetProcessTimes(process, &creation, &exit, &kernel, &user) ? ToFileTime(creation) : 0;
}

// Of a parent that has ended nothing is known; its id may be that of a younger process by now.
bool Is32BitParent(DWORD id) {
  const Handle parent(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id));
  if (id == 0 || !parent.valid()) return false;
  const FileTime created = CreationTime(parent.get());
  if (created == 0 || created > CreationTime(GetCurrentProcess())) return false;
  BOOL is_32_bit = FALSE;
  return IsWow64Process(parent.get(), &is_32_bit) && is_32_bit;
}

void ReadProcesses(LiveHost* facts) {
  const Handle list(CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
  PROCESSENTRY32W entry = {};
  entry.dwSize = sizeof(entry);
  if (!list.valid() || !Process32FirstW(list.get(), &entry)) {
    return AddGap("processes", GetLastError(), facts);
  }
  const struct {
    const wchar_t* name;
    const char* where;
  } kWorkers[] = {{L"TrustedInstaller.exe", "process TrustedInstaller.exe"},
                  {L"TiWorker.exe", "process TiWorker.exe"}};
  bool seen[std::size(kWorkers)] = {};
  DWORD parent = 0;
  do {
    if (entry.th32ProcessID == GetCurrentProcessId()) parent = entry.th32ParentProcessID;
    for (size_t i = 0; i < std::size(kWorkers); ++i) {
      if (CompareStringOrdinal(entry.szExeFile, -1, kWorkers[i].name, -1, TRUE) != CSTR_EQUAL ||
          seen[i])
        continue;
      seen[i] = true;
      AddActivity(LiveActivity::SERVICING, kWorkers[i].where, "is running", facts);
    }
  } while (Process32NextW(list.get(), &entry));
  if (const DWORD error = GetLastError(); error != ERROR_NO_MORE_FILES) {
    AddGap("processes", error, facts);
  }
  facts->set_started_by_32_bit(Is32BitParent(parent));
}

}  // namespace

LiveHost ReadLiveHost() {
  LiveHost facts;
  facts.mutable_collection()->set_status(Collection::COLLECTED);
  facts.mutable_collection()->set_source("the running Windows");
  facts.set_boot_filetime(BootTime());
  facts.set_elevated(IsElevated());
  facts.set_firmware(Firmware());
  ReadService(&facts);
  ReadProcesses(&facts);
  ReadInstallerMutex(&facts);
  return facts;
}

}  // namespace patchgate::host
