#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "gate/cli/fault_end.h"
#include "gate/cli/platform.h"
#include "servicing/base/win32.h"

// The C runtime's own arguments; no header of MinGW declares it. `start_info` is one int.
extern "C" int __cdecl __wgetmainargs(int* argc, wchar_t*** argv, wchar_t*** environment,
                                      int expand_wildcards, int* start_info);

namespace patchgate::cli {
namespace {

// Handlers get no argument of ours: these are the program's only variables outside functions.
std::atomic<bool> interrupted{false};
FaultEnd fault_end;

// FALSE lets the next handler in, which ends the process.
BOOL WINAPI OnInterrupt(DWORD event) {
  return event == CTRL_C_EVENT && !interrupted.exchange(true) ? TRUE : FALSE;
}

void Write(DWORD handle, const char* text, size_t size) {
  DWORD written = 0;
  WriteFile(GetStdHandle(handle), text, static_cast<DWORD>(size), &written, nullptr);
}

void EndAtOnce() {
  Write(STD_OUTPUT_HANDLE, fault_end.line, fault_end.line_size);
  TerminateProcess(GetCurrentProcess(), static_cast<UINT>(fault_end.exit_code));
}

LONG WINAPI OnFault(EXCEPTION_POINTERS* fault) {
  if (fault->ExceptionRecord->ExceptionCode != EXCEPTION_IN_PAGE_ERROR) {
    return EXCEPTION_CONTINUE_SEARCH;
  }
  Write(STD_ERROR_HANDLE, kFaultMessage, sizeof(kFaultMessage) - 1);
  EndAtOnce();
  return EXCEPTION_CONTINUE_SEARCH;
}

// The C runtime's abort() exits with 3, which is INDETERMINATE.
void OnAbort(int) {
  constexpr char kMessage[] = "patchgate: aborted\n";
  Write(STD_ERROR_HANDLE, kMessage, sizeof(kMessage) - 1);
  EndAtOnce();
}

// An older Windows refuses a policy that it does not know.
void SetPolicy(PROCESS_MITIGATION_POLICY policy, DWORD flags) {
  SetProcessMitigationPolicy(policy, &flags, sizeof(flags));
}

}  // namespace

void HardenProcess() {
  SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
  SetDllDirectoryW(L"");
  HeapSetInformation(nullptr, HeapEnableTerminationOnCorruption, nullptr, 0);

  PROCESS_MITIGATION_IMAGE_LOAD_POLICY images = {};
  images.NoRemoteImages = 1;
  images.NoLowMandatoryLabelImages = 1;
  images.PreferSystem32Images = 1;
  SetPolicy(ProcessImageLoadPolicy, images.Flags);

  PROCESS_MITIGATION_EXTENSION_POINT_DISABLE_POLICY extensions = {};
  extensions.DisableExtensionPoints = 1;
  SetPolicy(ProcessExtensionPointDisablePolicy, extensions.Flags);

  PROCESS_MITIGATION_CHILD_PROCESS_POLICY children = {};
  children.NoChildProcessCreation = 1;
  SetPolicy(ProcessChildProcessPolicy, children.Flags);

  // MinGW's headers lack PROCESS_MITIGATION_REDIRECTION_TRUST_POLICY.
  constexpr DWORD kEnforceRedirectionTrust = 1;
  SetPolicy(ProcessRedirectionTrustPolicy, kEnforceRedirectionTrust);
}

void PrepareProcess(const FailureContract& contract) {
  fault_end = FaultEndOf(contract);
  SetUnhandledExceptionFilter(OnFault);
  std::signal(SIGABRT, OnAbort);
  // A missing disk is an error to report, not a box to click away in a session nobody sees.
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
  _setmode(_fileno(stdout), _O_BINARY);
  _setmode(_fileno(stderr), _O_BINARY);
  DWORD mode = 0;
  if (GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode)) SetConsoleOutputCP(CP_UTF8);
}

std::vector<std::string> Utf8Arguments(int, char**) {
  // Not CommandLineToArgvW: shell32.dll would come with it, and much else.
  int count = 0;
  wchar_t** wide = nullptr;
  wchar_t** environment = nullptr;
  int start_info = 0;
  __wgetmainargs(&count, &wide, &environment, /*expand_wildcards=*/0, &start_info);
  std::vector<std::string> args;
  for (int i = 1; wide != nullptr && i < count; ++i) {
    args.push_back(win32::Narrow(wide[i]));
  }
  return args;
}

bool StdoutShowsColor() { return false; }  // Older consoles print the escape codes.

bool StderrIsTerminal() {
  DWORD mode = 0;
  return GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode) != 0;
}

const std::atomic<bool>* CancelOnInterrupt() {
  SetConsoleCtrlHandler(OnInterrupt, TRUE);
  return &interrupted;
}

}  // namespace patchgate::cli
