// shellapi.h needs what windows.h defines.
// clang-format off
#include <windows.h>
#include <shellapi.h>
// clang-format on

#include <fcntl.h>
#include <io.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <vector>

#include "gate/cli/cli.h"
#include "gate/cli/platform.h"
#include "servicing/base/utf16.h"

namespace patchgate::cli {
namespace {

// A console handler gets no argument of ours: this is the program's one variable outside functions.
std::atomic<bool> interrupted{false};

// FALSE lets the next handler in, which ends the process.
BOOL WINAPI OnInterrupt(DWORD event) {
  return event == CTRL_C_EVENT && !interrupted.exchange(true) ? TRUE : FALSE;
}

LONG WINAPI OnFault(EXCEPTION_POINTERS* fault) {
  if (fault->ExceptionRecord->ExceptionCode != EXCEPTION_IN_PAGE_ERROR) {
    return EXCEPTION_CONTINUE_SEARCH;
  }
  constexpr char kMessage[] =
      "patchgate: an evidence file could not be read while it was mapped: I/O error, or truncated "
      "meanwhile\n";
  DWORD written = 0;
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), kMessage, sizeof(kMessage) - 1, &written, nullptr);
  TerminateProcess(GetCurrentProcess(), kFailed);
  return EXCEPTION_CONTINUE_SEARCH;
}

}  // namespace

void PrepareProcess() {
  SetUnhandledExceptionFilter(OnFault);
  // A missing disk is an error to report, not a box to click away in a session nobody sees.
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
  _setmode(_fileno(stdout), _O_BINARY);
  _setmode(_fileno(stderr), _O_BINARY);
  DWORD mode = 0;
  if (GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode)) SetConsoleOutputCP(CP_UTF8);
}

std::vector<std::string> Utf8Arguments(int, char**) {
  std::vector<std::string> args;
  int count = 0;
  wchar_t** wide = CommandLineToArgvW(GetCommandLineW(), &count);
  for (int i = 1; wide != nullptr && i < count; ++i) {
    args.push_back(
        Utf16LeToUtf8({reinterpret_cast<const char*>(wide[i]), wcslen(wide[i]) * sizeof(wchar_t)}));
  }
  if (wide != nullptr) LocalFree(wide);
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
