#include "servicing/boot/boot_reader.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/files/file_memory.h"
#include "servicing/files/image_reader.h"
#include "servicing/pe/format.h"
#include "servicing/pe/pe_builder.h"

namespace patchgate::boot {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kKernel[] = "Windows/System32/ntoskrnl.exe";

std::string Image(uint16_t machine = pe::kMachineAmd64) {
  pe::PeBuilder::Options options;
  options.machine = machine;
  return pe::PeBuilder(options).Build();
}

// What ReadBootFiles says of a volume and, where one is given, a system partition.
struct ReadFacts {
  explicit ReadFacts(const evidence::MemorySource& volume,
                     const evidence::MemorySource* esp = nullptr, bool boots_by_uefi = false) {
    files::FileMemory memory;
    files::ImageReader of_volume(volume, "", &memory);
    if (esp == nullptr) {
      facts = ReadBootFiles(volume, nullptr, &of_volume, nullptr, boots_by_uefi);
    } else {
      files::FileMemory esp_memory;
      files::ImageReader of_esp(*esp, evidence::kEspPrefix, &esp_memory);
      facts = ReadBootFiles(volume, esp, &of_volume, &of_esp, boots_by_uefi);
      of_esp.AddTo(&images);
    }
    of_volume.AddTo(&images);
    for (const BootFile& file : facts.files()) {
      paths.push_back(file.path());
      if (file.expected()) expected.push_back(file.path());
    }
  }
  const BootFile* Find(absl::string_view path) const {
    for (const BootFile& file : facts.files()) {
      if (file.path() == path) return &file;
    }
    return nullptr;
  }
  bool WasLookedAt(absl::string_view path) const {
    for (const ImageFacts& image : images) {
      if (image.collection().source() == path) return true;
    }
    return false;
  }

  BootFiles facts;
  google::protobuf::RepeatedPtrField<ImageFacts> images;
  std::vector<std::string> paths, expected;
};

TEST(ReadBootFiles, UefiInTheRootOfTheVolume) {
  evidence::MemorySource volume;
  volume.AddFile(kKernel, Image());
  volume.AddFile("EFI/Microsoft/Boot/bootmgfw.efi", Image());
  const ReadFacts read(volume);
  EXPECT_FALSE(read.facts.separate_partition());
  EXPECT_EQ(read.facts.system_partition().status(), Collection::COLLECTED);
  EXPECT_EQ(read.facts.system_partition().source(), "EFI/Microsoft/Boot");
  EXPECT_THAT(read.expected,
              ElementsAre(kKernel, "Windows/System32/hal.dll", "Windows/System32/ci.dll",
                          "Windows/System32/winload.efi", "EFI/Microsoft/Boot/bootmgfw.efi"));
  EXPECT_THAT(read.paths, Contains("EFI/Boot/bootx64.efi"));
  for (const std::string& path : read.paths) EXPECT_TRUE(read.WasLookedAt(path)) << path;
}

TEST(ReadBootFiles, SystemPartitionOfItsOwn) {
  evidence::MemorySource volume, esp;
  volume.AddFile(kKernel, Image());
  volume.AddFile("EFI/Microsoft/Boot/bootmgr.efi", Image());  // Not looked at.
  esp.AddFile("efi/microsoft/boot/BOOTMGFW.EFI", Image());
  const ReadFacts read(volume, &esp);
  EXPECT_TRUE(read.facts.separate_partition());
  EXPECT_EQ(read.facts.system_partition().source(), "ESP:/EFI/Microsoft/Boot");
  const BootFile* manager = read.Find("ESP:/EFI/Microsoft/Boot/bootmgfw.efi");
  ASSERT_NE(manager, nullptr);
  EXPECT_EQ(manager->role(), BootFile::BOOT_MANAGER);
  EXPECT_EQ(manager->source_path(), "Windows/Boot/EFI/bootmgfw.efi");
  EXPECT_TRUE(manager->expected());
  EXPECT_TRUE(read.WasLookedAt(manager->path()));
  EXPECT_THAT(read.paths, Not(Contains("EFI/Microsoft/Boot/bootmgr.efi")));
}

TEST(ReadBootFiles, Arm64HasAnotherFallback) {
  evidence::MemorySource volume;
  volume.AddFile(kKernel, Image(pe::kMachineArm64));
  volume.AddDirectory("EFI/Microsoft/Boot");
  const ReadFacts read(volume);
  EXPECT_THAT(read.paths, Contains("EFI/Boot/bootaa64.efi"));
  EXPECT_THAT(read.paths, Not(Contains("EFI/Boot/bootx64.efi")));
}

TEST(ReadBootFiles, Bios) {
  evidence::MemorySource volume, partition;
  volume.AddFile(kKernel, Image());
  partition.AddFile("bootmgr", "\xEB\x5A");
  const ReadFacts read(volume, &partition);
  EXPECT_EQ(read.facts.system_partition().source(), "ESP:/bootmgr");
  EXPECT_THAT(read.expected,
              ElementsAre(kKernel, "Windows/System32/hal.dll", "Windows/System32/ci.dll",
                          "Windows/System32/winload.exe", "ESP:/bootmgr"));
}

TEST(ReadBootFiles, LeftoversAreNoBios) {
  evidence::MemorySource volume;
  volume.AddFile(kKernel, Image());
  volume.AddFile("bootmgr", "\xEB\x5A");
  ReadFacts read(volume);
  EXPECT_EQ(read.facts.system_partition().status(), Collection::ABSENT);
  EXPECT_THAT(read.facts.system_partition().reason(), HasSubstr("without Boot/BCD"));
  EXPECT_THAT(read.expected, Contains("Windows/System32/winload.efi"));
  EXPECT_THAT(read.paths, Not(Contains("bootmgr")));

  volume.AddFile("Boot/BCD", "x");
  EXPECT_THAT(ReadFacts(volume).expected, Contains("bootmgr"));
  for (const evidence::MemorySource* esp :
       {static_cast<evidence::MemorySource*>(nullptr), &volume}) {
    read = ReadFacts(volume, esp, true);
    EXPECT_EQ(read.facts.system_partition().status(), Collection::ABSENT);
    EXPECT_THAT(read.facts.system_partition().reason(), HasSubstr("boots by UEFI"));
    EXPECT_THAT(read.expected, Contains("Windows/System32/winload.efi"));
  }
}

TEST(ReadBootFiles, FirmwareNotKnown) {
  evidence::MemorySource volume, empty;
  volume.AddFile(kKernel, Image());
  for (const evidence::MemorySource* esp :
       {static_cast<evidence::MemorySource*>(nullptr), &empty}) {
    const ReadFacts read(volume, esp);
    EXPECT_EQ(read.facts.system_partition().status(), Collection::ABSENT);
    EXPECT_EQ(read.facts.separate_partition(), esp != nullptr);
    EXPECT_THAT(read.expected,
                ElementsAre(kKernel, "Windows/System32/hal.dll", "Windows/System32/ci.dll",
                            "Windows/System32/winload.efi"));
  }
}

TEST(ReadBootFiles, SystemPartitionUnreadable) {
  evidence::MemorySource volume, esp;
  esp.AddDirectory("EFI/Microsoft/Boot");
  esp.AddError("EFI/Microsoft/Boot", absl::DataLossError("Input/output error"));
  const ReadFacts read(volume, &esp);
  EXPECT_EQ(read.facts.system_partition().status(), Collection::UNREADABLE);
  EXPECT_EQ(read.facts.system_partition().reason(), "Input/output error");
}

TEST(ReadBootFiles, NamesOfTheWrongKindAreNoBootFiles) {
  evidence::MemorySource volume;
  volume.AddFile("EFI/Microsoft/Boot", "a file");
  volume.AddDirectory("bootmgr");
  EXPECT_EQ(ReadFacts(volume).facts.system_partition().status(), Collection::ABSENT);
}

TEST(ReadBootFiles, CopiesNameAFileThatIsListed) {
  for (const bool bios : {false, true}) {
    evidence::MemorySource volume;
    if (bios) {
      volume.AddFile("bootmgr", "x");
      volume.AddFile("Boot/BCD", "x");
    } else {
      volume.AddDirectory("EFI/Microsoft/Boot");
    }
    const ReadFacts read(volume);
    std::set<std::string> once(read.paths.begin(), read.paths.end());
    EXPECT_EQ(once.size(), read.paths.size());
    for (const BootFile& file : read.facts.files()) {
      EXPECT_NE(file.role(), BootFile::ROLE_UNSPECIFIED) << file.path();
      if (file.source_path().empty()) continue;
      const BootFile* source = read.Find(file.source_path());
      ASSERT_NE(source, nullptr) << file.source_path();
      EXPECT_EQ(source->source_path(), "") << "a copy of a copy";
    }
  }
}

TEST(Probes, TheBuiltInListIsSound) {
  const ProbeSet set = BuiltInProbes();
  ASSERT_GT(set.probes_size(), 20);
  std::set<std::string> paths;
  std::map<std::string, bool> lcu;
  for (const Probe& probe : set.probes()) {
    EXPECT_TRUE(paths.insert(probe.path()).second) << probe.path();
    EXPECT_TRUE(absl::StartsWith(probe.path(), "Windows/")) << probe.path();
    EXPECT_FALSE(absl::StrContains(probe.path(), '\\')) << probe.path();
    EXPECT_FALSE(probe.why().empty()) << probe.path();
    lcu[probe.path()] = probe.lcu();
  }
  // DOMAIN §1.6
  for (const char* path :
       {"ntoskrnl.exe", "ntdll.dll", "win32kfull.sys", "drivers/tcpip.sys", "ci.dll",
        "securekernel.exe", "hvix64.exe", "drivers/ntfs.sys", "winload.efi"}) {
    EXPECT_TRUE(lcu[absl::StrCat("Windows/System32/", path)]) << path;
  }
  // Boot managers have revisions of their own.
  EXPECT_FALSE(lcu["Windows/Boot/EFI/bootmgfw.efi"]);
}

// The last probe that is read with this stack.
Probe LastProbe(const ServicingStack& stack) {
  evidence::MemorySource volume;
  files::ImageReader images(volume, "", nullptr);
  const ProbeSet set = ReadProbes(stack, &images);
  google::protobuf::RepeatedPtrField<ImageFacts> facts;
  images.AddTo(&facts);
  EXPECT_EQ(facts.size(), set.probes_size());
  return set.probes(set.probes_size() - 1);
}

TEST(Probes, TheServicingStackIsOne) {
  ServicingStack stack;
  stack.add_versions()->mutable_on_disk()->set_source("Windows\\WinSxS\\amd64_stack_1");
  const Probe probe = LastProbe(stack);
  EXPECT_EQ(probe.path(), "Windows/WinSxS/amd64_stack_1/wcp.dll");
  EXPECT_FALSE(probe.lcu());

  stack.add_versions()->mutable_on_disk()->set_source("Windows\\WinSxS\\amd64_stack_2");
  EXPECT_THAT(LastProbe(stack).path(), Not(HasSubstr("wcp.dll")));
  EXPECT_THAT(LastProbe(ServicingStack()).path(), Not(HasSubstr("wcp.dll")));
}

}  // namespace
}  // namespace patchgate::boot
