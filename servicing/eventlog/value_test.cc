#include "servicing/eventlog/value.h"

#include <string>

#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/base/utf16.h"
#include "servicing/eventlog/evtx_builder.h"

namespace patchgate::eventlog {
namespace {

OwnedValue Raw(uint8_t type, std::string data) { return {type, std::move(data)}; }

struct TextCase {
  const char* name;
  OwnedValue value;
  const char* text;
};

TEST(ValueTest, Text) {
  const FileTime time = *ParseRfc3339("2025-12-16T18:00:00Z");
  const TextCase cases[] = {
      {"null", Raw(kNull, ""), ""},
      {"string", TextValue("T\u00fcrk\u00e7e"), "T\u00fcrk\u00e7e"},
      {"string with terminator", Raw(kString, std::string("A\0\0\0", 4)), "A"},
      {"unpaired surrogate", Raw(kString, std::string("\x00\xd8", 2)), "\uFFFD"},
      {"ANSI string", Raw(kAnsiString, std::string(" NOEXECUTE=OPTIN\0", 17)), " NOEXECUTE=OPTIN"},
      {"int8", Raw(kInt8, "\xff"), "-1"},
      {"uint8", Raw(kUint8, "\xff"), "255"},
      {"int16", Raw(kInt16, "\xfe\xff"), "-2"},
      {"uint16", Uint16(65535), "65535"},
      {"int32", Raw(kInt32, "\xff\xff\xff\xff"), "-1"},
      {"uint32", Uint32(4294967295), "4294967295"},
      {"uint64", Uint64(18446744073709551615u), "18446744073709551615"},
      {"real32", Raw(kReal32, std::string("\x00\x00\x00\x3f", 4)), "0.5"},
      {"real64", Raw(kReal64, std::string("\0\0\0\0\0\0\xe0\x3f", 8)), "0.5"},
      {"boolean", Boolean(true), "true"},
      {"binary", Raw(kBinary, "\x01\xab"), "01ab"},
      {"GUID", Guid("{945A8954-C147-4ACD-923F-40C45405A658}"),
       "{945a8954-c147-4acd-923f-40c45405a658}"},
      {"size, 32 bits", Raw(kSize, std::string("\x10\0\0\0", 4)), "0x10"},
      {"size, 64 bits", Raw(kSize, std::string("\x10\0\0\0\x01\0\0\0", 8)), "0x100000010"},
      {"FILETIME", Time(time), "2025-12-16T18:00:00Z"},
      {"SYSTEMTIME",
       Raw(kSystemTime, std::string("\xe9\x07\x0c\0\x02\0\x10\0\x12\0\0\0\0\0\0\0", 16)),
       "2025-12-16T18:00:00Z"},
      {"HexInt32", HexInt32(0x800f0984), "0x800f0984"},
      {"HexInt64", Raw(kHexInt64, std::string("\x01\0\0\0\0\0\0\x80", 8)), "0x8000000000000001"},
      {"array", StringArray({"a", "b"}), ""},
      {"unknown type", Raw(0x7f, "abcd"), ""},
      {"too short for its type", Raw(kUint32, "\x01\x02"), ""},
      {"GUID that is too short", Raw(kGuid, "short"), ""},
  };
  for (const TextCase& c : cases) EXPECT_EQ(ToText(c.value.view()), c.text) << c.name;
}

struct NumberCase {
  const char* name;
  OwnedValue value;
  absl::optional<uint32_t> number;
};

TEST(ValueTest, Numbers) {
  const NumberCase cases[] = {
      {"typed", Uint32(5096), 5096},
      {"HexInt32", HexInt32(0x800f0984), 0x800f0984},
      {"int32", Raw(kInt32, "\x84\x09\x0f\x80"), 0x800f0984},
      {"boolean", Boolean(true), 1},
      {"decimal text", TextValue("5096"), 5096},
      {"unsigned HRESULT in decimal", TextValue("2148469124"), 0x800f0984},
      {"signed HRESULT in decimal", TextValue("-2146498172"), 0x800f0984},
      {"hex text", TextValue("0x800F0984"), 0x800f0984},
      {"zero", TextValue("0x0"), 0},
      {"blanks around", TextValue(" 7 "), 7},
      {"no number", TextValue("Installed"), absl::nullopt},
      {"number and more", TextValue("0x5 (ok)"), absl::nullopt},
      {"0x alone", TextValue("0x"), absl::nullopt},
      {"empty", TextValue(""), absl::nullopt},
      {"more than 32 bits", TextValue("4294967296"), absl::nullopt},
      {"less than 32 bits", TextValue("-2147483649"), absl::nullopt},
      {"more than 64 bits of hex", TextValue("0x11112222333344445"), absl::nullopt},
      {"null", Raw(kNull, ""), absl::nullopt},
      {"GUID", Guid("{945A8954-C147-4ACD-923F-40C45405A658}"), absl::nullopt},
      {"too short for its type", Raw(kUint32, "\x01"), absl::nullopt},
  };
  for (const NumberCase& c : cases) EXPECT_EQ(ToUint32(c.value.view()), c.number) << c.name;
}

TEST(ValueTest, Booleans) {
  EXPECT_EQ(ToBool(Boolean(false).view()), false);
  EXPECT_EQ(ToBool(Uint32(1).view()), true);
  EXPECT_EQ(ToBool(TextValue("TRUE").view()), true);
  EXPECT_EQ(ToBool(TextValue("false").view()), false);
  EXPECT_EQ(ToBool(TextValue("1").view()), true);
  EXPECT_EQ(ToBool(TextValue("yes").view()), absl::nullopt);
  EXPECT_EQ(ToBool({}), absl::nullopt);
}

TEST(ValueTest, Times) {
  const FileTime time = *ParseRfc3339("2025-12-16T18:00:00Z");
  EXPECT_EQ(ToFileTime(Time(time).view()), time);
  EXPECT_EQ(ToFileTime(TextValue("2025-12-16T18:00:00.0000000Z").view()), time);
  EXPECT_EQ(ToFileTime(TextValue("yesterday").view()), 0u);
  EXPECT_EQ(ToFileTime(Raw(kSystemTime, std::string(16, '\xff')).view()), 0u);
  EXPECT_EQ(ToFileTime(Raw(kFileTime, "short").view()), 0u);
  EXPECT_EQ(ToFileTime({}), 0u);
}

}  // namespace
}  // namespace patchgate::eventlog
