// What a console program has to ask of its platform.
#ifndef GATE_CLI_PLATFORM_H_
#define GATE_CLI_PLATFORM_H_

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gate/cli/event_log.h"
#include "gate/cli/failure.h"

namespace patchgate::cli {

// The first thing that the program does. On Windows, since it runs as SYSTEM: DLLs come from
// System32 and nowhere else; links that users without rights laid are not followed; no DLL comes
// from another host or from who has few rights, none is brought in from outside; no program can be
// started; a damaged heap ends the run. What the system does not know of that is left out.
void HardenProcess();

// Makes standard output byte-exact and UTF-8, and turns a fault in a mapped evidence file (a disk
// that fails under it, a file truncated meanwhile), and on Windows an abort, into one line on
// standard error, FailedLine on standard output if `contract` says so, and its exit code, so that
// no caller takes a crash for a verdict. It leaves no event.
void PrepareProcess(const FailureContract& contract);

// The arguments after the program's name, in UTF-8.
std::vector<std::string> Utf8Arguments(int argc, char** argv);

// Standard output is a terminal, and neither NO_COLOR nor TERM=dumb speaks against colour.
bool StdoutShowsColor();

// Standard error is a terminal on which a line can be written over.
bool StderrIsTerminal();

// See Streams::write_event. Empty elsewhere than on Windows.
std::function<absl::Status(const Event&)> EventWriter();

// See Streams::cancel_on_interrupt. Where Ctrl-C is ignored, as under nohup, it stays so.
const std::atomic<bool>* CancelOnInterrupt();

}  // namespace patchgate::cli

#endif  // GATE_CLI_PLATFORM_H_
