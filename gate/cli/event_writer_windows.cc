#include <windows.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gate/cli/platform.h"
#include "servicing/base/win32.h"

namespace patchgate::cli {
namespace {

using win32::Wide;

WORD WindowsType(Event::Type type) {
  switch (type) {
    case Event::Type::kInformation:
      return EVENTLOG_INFORMATION_TYPE;
    case Event::Type::kWarning:
      return EVENTLOG_WARNING_TYPE;
    default:
      return EVENTLOG_ERROR_TYPE;
  }
}

absl::Status WriteEvent(const Event& event) {
  const HANDLE log = RegisterEventSourceW(nullptr, Wide(kEventSource).c_str());
  DWORD error = log == nullptr ? GetLastError() : ERROR_SUCCESS;
  if (log != nullptr) {
    const std::wstring text = Wide(event.text);
    const wchar_t* strings[] = {text.c_str()};
    if (!ReportEventW(log, WindowsType(event.type), /*wCategory=*/0, event.id,
                      /*lpUserSid=*/nullptr,
                      /*wNumStrings=*/1, /*dwDataSize=*/0, strings, /*lpRawData=*/nullptr)) {
      error = GetLastError();
    }
    DeregisterEventSource(log);
  }
  if (error == ERROR_SUCCESS) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("event ", event.id, " cannot be written to the Event Log: error ", error));
}

}  // namespace

std::function<absl::Status(const Event&)> EventWriter() { return WriteEvent; }

}  // namespace patchgate::cli
