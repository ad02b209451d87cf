// Writes every scenario as a folder: make_volumes DIR. Prints one line for each, "NAME OUTCOME".
#include <filesystem>
#include <iostream>

#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_volumes DIR\n";
    return 1;
  }
  for (const patchgate::testdata::Scenario& scenario : patchgate::testdata::Scenarios()) {
    const std::string root = std::string(argv[1]) + "/" + scenario.name;
    std::filesystem::create_directories(std::filesystem::u8path(root));
    const absl::Status status = patchgate::testdata::WriteVolume(scenario.build(), root);
    if (!status.ok()) {
      std::cerr << "make_volumes: " << status.message() << "\n";
      return 1;
    }
    std::cout << scenario.name << " " << scenario.outcome << "\n";
  }
}
