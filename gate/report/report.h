// The words of a verdict. Each format is a pure function of the verdict.
#ifndef GATE_REPORT_REPORT_H_
#define GATE_REPORT_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gate/verdict.pb.h"
#include "servicing/history/timeline.pb.h"

namespace patchgate::gate {

inline constexpr size_t kTextColumns = 100;
// What Intune keeps of a script's output, and so the length of the one-line report.
inline constexpr size_t kOneLineMaxBytes = 2048;

struct TextOptions {
  bool color = false;  // ANSI colours; the text reads as well without.
};

// For people: the verdict first, then what to act on, then what was checked. At most kTextColumns
// wide; control characters from evidence are escaped. Ends with the one-line report.
std::string TextReport(const Verdict& verdict, const TextOptions& options = {});

// A time line for people: updates with their outcome, contradictions, everything that is dated, and
// since when each source can speak. A time with '?' is that of a local clock.
std::string TimelineReport(const Timeline& timeline, absl::string_view source,
                           const TextOptions& options = {});

// The verdict message as JSON (gate/verdict.proto), every field present, ending with a newline.
std::string JsonReport(const Verdict& verdict);

// One ASCII line, verdict first, at most kOneLineMaxBytes with its newline:
// "NO_GO build=26100.4946 block=2 … findings=cbs.package-state,…".
std::string OneLineReport(const Verdict& verdict);

// "GO", "NO_GO", "INDETERMINATE".
std::string OutcomeName(Verdict::Outcome outcome);

// Text with control and direction-changing characters as \u{…}, for terminals.
std::string EscapeForTerminal(absl::string_view text);

}  // namespace patchgate::gate

#endif  // GATE_REPORT_REPORT_H_
