#include <csignal>

#include "gate/cli/failure.h"
#include "gate/cli/platform.h"
#include "gtest/gtest.h"

namespace patchgate::cli {
namespace {

// Dies of what a mapped file gives whose disk fails.
void Fault(const FailureContract& contract) {
  PrepareProcess(contract);
  std::raise(SIGBUS);
}

TEST(PlatformPosixDeathTest, AFaultInAMappedFileEndsInTheStyle) {
  const char* const kStyles[] = {"native", "intune", "msi", "nagios", "other"};
  const int kCodes[] = {1, 1, 1603 & 0xff, 3, 3};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EXIT(Fault(FailureContractOf({"check", "--exit-style", kStyles[i]})),
                testing::ExitedWithCode(kCodes[i]), "evidence file could not be read")
        << kStyles[i];
  }
}

TEST(PlatformPosixTest, ThereIsNoEventLog) { EXPECT_FALSE(EventWriter()); }

}  // namespace
}  // namespace patchgate::cli
