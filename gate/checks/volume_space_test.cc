#include "gate/checks/volume_space.h"

#include <string>

#include "absl/types/optional.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/collector.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

using evidence::MemorySource;

constexpr char kEsp[] = "boot.esp-space";
constexpr char kDisk[] = "host.disk-space";

struct SpaceCase {
  const char* name;
  uint64_t free;
  absl::optional<uint32_t> padding;
  Finding::Result result;
  const char* summary;
};

TEST(SizeText, RoundsDown) {
  EXPECT_EQ(SizeText(0), "0.0 MB");
  EXPECT_EQ(SizeText(8 * kMegabyte), "8.0 MB");
  EXPECT_EQ(SizeText(10 * kMegabyte - 1), "9.9 MB");
  EXPECT_EQ(SizeText(kGigabyte - 1), "1023.9 MB");
  EXPECT_EQ(SizeText(kGigabyte), "1.0 GB");
  EXPECT_EQ(SizeText(UINT64_MAX), "17179869183.9 GB");
}

TEST(EspSpace, Cases) {
  for (const SpaceCase& c : {
           SpaceCase{"8 MB",
                     8 * kMegabyte,
                     {},
                     Finding::BLOCK,
                     "has 8.0 MB free, updates need more than 10 MB"},
           SpaceCase{"none", 0, {}, Finding::BLOCK, "has 0.0 MB free"},
           SpaceCase{"10 MB", 10 * kMegabyte, {}, Finding::BLOCK, "has 10.0 MB free"},
           SpaceCase{"8 MB and the workaround", 8 * kMegabyte, 0, Finding::WARN,
                     "EspPaddingPercent is 0"},
           SpaceCase{"8 MB and another padding", 8 * kMegabyte, 10, Finding::BLOCK, "8.0 MB"},
           SpaceCase{"more than 10 MB", 10 * kMegabyte + 1, {}, Finding::INFO, "has only 10.0 MB"},
           SpaceCase{"15 MB", 15 * kMegabyte, {}, Finding::PASS, "has 15.0 MB free"},
           SpaceCase{"68 MB", 68 * kMegabyte, 0, Finding::PASS, "has 68.0 MB free"},
       }) {
    SCOPED_TRACE(c.name);
    FakeVolume volume;
    if (c.padding) volume.control("Bfsvc")->SetDword("EspPaddingPercent", *c.padding);
    MemorySource esp;
    esp.AddDirectory("EFI/Microsoft/Boot");
    esp.SetSpace(96 * kMegabyte, c.free);
    CollectOptions options;
    options.esp = &esp;
    const Finding finding = RunCheck(kEsp, Collect(volume.Build(), TestNow(), options));
    EXPECT_THAT(finding, ResultIs(c.result));
    EXPECT_THAT(finding, SummaryHas(c.summary));
    if (c.result == Finding::PASS) continue;
    EXPECT_THAT(finding, HasEvidence("ESP", "of 96.0 MB are free"));
  }
}

TEST(EspSpace, OfOtherPartitions) {
  FakeVolume volume;
  for (const char* path : {"bootmgr", "EFI/ubuntu/shimx64.efi"}) {
    MemorySource esp;
    esp.AddFile(path, "x");
    esp.SetSpace(96 * kMegabyte, kMegabyte);
    CollectOptions options;
    options.esp = &esp;
    const Finding finding = RunCheck(kEsp, Collect(volume.Build(), TestNow(), options));
    EXPECT_THAT(finding, ResultIs(Finding::NOT_APPLICABLE)) << path;
    EXPECT_THAT(finding, SummaryHas("no EFI system partition of Windows")) << path;
  }
}

TEST(EspSpace, NotMeasured) {
  FakeVolume volume;
  const MemorySource built = volume.Build();
  EXPECT_THAT(RunCheck(kEsp, built), ResultIs(Finding::NOT_APPLICABLE));
  MemorySource esp;
  CollectOptions options;
  options.esp = &esp;
  Snapshot snapshot = Collect(built, TestNow(), options);
  const Finding finding = RunCheck(kEsp, snapshot);
  EXPECT_THAT(finding, ResultIs(Finding::NOT_APPLICABLE));
  EXPECT_THAT(finding, SummaryHas("is not known: nobody can tell"));
  snapshot.clear_space();
  EXPECT_THAT(RunCheck(kEsp, snapshot), ResultIs(Finding::INDETERMINATE));
}

TEST(DiskSpace, Cases) {
  for (const SpaceCase& c : {
           SpaceCase{"plenty", 41 * kGigabyte, {}, Finding::INFO, "has 41.0 GB free"},
           SpaceCase{"1 GB", kGigabyte, {}, Finding::INFO, "has 1.0 GB free"},
           SpaceCase{"less", kGigabyte - 1, {}, Finding::WARN, "has only 1023.9 MB free"},
           SpaceCase{"none", 0, {}, Finding::WARN, "has only 0.0 MB free"},
       }) {
    SCOPED_TRACE(c.name);
    FakeVolume volume;
    MemorySource built = volume.Build();
    built.SetSpace(256 * kGigabyte, c.free);
    const Finding finding = RunCheck(kDisk, built);
    EXPECT_THAT(finding, ResultIs(c.result));
    EXPECT_THAT(finding, SummaryHas(c.summary));
    EXPECT_THAT(finding, HasEvidence("Windows", "of 256.0 GB are free"));
  }
}

TEST(DiskSpace, NotMeasured) {
  FakeVolume volume;
  Snapshot snapshot = CollectFrom(volume.Build());
  EXPECT_THAT(RunCheck(kDisk, snapshot), ResultIs(Finding::NOT_APPLICABLE));
  EXPECT_THAT(RunCheck(kDisk, snapshot), SummaryHas("is not known: nobody can tell"));
  snapshot.clear_space();
  EXPECT_THAT(RunCheck(kDisk, snapshot), ResultIs(Finding::INDETERMINATE));
}

}  // namespace
}  // namespace patchgate::gate::checks
