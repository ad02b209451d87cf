// What a console program has to ask of its platform.
#ifndef GATE_CLI_PLATFORM_H_
#define GATE_CLI_PLATFORM_H_

#include <atomic>
#include <string>
#include <vector>

namespace patchgate::cli {

// Makes standard output byte-exact and UTF-8, and turns a fault in a mapped evidence file (a disk
// that fails under it, a file truncated meanwhile) into one line on standard error and exit code 1,
// so that no caller takes a crash for a verdict.
void PrepareProcess();

// The arguments after the program's name, in UTF-8.
std::vector<std::string> Utf8Arguments(int argc, char** argv);

// Standard output is a terminal, and neither NO_COLOR nor TERM=dumb speaks against colour.
bool StdoutShowsColor();

// Standard error is a terminal on which a line can be written over.
bool StderrIsTerminal();

// See Streams::cancel_on_interrupt. Where Ctrl-C is ignored, as under nohup, it stays so.
const std::atomic<bool>* CancelOnInterrupt();

}  // namespace patchgate::cli

#endif  // GATE_CLI_PLATFORM_H_
