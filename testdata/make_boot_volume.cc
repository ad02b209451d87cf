// Writes a healthy volume with many boot drivers: make_boot_volume DIR DRIVERS BYTES. Each driver
// has a file of about BYTES bytes of its own.
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "testdata/boot_drivers.h"
#include "testdata/fake_volume.h"

int main(int argc, char** argv) {
  const int drivers = argc == 4 ? std::atoi(argv[2]) : -1;
  const long bytes = argc == 4 ? std::atol(argv[3]) : -1;
  if (drivers < 0 || bytes < 0) {
    std::cerr << "usage: make_boot_volume DIR DRIVERS BYTES\n";
    return 1;
  }
  patchgate::testdata::FakeVolume volume;
  patchgate::testdata::AddBootDrivers(&volume, drivers, static_cast<size_t>(bytes));
  std::filesystem::create_directories(std::filesystem::u8path(argv[1]));
  const absl::Status status = patchgate::testdata::WriteVolume(volume.Build(), argv[1]);
  if (!status.ok()) {
    std::cerr << "make_boot_volume: " << status.message() << "\n";
    return 1;
  }
}
