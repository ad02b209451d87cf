#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "host.image-state";

regf::HiveBuilder::Key* State(FakeVolume& volume) {
  return volume.software()->AddKey("Microsoft\\Windows\\CurrentVersion\\Setup\\State");
}

CheckCase Is(const char* state, Finding::Result result, const char* summary) {
  CheckCase c{state,
              [state](FakeVolume& volume) {
                State(volume)->SetString("ImageState", state);
                return volume.Build();
              },
              result, summary};
  if (result == Finding::WARN) c.evidence = {{"Setup\\State\\ImageState", state}};
  return c;
}

TEST(ImageState, Cases) {
  RunCases(kId,
           {Is("IMAGE_STATE_COMPLETE", Finding::PASS, "is complete"),
            Is("image_state_complete", Finding::PASS, "is complete"),
            Is("IMAGE_STATE_UNDEPLOYABLE", Finding::WARN, "IMAGE_STATE_UNDEPLOYABLE"),
            Is("IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE", Finding::WARN, "is not complete"),
            Is("IMAGE_STATE_SPECIALIZE_RESEAL_TO_AUDIT", Finding::WARN, "is not complete"),
            Is("IMAGE_STATE_COMPLETE2", Finding::WARN, "is not complete"),
            Is("", Finding::NOT_APPLICABLE, "does not say"),
            {"no value",
             [](FakeVolume& volume) {
               State(volume)->RemoveValue("ImageState");
               return volume.Build();
             },
             Finding::NOT_APPLICABLE, "does not say"},
            {"no key",
             [](FakeVolume& volume) {
               volume.software()->AddKey("Microsoft\\Windows\\CurrentVersion")->RemoveKey("Setup");
               return volume.Build();
             },
             Finding::NOT_APPLICABLE, "does not say"},
            {"wrong type",
             [](FakeVolume& volume) {
               State(volume)->SetDword("ImageState", 7);
               return volume.Build();
             },
             Finding::INDETERMINATE, "could not be measured in full"},
            {"broken value list",
             [](FakeVolume& volume) {
               State(volume)->SetString("ImageState", "IMAGE_STATE_COMPLETE");
               evidence::MemorySource built = volume.Build();
               BreakValues(kSoftwareHive, *State(volume), &built);
               return built;
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(ImageState, IsDated) {
  FakeVolume volume;
  State(volume)
      ->SetString("ImageState", "IMAGE_STATE_UNDEPLOYABLE")
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("ImageState", "2025-12-10T09:41:05Z"));
}

TEST(ImageState, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
