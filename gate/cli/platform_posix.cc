#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "gate/cli/cli.h"
#include "gate/cli/platform.h"

namespace patchgate::cli {
namespace {

// A signal handler gets no argument: this is the program's one variable outside functions.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may take no lock");

void OnInterrupt(int) { interrupted = true; }

bool IsDumbTerminal() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::strcmp(term, "dumb") == 0;
}

void OnBusError(int) {
  constexpr char kMessage[] =
      "patchgate: an evidence file could not be read while it was mapped: I/O error, or truncated "
      "meanwhile\n";
  // Only calls that are safe in a signal handler.
  const ssize_t ignored = write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1);
  (void)ignored;
  _exit(kFailed);
}

}  // namespace

void PrepareProcess() {
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
