#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "gate/cli/cli.h"
#include "gate/cli/platform.h"

namespace patchgate::cli {
namespace {

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
  const char* term = std::getenv("TERM");
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && (no_color == nullptr || *no_color == '\0') && term != nullptr &&
         std::strcmp(term, "dumb") != 0;
}

}  // namespace patchgate::cli
