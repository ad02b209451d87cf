#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "gate/cli/cli.h"
#include "gate/cli/failure.h"
#include "gate/cli/platform.h"

int main(int argc, char** argv) {
  patchgate::cli::HardenProcess();
  const std::vector<std::string> args = patchgate::cli::Utf8Arguments(argc, argv);
  patchgate::cli::PrepareProcess(patchgate::cli::FailureContractOf(args));
  const patchgate::cli::Streams streams{
      std::cout,
      std::cerr,
      patchgate::cli::StdoutShowsColor(),
      patchgate::cli::StderrIsTerminal(),
      patchgate::cli::CancelOnInterrupt,
      patchgate::cli::EventWriter(),
  };
  // Our code throws nothing; memory that runs out must not end in an abort that has no message.
  try {
    return patchgate::cli::Run(args, streams);
  } catch (const std::exception& error) {
    std::cerr << "patchgate: " << error.what() << "\n";
    return patchgate::cli::EndFailedRun(args, error.what(), streams);
  }
}
