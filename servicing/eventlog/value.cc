#include "servicing/eventlog/value.h"

#include <cstring>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"

namespace patchgate::eventlog {
namespace {

std::string WithoutTrailingNuls(std::string text) {
  text.resize(text.find_last_not_of('\0') + 1);
  return text;
}

std::string GuidText(const char* p) {
  return absl::StrFormat("{%08x-%04x-%04x-%s-%s}", LoadLe32(p), LoadLe16(p + 4), LoadLe16(p + 6),
                         absl::BytesToHexString({p + 8, 2}), absl::BytesToHexString({p + 10, 6}));
}

FileTime SystemTime(const char* p) {
  const auto field = [p](int i) { return static_cast<int>(LoadLe16(p + 2 * i)); };
  // Year, month, day of the week, day, hour, minute, second, millisecond.
  // Windows' last year is 30827; beyond that the ticks would overflow.
  if (field(0) > 30827 || field(1) < 1 || field(1) > 12 || field(3) < 1 || field(3) > 31) return 0;
  const absl::CivilSecond second(field(0), field(1), field(3), field(4), field(5), field(6));
  return FromAbslTime(absl::FromCivil(second, absl::UTCTimeZone()) + absl::Milliseconds(field(7)));
}

}  // namespace

size_t FixedSize(uint8_t type) {
  switch (type) {
    case kInt8:
    case kUint8:
      return 1;
    case kInt16:
    case kUint16:
      return 2;
    case kInt32:
    case kUint32:
    case kReal32:
    case kBool:
    case kHexInt32:
    case kSize:  // Or eight.
      return 4;
    case kInt64:
    case kUint64:
    case kReal64:
    case kFileTime:
    case kHexInt64:
      return 8;
    case kGuid:
    case kSystemTime:
      return 16;
    default:
      return 0;
  }
}

absl::optional<int64_t> ParseInteger(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (absl::ConsumePrefix(&text, "0x") || absl::ConsumePrefix(&text, "0X")) {
    if (text.empty() || text.size() > 16) return absl::nullopt;
    uint64_t number = 0;
    for (const char c : text) {
      if (!absl::ascii_isxdigit(c)) return absl::nullopt;
      number = number << 4 |
               static_cast<uint64_t>(absl::ascii_isdigit(c) ? c - '0'
                                                            : absl::ascii_tolower(c) - 'a' + 10);
    }
    return static_cast<int64_t>(number);
  }
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  return absl::nullopt;
}

absl::optional<int64_t> ToInteger(Value value) {
  if (value.data.size() < FixedSize(value.type)) return absl::nullopt;
  const char* p = value.data.data();
  switch (value.type) {
    case kInt8:
      return static_cast<signed char>(*p);
    case kUint8:
      return static_cast<unsigned char>(*p);
    case kInt16:
      return static_cast<int16_t>(LoadLe16(p));
    case kUint16:
      return LoadLe16(p);
    case kInt32:
      return static_cast<int32_t>(LoadLe32(p));
    case kUint32:
    case kHexInt32:
      return LoadLe32(p);
    case kBool:
      return LoadLe32(p) != 0 ? 1 : 0;
    case kInt64:
    case kUint64:
    case kHexInt64:
      return static_cast<int64_t>(LoadLe64(p));
    case kSize:
      return value.data.size() >= 8 ? static_cast<int64_t>(LoadLe64(p)) : LoadLe32(p);
    case kString:
    case kAnsiString:
      return ParseInteger(ToText(value));
    default:
      return absl::nullopt;
  }
}

absl::optional<uint32_t> ToUint32(Value value) {
  const absl::optional<int64_t> number = ToInteger(value);
  if (!number || *number < std::numeric_limits<int32_t>::min() ||
      *number > int64_t{std::numeric_limits<uint32_t>::max()}) {
    return absl::nullopt;
  }
  return static_cast<uint32_t>(*number);
}

absl::optional<bool> ToBool(Value value) {
  if (const auto number = ToInteger(value)) return *number != 0;
  const std::string text = ToText(value);
  if (absl::EqualsIgnoreCase(text, "true")) return true;
  if (absl::EqualsIgnoreCase(text, "false")) return false;
  return absl::nullopt;
}

FileTime ToFileTime(Value value) {
  if (value.data.size() < FixedSize(value.type)) return 0;
  switch (value.type) {
    case kFileTime:
    case kUint64:
    case kInt64:
    case kHexInt64:
      return LoadLe64(value.data.data());
    case kSystemTime:
      return SystemTime(value.data.data());
    case kString:
    case kAnsiString:
      return ParseRfc3339(ToText(value)).value_or(0);
    default:
      return 0;
  }
}

std::string ToText(Value value) {
  if (value.data.size() < FixedSize(value.type)) return "";
  const char* p = value.data.data();
  switch (value.type) {
    case kString:
      return WithoutTrailingNuls(Utf16LeToUtf8(value.data));
    case kAnsiString:
      return WithoutTrailingNuls(Latin1ToUtf8(value.data));
    case kUint64:
      return absl::StrCat(LoadLe64(p));
    case kHexInt32:
      return absl::StrFormat("0x%x", LoadLe32(p));
    case kHexInt64:
      return absl::StrFormat("0x%x", LoadLe64(p));
    case kSize:
      return absl::StrFormat("0x%x", static_cast<uint64_t>(*ToInteger(value)));
    case kReal32: {
      const uint32_t bits = LoadLe32(p);
      float number;
      std::memcpy(&number, &bits, sizeof(number));
      return absl::StrCat(number);
    }
    case kReal64: {
      const uint64_t bits = LoadLe64(p);
      double number;
      std::memcpy(&number, &bits, sizeof(number));
      return absl::StrCat(number);
    }
    case kBool:
      return LoadLe32(p) != 0 ? "true" : "false";
    case kBinary:
      return absl::BytesToHexString(value.data);
    case kGuid:
      return GuidText(p);
    case kFileTime:
      return FormatFileTime(LoadLe64(p));
    case kSystemTime:
      return FormatFileTime(SystemTime(p));
    case kInt8:
    case kUint8:
    case kInt16:
    case kUint16:
    case kInt32:
    case kUint32:
    case kInt64:
      return absl::StrCat(*ToInteger(value));
    default:
      return "";
  }
}

}  // namespace patchgate::eventlog
