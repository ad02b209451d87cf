// A DLL that leaves NAME.dll.loaded beside itself when a program loads it, whatever its name.
#include <windows.h>

namespace {

void LeaveMark(HINSTANCE library) {
  wchar_t path[1024];
  const DWORD size = GetModuleFileNameW(library, path, 1000);
  if (size == 0 || size >= 1000) return;
  lstrcatW(path, L".loaded");
  const HANDLE file =
      CreateFileW(path, GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
}

}  // namespace

extern "C" BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, void*) {
  if (reason == DLL_PROCESS_ATTACH) LeaveMark(library);
  return TRUE;
}

// As version.dll exports it, for a program that imports it.
extern "C" __declspec(dllexport) DWORD WINAPI GetFileVersionInfoSizeW(const wchar_t*, DWORD*) {
  return 0;
}
