#include <string>

#include "absl/status/status.h"
#include "gate/checks/check_testing.h"
#include "gtest/gtest.h"
#include "servicing/pe/pe_builder.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "boot.driver-invalid";
constexpr char kDisk[] = "Windows/System32/drivers/disk.sys";
constexpr char kBeep[] = "Windows/System32/drivers/Beep.sys";
constexpr char kKernel[] = "Windows/System32/ntoskrnl.exe";

std::string Image(uint16_t machine, uint16_t subsystem) {
  pe::PeBuilder::Options options;
  options.machine = machine;
  options.subsystem = subsystem;
  return pe::PeBuilder(options).Build();
}

// A driver with resources that end early.
std::string CutOff() {
  const std::string bytes =
      pe::PeBuilder().AddResource(16, 1, 0x409, std::string(2'000, 'v')).Build();
  return bytes.substr(0, pe::PeBuilder::kResourceOffset + 100);
}

std::function<evidence::MemorySource(FakeVolume&)> With(const char* path,
                                                        const std::string& bytes) {
  return [=](FakeVolume& volume) {
    evidence::MemorySource built = volume.Build();
    built.AddFile(path, bytes);
    return built;
  };
}

TEST(BootDriverInvalid, Cases) {
  const std::string good = Image(pe::kMachineAmd64, 1);
  constexpr char kNoImage[] = "boot driver disk is no valid image";
  RunCases(kId,
           {{"healthy", Unchanged, Finding::PASS, "valid image of the right machine"},
            {"good", With(kDisk, good), Finding::PASS, "valid image"},
            {"empty", With(kDisk, ""), Finding::BLOCK, kNoImage, {{kDisk, "0 bytes"}}},
            {"zeros", With(kDisk, std::string(4096, '\0')), Finding::BLOCK, kNoImage},
            {"cut off", With(kDisk, CutOff()), Finding::BLOCK, kNoImage},
            {"text", With(kDisk, "not a driver"), Finding::BLOCK, kNoImage, {{kDisk, "12 bytes"}}},
            {"ARM64",
             With(kDisk, Image(pe::kMachineArm64, 1)),
             Finding::BLOCK,
             "boot driver disk is for another machine",
             {{kDisk, "is for ARM64, Windows/System32/ntoskrnl.exe is for x64"}}},
            {"x86", With(kDisk, Image(pe::kMachineI386, 1)), Finding::BLOCK, "another machine"},
            {"no driver",
             With(kDisk, Image(pe::kMachineAmd64, 3)),
             Finding::WARN,
             "boot driver disk is no native image",
             {{kDisk, "subsystem is 3"}}},
            {"loaded by the kernel", With(kBeep, "x"), Finding::WARN, "boot driver Beep"},
            {"not loaded",
             With("Windows/System32/drivers/storahci.sys", "x"),
             Finding::INFO,
             "boot driver storahci",
             {{"storahci.sys", "StartOverride\\0 is 3"}}},
            {"missing",
             [](FakeVolume& volume) {
               volume.files()->Remove(kDisk);
               return volume.Build();
             },
             Finding::PASS, "that is there"},
            {"ignored",
             [](FakeVolume& volume) {
               volume.service("WdFilter")->SetDword("ErrorControl", 0);
               volume.files()->AddFile("Windows/System32/drivers/WdFilter.sys", "x");
               return volume.Build();
             },
             Finding::WARN, "boot driver WdFilter is no valid image"},
            {"ignored, required",
             [](FakeVolume& volume) {
               volume.service("disk")->SetDword("ErrorControl", 0);
               volume.files()->AddFile(kDisk, "x");
               return volume.Build();
             },
             Finding::BLOCK, kNoImage},
            {"the boot volume's file system",
             [](FakeVolume& volume) {
               volume.service("Ntfs")->SetDword("Start", 3)->SetDword("Type", 2);
               evidence::MemorySource built = volume.Build();
               built.AddFile("Windows/System32/drivers/ntfs.sys", "");
               return built;
             },
             Finding::BLOCK, "boot driver Ntfs is no valid image"},
            {"the boot volume's file system, ARM64",
             [](FakeVolume& volume) {
               volume.service("Ntfs")->SetDword("Start", 3)->SetDword("Type", 2);
               evidence::MemorySource built = volume.Build();
               built.AddFile("Windows/System32/drivers/ntfs.sys", Image(pe::kMachineArm64, 1));
               return built;
             },
             Finding::BLOCK, "boot driver Ntfs is for another machine"},
            {"unreadable",
             [](FakeVolume& volume) {
               evidence::MemorySource built = volume.Build();
               built.AddError(kDisk, absl::PermissionDeniedError("denied"));
               return built;
             },
             Finding::INDETERMINATE, "the file of boot driver disk could not be measured"}});
}

TEST(BootDriverInvalid, Kernel) {
  RunCases(kId, {{"missing",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.Remove(kKernel);
                    return built;
                  },
                  Finding::INDETERMINATE,
                  "which machine drivers must be for is not known",
                  {{kKernel, "not read"}}},
                 {"no image", With(kKernel, "x"), Finding::INDETERMINATE, "is not known"},
                 {"missing, and a driver that is no image",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.Remove(kKernel);
                    built.AddFile(kDisk, "x");
                    return built;
                  },
                  Finding::BLOCK, "no valid image"}});
}

TEST(BootDriverInvalid, NeedsItsEvidence) {
  ExpectNeeds(kId, {kSystemHive, "Windows/System32/drivers"});
}

}  // namespace
}  // namespace patchgate::gate::checks
