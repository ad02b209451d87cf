#include "testdata/boot_drivers.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "testdata/fake_images.h"
#include "testdata/random.h"

namespace patchgate::testdata {

void AddBootDrivers(FakeVolume* volume, int count, size_t bytes) {
  for (int i = 0; i < count; ++i) {
    const std::string name = absl::StrCat("Timing", i);
    volume->service(name)
        ->SetDword("Type", 1)
        ->SetDword("Start", 0)
        ->SetDword("ErrorControl", 1)
        ->SetExpandString("ImagePath", absl::StrCat("System32\\drivers\\", name, ".sys"));
    ImageSpec image;
    image.name = absl::StrCat(name, ".sys");
    image.version = "10.0.26100.1";
    std::string file = ImageBytes(image);
    if (file.size() < bytes) file += Random(SeedOf(name)).Bytes(bytes - file.size());
    volume->files()->AddFile(DriverPath(name), std::move(file), Time("2025-12-10T09:12:30Z"));
  }
}

}  // namespace patchgate::testdata
