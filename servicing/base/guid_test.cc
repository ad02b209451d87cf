#include "servicing/base/guid.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace patchgate {
namespace {

// The type of an EFI system partition, as a GPT has it.
constexpr char kEspText[] = "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}";
std::string EspBytes() { return absl::HexStringToBytes("28732ac11ff8d211ba4b00a0c93ec93b"); }

TEST(FormatGuid, Cases) {
  EXPECT_EQ(FormatGuid(EspBytes()), kEspText);
  EXPECT_EQ(FormatGuid(std::string(16, '\0')), "{00000000-0000-0000-0000-000000000000}");
  EXPECT_EQ(FormatGuid(std::string(16, '\xFF')), "{ffffffff-ffff-ffff-ffff-ffffffffffff}");
  EXPECT_EQ(FormatGuid(""), "");
  EXPECT_EQ(FormatGuid(EspBytes().substr(1)), "");
  EXPECT_EQ(FormatGuid(EspBytes() + "x"), "");
}

TEST(ParseGuid, Cases) {
  EXPECT_EQ(ParseGuid(kEspText), EspBytes());
  EXPECT_EQ(ParseGuid("{C12A7328-F81F-11D2-BA4B-00A0C93EC93B}"), EspBytes());
  for (const char* text : {
           "",
           "{}",
           "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
           "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
           "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}}",
           "{c12a7328-f81f-11d2-ba4b-00a0c93ec93g}",
           "{c12a7328+f81f-11d2-ba4b-00a0c93ec93b}",
           "[c12a7328-f81f-11d2-ba4b-00a0c93ec93b]",
       }) {
    EXPECT_EQ(ParseGuid(text), absl::nullopt) << text;
  }
}

}  // namespace
}  // namespace patchgate
