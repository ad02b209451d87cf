#include <cstdlib>
#include <iostream>

#include "gate/cli/cli.h"
#include "gate/cli/platform.h"

int main(int argc, char** argv) {
  patchgate::cli::PrepareProcess();
  const patchgate::cli::Streams streams{std::cout, std::cerr, patchgate::cli::StdoutShowsColor()};
  return patchgate::cli::Run(patchgate::cli::Utf8Arguments(argc, argv), streams);
}
