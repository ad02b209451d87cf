// Many boot drivers at once, for timings.
#ifndef TESTDATA_BOOT_DRIVERS_H_
#define TESTDATA_BOOT_DRIVERS_H_

#include <cstddef>

#include "testdata/fake_volume.h"

namespace patchgate::testdata {

// Registers `count` drivers "Timing0", "Timing1", … with Start 0, each with a file of its own of
// about `bytes` bytes in the drivers folder: a valid image with a version, and random bytes behind.
void AddBootDrivers(FakeVolume* volume, int count, size_t bytes);

}  // namespace patchgate::testdata

#endif  // TESTDATA_BOOT_DRIVERS_H_
