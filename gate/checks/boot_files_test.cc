#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/collector.h"
#include "servicing/pe/format.h"
#include "testdata/fake_images.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

using evidence::MemorySource;

constexpr char kId[] = "boot.boot-files";
constexpr char kKernel[] = "Windows/System32/ntoskrnl.exe";
constexpr char kLoader[] = "Windows/System32/winload.efi";
constexpr char kManager[] = "EFI/Microsoft/Boot/bootmgfw.efi";

std::string ImageFor(uint16_t machine) {
  return testdata::ImageBytes({"x.exe", "10.0.26100.7462", machine});
}

// A case in which one file of a healthy volume is replaced, or removed if `bytes` is null.
CheckCase With(const char* name, const char* path, const char* bytes, Finding::Result result,
               const char* summary, const char* evidence) {
  CheckCase c{name,
              [=](FakeVolume& volume) {
                MemorySource built = volume.Build();
                if (bytes == nullptr) {
                  built.Remove(path);
                } else {
                  built.AddFile(path, bytes);
                }
                return built;
              },
              result, summary};
  if (result != Finding::PASS) c.evidence = {{path, evidence}};
  return c;
}

CheckCase ForX86(const char* path, Finding::Result result) {
  return {absl::StrCat(path, " for x86"),
          [=](FakeVolume& volume) {
            MemorySource built = volume.Build();
            built.AddFile(path, ImageFor(pe::kMachineI386));
            return built;
          },
          result,
          "is for another machine",
          {{path, "is for x86, the kernel is for x64"}}};
}

TEST(BootFilesSound, Cases) {
  RunCases(
      kId,
      {{"healthy", Unchanged, Finding::PASS, "are there, for the same machine"},
       With("no kernel", kKernel, nullptr, Finding::BLOCK, "ntoskrnl.exe is missing", "is missing"),
       With("no loader", kLoader, nullptr, Finding::BLOCK, "winload.efi is missing", "is missing"),
       With("no hal", "Windows/System32/hal.dll", nullptr, Finding::BLOCK, "hal.dll is missing",
            "is missing"),
       With("no ci", "Windows/System32/ci.dll", nullptr, Finding::BLOCK, "ci.dll is missing",
            "is missing"),
       With("no boot manager, but the fallback", kManager, nullptr, Finding::WARN,
            "bootmgfw.efi is missing; bootx64.efi is what the firmware may start",
            "EFI/Boot/bootx64.efi is there"),
       {"no boot manager, fallback for another machine",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove(kManager);
          built.AddFile("EFI/Boot/bootx64.efi", ImageFor(pe::kMachineI386));
          return built;
        },
        Finding::BLOCK,
        "bootmgfw.efi is missing",
        {{kManager, "is missing"}}},
       {"no boot manager, no store",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove(kManager);
          built.Remove("EFI/Microsoft/Boot/BCD");
          return built;
        },
        Finding::BLOCK, "bootmgfw.efi is missing"},
       With("empty kernel", kKernel, "", Finding::BLOCK, "ntoskrnl.exe is empty", "has 0 bytes"),
       With("empty boot manager", kManager, "", Finding::BLOCK, "bootmgfw.efi is empty",
            "has 0 bytes"),
       With("no program", kLoader, "not a program", Finding::BLOCK, "winload.efi is no valid image",
            "13 bytes, "),
       ForX86(kLoader, Finding::BLOCK),
       ForX86("Windows/System32/ci.dll", Finding::BLOCK),
       ForX86(kManager, Finding::BLOCK),
       With("damaged copy in Windows", "Windows/Boot/EFI/bootmgfw.efi", "zzz", Finding::WARN,
            "bootmgfw.efi is no valid image", "3 bytes"),
       ForX86("Windows/System32/Boot/winload.efi", Finding::WARN),
       With("no copy in Windows", "Windows/Boot/EFI/bootmgfw.efi", nullptr, Finding::PASS,
            "are there", ""),
       With("foreign fallback", "EFI/Boot/bootx64.efi", "another loader", Finding::PASS,
            "are there", ""),
       {"unreadable kernel",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.AddError(kKernel, absl::DataLossError("Input/output error"));
          return built;
        },
        Finding::INDETERMINATE,
        "ntoskrnl.exe could not be read",
        {{kKernel, "Input/output error"}}},
       {"damage decides where something else is not known",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.AddError(kKernel, absl::DataLossError("Input/output error"));
          built.AddFile(kLoader, "");
          return built;
        },
        Finding::BLOCK, "winload.efi is empty"},
       {"hives and logs only",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          for (const char* path :
               {"EFI", kKernel, kLoader, "Windows/System32/hal.dll", "Windows/System32/ci.dll"}) {
            built.Remove(path);
          }
          return built;
        },
        Finding::INDETERMINATE, "were not copied with the rest"},
       {"boot configuration without boot manager",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove("EFI/Boot");
          for (const char* name : {"bootmgfw.efi", "bootmgr.efi"}) {
            built.Remove(absl::StrCat("EFI/Microsoft/Boot/", name));
          }
          return built;
        },
        Finding::INDETERMINATE, "the system partition holds no boot manager"},
       {"evidence tree with a few binaries",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove("Windows/System32/drivers");
          built.Remove("Windows/System32/hal.dll");
          built.Remove("Windows/System32/ci.dll");
          return built;
        },
        Finding::INDETERMINATE,
        "were not copied with the rest",
        {{"Windows/System32/hal.dll", "is missing, and so are others"}}},
       {"drivers only",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove(kKernel);
          built.Remove(kLoader);
          return built;
        },
        Finding::INDETERMINATE, "were not copied with the rest"},
       {"a driver is missing too",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove("Windows/System32/drivers/acpi.sys");
          built.Remove("Windows/System32/hal.dll");
          return built;
        },
        Finding::BLOCK, "hal.dll is missing"},
       {"leftover of BIOS",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove("EFI");
          built.AddFile("bootmgr", "x");
          built.AddFile("Boot/BCD", "x");
          return built;
        },
        Finding::INFO,
        "the system partition was not at hand",
        {{"EFI/Microsoft/Boot", "this host boots by UEFI"}}},
       {"no system partition",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove("EFI");
          return built;
        },
        Finding::INFO, "the system partition was not at hand"},
       {"no system partition, no kernel",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove("EFI");
          built.Remove(kKernel);
          return built;
        },
        Finding::BLOCK, "ntoskrnl.exe is missing"},
       {"system partition unreadable",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.AddError("EFI/Microsoft/Boot", absl::PermissionDeniedError("access denied"));
          return built;
        },
        Finding::INDETERMINATE, "could not be measured: access denied"}});
}

// A healthy volume whose system partition lies apart from it.
struct TwoVolumes {
  explicit TwoVolumes(bool bios = false) {
    FakeVolume fake;
    if (bios) {  // C: is an MBR partition.
      fake.system()
          ->AddKey("MountedDevices")
          ->SetBinary("\\DosDevices\\C:",
                      absl::string_view("\x30\x2F\x1C\x5D\0\0\x10\0\0\0\0\0", 12));
    }
    const MemorySource whole = fake.Build();
    whole.ForEach(
        [&](absl::string_view path, const evidence::FileInfo& info, const std::string& bytes) {
          if (info.is_directory) return;
          (absl::StartsWith(path, "EFI/") ? esp : volume).AddFile(path, bytes, info.modified);
        });
  }
  Finding Judge() {
    CollectOptions options;
    options.esp = &esp;
    return RunCheck(kId, Collect(volume, TestNow(), options));
  }
  MemorySource volume, esp;
};

TEST(BootFilesSound, SystemPartitionOfItsOwn) {
  TwoVolumes host;
  EXPECT_THAT(host.Judge(), ResultIs(Finding::PASS));
  host.esp.Remove(kManager);
  host.esp.Remove("EFI/Boot");
  const Finding missing = host.Judge();
  EXPECT_THAT(missing, ResultIs(Finding::BLOCK));
  EXPECT_THAT(missing, HasEvidence(absl::StrCat("ESP:/", kManager), "is missing"));
}

TEST(BootFilesSound, StoreOfTheGivenPartitionUnreadable) {
  TwoVolumes host;
  host.esp.AddError(testdata::kBcdHive, absl::PermissionDeniedError("sharing violation"));
  const Finding finding = host.Judge();
  EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(finding, SummaryHas("boot store of the system partition that was given"));
  EXPECT_THAT(finding, HasEvidence("ESP:/EFI/Microsoft/Boot/BCD", "sharing violation"));
}

TEST(BootFilesSound, AnotherPartitionIsGiven) {
  TwoVolumes host;
  host.esp = MemorySource();
  host.esp.AddFile("Data/file.txt", "x");
  const Finding finding = host.Judge();
  EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(finding, SummaryHas("holds no boot files"));
}

TEST(BootFilesSound, Bios) {
  TwoVolumes host(true);
  host.esp = MemorySource();
  host.esp.AddFile("bootmgr", "\xEB\x5A, and no PE image");
  Finding finding = host.Judge();
  EXPECT_THAT(finding, ResultIs(Finding::BLOCK));  // A UEFI volume: there is no winload.exe.
  EXPECT_THAT(finding, SummaryHas("winload.exe is missing"));
  host.volume.AddFile("Windows/System32/winload.exe", ImageFor(pe::kMachineAmd64));
  EXPECT_THAT(host.Judge(), ResultIs(Finding::PASS));
  host.esp.AddFile("bootmgr", "");
  finding = host.Judge();
  EXPECT_THAT(finding, ResultIs(Finding::BLOCK));
  EXPECT_THAT(finding, SummaryHas("bootmgr is empty"));
}

TEST(BootFilesSound, NobodyLooked) {
  Snapshot snapshot = CollectFrom(FakeVolume().Build());
  snapshot.clear_images();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
  snapshot.clear_boot_files();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
}

}  // namespace
}  // namespace patchgate::gate::checks
