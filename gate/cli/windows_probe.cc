// What a program does that takes no care of its DLLs; and what the event viewer does.
//   windows_probe load NAME...       loads DLLs as LoadLibrary finds them; version.dll is imported
//   windows_probe text PROGRAM ID X  prints the text of the event ID with X in it
//   windows_probe fault              ends as patchgate does when a mapped file cannot be read,
//   windows_probe abort              or by abort(), with the exit style msi
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "gate/cli/failure.h"
#include "gate/cli/platform.h"

namespace {

std::wstring Wide(const char* ascii) { return std::wstring(ascii, ascii + std::strlen(ascii)); }

int ShowText(const char* program, const char* id, const char* insert) {
  const HMODULE module = LoadLibraryExW(Wide(program).c_str(), nullptr, LOAD_LIBRARY_AS_DATAFILE);
  const std::wstring text = Wide(insert);
  DWORD_PTR inserts[] = {reinterpret_cast<DWORD_PTR>(text.c_str())};
  wchar_t buffer[1024];
  const DWORD size = FormatMessageW(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY,
                                    module, static_cast<DWORD>(std::atoi(id)), 0, buffer, 1024,
                                    reinterpret_cast<va_list*>(inserts));
  for (DWORD i = 0; i < size; ++i) std::putchar(static_cast<char>(buffer[i]));  // ASCII.
  return size > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  GetFileVersionInfoSizeW(L"", nullptr);
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "text" && argc == 5) return ShowText(argv[2], argv[3], argv[4]);
  if (command == "fault" || command == "abort") {
    patchgate::cli::PrepareProcess(patchgate::cli::FailureContractOf({"--exit-style=msi"}));
    if (command == "abort") std::abort();
    RaiseException(static_cast<DWORD>(EXCEPTION_IN_PAGE_ERROR), 0, 0, nullptr);
  }
  for (int i = 2; i < argc; ++i) LoadLibraryW(Wide(argv[i]).c_str());
  return 0;
}
