// What `check --event-log` writes to the Windows Event Log (log Application, source patchgate).
#ifndef GATE_CLI_EVENT_LOG_H_
#define GATE_CLI_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gate/verdict.pb.h"

namespace patchgate::cli {

inline constexpr char kEventSource[] = "patchgate";

// Stable: administrators filter by them. gate/cli/events.mc is the table of their texts.
inline constexpr uint32_t kEventGo = 1000;
inline constexpr uint32_t kEventFailed = 1001;
inline constexpr uint32_t kEventNoGo = 1002;
inline constexpr uint32_t kEventIndeterminate = 1003;

// Windows takes 31,839 characters; what collects events elsewhere often takes less.
inline constexpr size_t kEventMaxBytes = 8192;

struct Event {
  enum class Type { kInformation, kWarning, kError };
  uint32_t id = kEventFailed;
  Type type = Type::kError;
  // UTF-8, lines parted by "\r\n", at most kEventMaxBytes. Control characters are escaped, and '%',
  // which the event viewer would take for the place of another text, is "\u{25}".
  std::string text;
};

// GO: information; NO_GO: error; INDETERMINATE: warning. The text is the one-line report, and each
// finding from WARN on that is not waived in a line, worst first, as many as fit.
Event VerdictEvent(const Verdict& verdict);

// Of a run that failed: an error, its text FailedLine(message).
Event FailureEvent(absl::string_view message);

}  // namespace patchgate::cli

#endif  // GATE_CLI_EVENT_LOG_H_
