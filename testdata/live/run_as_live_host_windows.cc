// Makes the Wine that it runs under a staged live host, and runs a program there:
//
//   run_as_live_host DIR PROGRAM [ARGUMENT]...
//
// DIR is what write_live_host wrote; the volume's files already lie on drive C:. The hives of a
// running Windows are loaded and their files locked, as Windows keeps them. Exits as the program
// does; 90 if it could not be started.
#include <windows.h>

#include <cstdio>
#include <cwchar>
#include <string>

namespace {

constexpr int kCouldNotStage = 90;

struct LoadedHive {
  const wchar_t* key;   // Of HKEY_LOCAL_MACHINE.
  const wchar_t* file;  // Locked.
  bool replaces;        // A key of Wine.
};
constexpr LoadedHive kLoadedHives[] = {
    {L"SYSTEM", L"C:\\Windows\\System32\\config\\SYSTEM", true},
    {L"SOFTWARE", L"C:\\Windows\\System32\\config\\SOFTWARE", true},
    {L"BCD00000000", L"C:\\EFI\\Microsoft\\Boot\\BCD", false},
};

bool Complain(const char* what, const wchar_t* of, DWORD error) {
  std::fprintf(stderr, "run_as_live_host: %s %ls: Windows error %lu\n", what, of, error);
  return false;
}

// RegLoadKey asks for it.
bool EnableRestore() {
  HANDLE token = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token)) {
    return Complain("opening", L"the token", GetLastError());
  }
  TOKEN_PRIVILEGES privileges = {};
  privileges.PrivilegeCount = 1;
  privileges.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
  const bool enabled =
      LookupPrivilegeValueW(nullptr, SE_RESTORE_NAME, &privileges.Privileges[0].Luid) &&
      AdjustTokenPrivileges(token, FALSE, &privileges, 0, nullptr, nullptr) &&
      GetLastError() == ERROR_SUCCESS;
  const DWORD error = GetLastError();
  CloseHandle(token);
  return enabled || Complain("enabling", L"SeRestorePrivilege", error);
}

bool LoadHives(const std::wstring& dir) {
  for (const LoadedHive& hive : kLoadedHives) {
    const std::wstring own = std::wstring(L"Wine ") + hive.key;
    const std::wstring text = dir + L"\\" + hive.key + L".reg";
    // A hive can be loaded only where no key is, and Wine's own keys are to disturb nobody. Handles
    // that Wine has in them remain good.
    LSTATUS status =
        hive.replaces ? RegRenameKey(HKEY_LOCAL_MACHINE, hive.key, own.c_str()) : ERROR_SUCCESS;
    if (status != ERROR_SUCCESS) return Complain("renaming", hive.key, status);
    status = RegLoadKeyW(HKEY_LOCAL_MACHINE, hive.key, text.c_str());
    if (status != ERROR_SUCCESS) return Complain("loading", text.c_str(), status);
    const HANDLE file = CreateFileW(hive.file, GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
    if (file == INVALID_HANDLE_VALUE) return Complain("locking", hive.file, GetLastError());
    // Open until the end.
  }
  return true;
}

int RunProgram(const wchar_t* program, std::wstring command_line) {
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  PROCESS_INFORMATION process;
  if (!CreateProcessW(program, &command_line[0], nullptr, nullptr, TRUE, 0, nullptr, nullptr,
                      &startup, &process)) {
    Complain("starting", program, GetLastError());
    return kCouldNotStage;
  }
  WaitForSingleObject(process.hProcess, INFINITE);
  DWORD code = kCouldNotStage;
  GetExitCodeProcess(process.hProcess, &code);
  return static_cast<int>(code);
}

}  // namespace

int wmain(int argc, wchar_t** argv) {
  if (argc < 3) {
    std::fputs("usage: run_as_live_host DIR PROGRAM [ARGUMENT]...\n", stderr);
    return kCouldNotStage;
  }
  if (!EnableRestore() || !LoadHives(argv[1])) return kCouldNotStage;
  std::wstring command_line;
  for (int i = 2; i < argc; ++i) {  // None has a quotation mark.
    command_line += (i == 2 ? L"\"" : L" \"") + std::wstring(argv[i]) + L"\"";
  }
  return RunProgram(argv[2], command_line);
}
