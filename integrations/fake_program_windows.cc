// A program of which the tests of the scripts decide what it does, by environment variables that
// begin with FAKE_NAME:
//   ..._LOG      a file to which a line is added: the command line as it came
//   ..._SLEEP    milliseconds to wait
//   ..._CRASH    when set, it reads through a null pointer
//   ..._TEXT     what it prints, with \n for the end of a line
//   ..._CODE     its exit code, 0 without it
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

const char* Variable(const char* name) {
  return std::getenv((std::string(FAKE_NAME "_") + name).c_str());
}

}  // namespace

int main() {
  if (const char* log = Variable("LOG")) {
    if (std::FILE* file = std::fopen(log, "ab")) {
      std::fprintf(file, "%s\n", GetCommandLineA());
      std::fclose(file);
    }
  }
  if (const char* sleep = Variable("SLEEP")) Sleep(std::strtoul(sleep, nullptr, 10));
  if (Variable("CRASH") != nullptr) {
    SetErrorMode(SEM_NOGPFAULTERRORBOX);
    volatile int* const nowhere = nullptr;
    return *nowhere;
  }
  if (const char* text = Variable("TEXT")) {
    std::string lines = text;
    for (size_t at; (at = lines.find("\\n")) != std::string::npos;) lines.replace(at, 2, "\n");
    std::fputs(lines.c_str(), stdout);
    std::fflush(stdout);
  }
  const char* code = Variable("CODE");
  // By its own call: exit() keeps what fits, this one all 32 bits.
  ExitProcess(code == nullptr ? 0 : static_cast<UINT>(std::strtoll(code, nullptr, 0)));
}
