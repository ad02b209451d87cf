#include <exception>
#include <iostream>

#include "gate/cli/cli.h"
#include "gate/cli/platform.h"

int main(int argc, char** argv) {
  patchgate::cli::PrepareProcess();
  const patchgate::cli::Streams streams{std::cout, std::cerr, patchgate::cli::StdoutShowsColor(),
                                        patchgate::cli::StderrIsTerminal(),
                                        patchgate::cli::CancelOnInterrupt};
  // Our code throws nothing; memory that runs out must not end in an abort that has no message.
  try {
    return patchgate::cli::Run(patchgate::cli::Utf8Arguments(argc, argv), streams);
  } catch (const std::exception& error) {
    std::cerr << "patchgate: " << error.what() << "\n";
    return patchgate::cli::kFailed;
  }
}
