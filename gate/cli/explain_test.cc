// `patchgate explain` of error codes. Checks are explained in cli_test.cc.
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "gate/cli/cli.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifests/hresults.h"

namespace patchgate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Result {
  int code;
  std::string out, err;
};

Result Explained(const std::string& id) {
  std::ostringstream out, err;
  const int code = Run({"explain", id}, Streams{out, err});
  return {code, out.str(), err.str()};
}

TEST(Explain, AllSpellingsOfOneCode) {
  const Result expected = Explained("0x800f0922");
  EXPECT_EQ(expected.code, kOk);
  EXPECT_THAT(expected.out, StartsWith("0x800f0922: CBS_E_INSTALLERS_FAILED\n"));
  for (const char* id : {"0x800F0922", "0X800f0922", "800f0922", "800F0922", "-2146498270",
                         "2148469026", "CBS_E_INSTALLERS_FAILED", "cbs_e_installers_failed"}) {
    const Result result = Explained(id);
    EXPECT_EQ(result.code, kOk) << id << ": " << result.err;
    EXPECT_EQ(result.out, expected.out) << id;
  }
  // As DISM's exit code is shown.
  EXPECT_THAT(Explained("-2146498529").out, StartsWith("0x800f081f: CBS_E_SOURCE_MISSING\n"));
}

TEST(Explain, WhatIsSaidOfACode) {
  const struct {
    const char* id;
    std::vector<const char*> parts;
    std::vector<const char*> absent;
  } cases[] = {
      {"0x800f0922",
       {"What it means\n  An installer of the update failed",
        "remedy for this error is an in-place", "Nothing says that another try",
        "Trust\n  A: ", "References\n  TrustedInstaller"},
       {"Also named", "Component store"}},
      {"0x80070020",
       {"Microsoft does not list it", "Yes: another try may succeed", "Trust\n  B: ", "winerror.h"},
       {"remedy for this error"}},
      {"0x80073712", {"Component store\n  The code says that the component store is damaged."}, {}},
      {"0x80070bc2", {"ERROR_SUCCESS_REBOOT_REQUIRED", "It is no failure.\n"}, {"another try"}},
      {"CBS_S_BUSY", {"0x000f0801: CBS_S_BUSY", "It is no failure; try again later."}, {}},
      {"0x800f0838",
       {"0x800f0838: CBS_E_RESERVICING_REQUIRED_BASELINE",
        "Also named\n  CBS_E_MISSING_PREREQUISITE_BASELINES"},
       {}},
      {"CBS_E_MISSING_PREREQUISITE_BASELINES", {"0x800f0838: "}, {}},
      {"0x800f0845", {"0x800f0845: no confirmed name\n", "KB5058379"}, {}},
      {"0x80071a91", {"Trust\n  K: general knowledge, not verified."}, {"Trust\n  A"}},
      {"0x80070302", {"Trust\n  C: one source."}, {}},
      {"0xC000021A", {"0xc000021a: STATUS_SYSTEM_PROCESS_TERMINATED\n"}, {}},
      {"0xed",
       {"bug check 0xED: UNMOUNTABLE_BOOT_VOLUME\n", "cannot be mounted"},
       {"In-place upgrade", "Transient"}},
      {"0x0000007B", {"bug check 0x7B: INACCESSIBLE_BOOT_DEVICE\n"}, {}},
      {"0x0", {"0x00000000: S_OK\n"}, {}},
      {"cbs.sessions-pending", {"cbs.sessions-pending: ", "What to do"}, {"Trust"}},
  };
  for (const auto& c : cases) {
    const Result result = Explained(c.id);
    EXPECT_EQ(result.code, kOk) << c.id << ": " << result.err;
    EXPECT_EQ(result.err, "");
    for (const char* part : c.parts) EXPECT_THAT(result.out, HasSubstr(part)) << c.id;
    for (const char* part : c.absent) EXPECT_THAT(result.out, Not(HasSubstr(part))) << c.id;
  }
}

TEST(Explain, EveryRecord) {
  for (const HresultRecord& record : Hresults().records()) {
    const Result result = Explained(absl::StrFormat("0x%08x", record.code()));
    EXPECT_EQ(result.code, kOk) << result.err;
    EXPECT_THAT(result.out, HasSubstr(record.name()));
    for (const absl::string_view line : absl::StrSplit(result.out, '\n')) {
      EXPECT_LE(line.size(), 100u) << line;
    }
    if (!record.name().empty()) {
      EXPECT_EQ(Explained(record.name()).out, result.out) << record.name();
    }
  }
}

TEST(Explain, UnknownIsAnError) {
  const struct {
    const char* id;
    const char* error;
  } cases[] = {
      {"0x8000ffff", "unknown error code 0x8000ffff"},
      {"8000FFFF", "unknown error code 0x8000ffff"},
      {"0X8000FF", "unknown error code 0x008000ff"},
      {"-1234567", "unknown error code 0xffed2979"},
      {"-1", "unknown error code 0xffffffff"},
      {"-2147483648", "unknown error code 0x80000000"},
      {"4294967295", "unknown error code 0xffffffff"},
      {"4294967296", "unknown check or error 4294967296"},
      {"-2147483649", "unknown check or error -2147483649"},
      {"0x", "unknown check or error 0x"},
      {"0x800f09220", "unknown check or error 0x800f09220"},
      {"0x800f092g", "unknown check or error 0x800f092g"},
      {"0x-00001", "unknown check or error 0x-00001"},
      {"-12345a", "unknown check or error -12345a"},
      {"", "unknown check or error"},
      {"CBS_E_INSTALLER_FAILED", "did you mean CBS_E_INSTALLERS_FAILED?"},
      {"cbs_e_installer_failed", "did you mean CBS_E_INSTALLERS_FAILED?"},
      {"cbs.session-pending", "did you mean cbs.sessions-pending?"},
      {"sessions-pending", "did you mean cbs.sessions-pending?"},
  };
  for (const auto& c : cases) {
    const Result result = Explained(c.id);
    EXPECT_EQ(result.code, kFailed) << c.id;
    EXPECT_EQ(result.out, "") << c.id;
    EXPECT_THAT(result.err, HasSubstr(c.error));
  }
}

}  // namespace
}  // namespace patchgate::cli
