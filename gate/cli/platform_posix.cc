#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "gate/cli/fault_end.h"
#include "gate/cli/platform.h"

namespace patchgate::cli {
namespace {

// Signal handlers get no argument: these are the program's only variables outside functions.
std::atomic<bool> interrupted{false};
FaultEnd fault_end;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may take no lock");

void OnInterrupt(int) { interrupted = true; }

bool IsDumbTerminal() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::strcmp(term, "dumb") == 0;
}

void OnBusError(int) {
  // Only calls that are safe in a signal handler.
  ssize_t ignored = write(STDERR_FILENO, kFaultMessage, sizeof(kFaultMessage) - 1);
  ignored = write(STDOUT_FILENO, fault_end.line, fault_end.line_size);
  (void)ignored;
  _exit(fault_end.exit_code);
}

}  // namespace

void HardenProcess() {}

void PrepareProcess(const FailureContract& contract) {
  fault_end = FaultEndOf(contract);
  struct sigaction action;
  std::memset(&action, 0, sizeof(action));
  action.sa_handler = OnBusError;
  sigaction(SIGBUS, &action, nullptr);
  // A closed pipe is an error of the write, which ends the run with code 1, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
}

std::vector<std::string> Utf8Arguments(int argc, char** argv) {
  return argc > 1 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>();
}

bool StdoutShowsColor() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && (no_color == nullptr || *no_color == '\0') && !IsDumbTerminal();
}

bool StderrIsTerminal() { return isatty(STDERR_FILENO) && !IsDumbTerminal(); }

std::function<absl::Status(const Event&)> EventWriter() { return nullptr; }

const std::atomic<bool>* CancelOnInterrupt() {
  struct sigaction action;
  if (sigaction(SIGINT, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) {
    return &interrupted;
  }
  std::memset(&action, 0, sizeof(action));
  action.sa_handler = OnInterrupt;
  action.sa_flags = SA_RESETHAND | SA_RESTART;  // The second one does what it always did.
  sigaction(SIGINT, &action, nullptr);
  return &interrupted;
}

}  // namespace patchgate::cli
