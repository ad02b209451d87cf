#include "servicing/base/log_time.h"

#include "absl/strings/ascii.h"

namespace patchgate {
namespace {

// Takes a number of at most `digits` digits from the front.
absl::optional<int> TakeNumber(absl::string_view* text, size_t digits) {
  size_t n = 0;
  int value = 0;
  while (n < digits && n < text->size() && absl::ascii_isdigit((*text)[n])) {
    value = value * 10 + ((*text)[n++] - '0');
  }
  if (n == 0) return absl::nullopt;
  text->remove_prefix(n);
  return value;
}

bool TakeOneOf(absl::string_view* text, absl::string_view separators) {
  if (text->empty() || separators.find(text->front()) == absl::string_view::npos) return false;
  text->remove_prefix(1);
  return true;
}

// Days from 1601-01-01 to a date of the Gregorian calendar; years are counted from March, so that
// a leap day ends its year.
int64_t DaysSince1601(int year, int month, int day) {
  const int64_t y = year - (month <= 2 ? 1 : 0);
  const int64_t m = (month + 9) % 12;
  const int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1;
  constexpr int64_t kMarch0000To1601 = 584'694;
  return days - kMarch0000To1601;
}

int DaysIn(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (leap && month == 2 ? 1 : 0);
}

}  // namespace

absl::optional<FileTime> ParseLogTime(absl::string_view text) {
  constexpr size_t kYearDigits = 4;
  const absl::optional<int> year = TakeNumber(&text, kYearDigits);
  if (!year || *year < 1601 || !TakeOneOf(&text, "-/")) return absl::nullopt;
  const absl::optional<int> month = TakeNumber(&text, 2);
  if (!month || *month < 1 || *month > 12 || !TakeOneOf(&text, "-/")) return absl::nullopt;
  const absl::optional<int> day = TakeNumber(&text, 2);
  if (!day || *day < 1 || *day > DaysIn(*year, *month) || !TakeOneOf(&text, " T/:")) {
    return absl::nullopt;
  }
  const absl::optional<int> hour = TakeNumber(&text, 2);
  if (!hour || *hour > 23 || !TakeOneOf(&text, ":")) return absl::nullopt;
  const absl::optional<int> minute = TakeNumber(&text, 2);
  if (!minute || *minute > 59 || !TakeOneOf(&text, ":")) return absl::nullopt;
  const absl::optional<int> second = TakeNumber(&text, 2);
  if (!second || *second > 59) return absl::nullopt;
  int millisecond = 0;
  absl::string_view rest = text;
  if (TakeOneOf(&rest, ".:")) {
    constexpr size_t kDigits = 3;
    const size_t before = rest.size();
    if (const absl::optional<int> value = TakeNumber(&rest, kDigits);
        value && before - rest.size() == kDigits) {
      millisecond = *value;
    }
  }
  const int64_t seconds =
      ((DaysSince1601(*year, *month, *day) * 24 + *hour) * 60 + *minute) * 60 + *second;
  return static_cast<FileTime>(seconds) * kFileTimeTicksPerSecond +
         static_cast<FileTime>(millisecond) * (kFileTimeTicksPerSecond / 1000);
}

}  // namespace patchgate
