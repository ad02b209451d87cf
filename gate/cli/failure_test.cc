#include "gate/cli/failure.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "gate/cli/exit_style.h"
#include "gate/cli/fault_end.h"
#include "gate/report/report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::cli {
namespace {

using testing::EndsWith;
using testing::StartsWith;

TEST(FailureTest, ContractFollowsFromArgumentsAlone) {
  const struct {
    std::vector<std::string> args;
    int exit_code;
    bool line, event;
  } kCases[] = {
      {{}, 1, false, false},
      {{"check", "--root", "x"}, 1, false, false},
      {{"check", "--exit-style", "native"}, 1, false, false},
      {{"check", "--exit-style", "intune"}, 1, true, false},
      {{"check", "--exit-style", "msi"}, 1603, true, false},
      {{"check", "--exit-style", "nagios"}, 3, true, false},
      {{"check", "--exit-style=msi"}, 1603, true, false},
      {{"--exit-style=msi", "chek", "--no-such-flag"}, 1603, true, false},
      {{"verify", "--exit-style", "nagios"}, 3, true, false},
      {{"check", "--exit-style", "msi", "--exit-style=msi"}, 1603, true, false},
      // Nobody knows which: 3.
      {{"check", "--exit-style"}, 3, true, false},
      {{"check", "--exit-style", ""}, 3, true, false},
      {{"check", "--exit-style="}, 3, true, false},
      {{"check", "--exit-style", "nagio"}, 3, true, false},
      {{"check", "--exit-style", "--root"}, 3, true, false},
      {{"check", "--exit-style", "native", "--exit-style", "msi"}, 3, true, false},
      {{"check", "--exit-style-x", "msi"}, 3, true, false},
      {{"check", "--exit-styl", "nagios"}, 3, true, false},
      {{"check", "--Exit-Style", "nagios"}, 3, true, false},
      {{"check", "-exit-style=nagios"}, 3, true, false},
      {{"check",
        "\xe2\x80\x94"
        "exit-style",
        "nagios"},
       3,
       true,
       false},
      {{"check", "--exitstyle", "msi", "--exit-style", "msi"}, 3, true, false},
      {{"check", "--root", "/mnt/exit-style"}, 1, false, false},
      // A program reads standard output.
      {{"check", "--exit-style", "intune", "-o", "json"}, 1, false, false},
      {{"check", "--exit-style", "intune", "-ojson"}, 1, false, false},
      {{"check", "--exit-style", "intune", "--output", "json"}, 1, false, false},
      {{"check", "--exit-style", "intune", "--output=json"}, 1, false, false},
      {{"check", "--exit-style", "intune", "-o", "json=v.json"}, 1, true, false},
      {{"check", "--exit-style", "intune", "-o", "text"}, 1, true, false},
      {{"check", "--event-log"}, 1, false, true},
      {{"check", "--exit-style", "msi", "--event-log", "-o", "json"}, 1603, false, true},
  };
  for (const auto& c : kCases) {
    const std::string name = absl::StrJoin(c.args, " ");
    const FailureContract contract = FailureContractOf(c.args);
    EXPECT_EQ(contract.exit_code, c.exit_code) << name;
    EXPECT_EQ(contract.line_on_stdout, c.line) << name;
    EXPECT_EQ(contract.event, c.event) << name;
  }
}

TEST(FailureTest, FailedLineIsOneLineOfAscii) {
  EXPECT_EQ(FailedLine("no such folder"), "FAILED patchgate=0.1.0 error=no such folder\n");
  EXPECT_EQ(FailedLine(""), "FAILED patchgate=0.1.0 error=\n");
  // GO on a line of its own must not come of a name; nor what Nagios takes for figures.
  EXPECT_EQ(FailedLine("C:\\a\r\nGO build=1|x=1\x1b[0m\x7f"),
            "FAILED patchgate=0.1.0 error=C:\\a??GO build=1?x=1?[0m?\n");
  EXPECT_EQ(FailedLine("\xc3\x9c \xe5\x8d\xb7 \xff"), "FAILED patchgate=0.1.0 error=?? ??? ?\n");
  EXPECT_EQ(FailedLine(std::string("a\0b", 3)), "FAILED patchgate=0.1.0 error=a?b\n");
  for (const size_t size : {2000u, 2018u, 2019u, 2020u, 5000u, 1000000u}) {
    const std::string line = FailedLine(std::string(size, 'x'));
    EXPECT_LE(line.size(), gate::kOneLineMaxBytes);
    EXPECT_THAT(line, EndsWith("x\n"));
  }
  EXPECT_EQ(FailedLine(std::string(5000, 'x')).size(), gate::kOneLineMaxBytes);
}

TEST(FailureTest, WhatAHandlerOfFaultsSays) {
  FailureContract contract;
  EXPECT_EQ(FaultEndOf(contract).exit_code, 1);
  EXPECT_EQ(FaultEndOf(contract).line_size, 0u);
  contract.exit_code = 1603;
  contract.line_on_stdout = true;
  const FaultEnd end = FaultEndOf(contract);
  EXPECT_EQ(end.exit_code, 1603);
  const std::string line(end.line, end.line_size);
  EXPECT_THAT(line, StartsWith("FAILED patchgate=0.1.0 error=an evidence file could not be read"));
  EXPECT_THAT(line, EndsWith("aborted\n"));
}

}  // namespace
}  // namespace patchgate::cli
