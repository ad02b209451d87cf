// Lines of a text log that lies in memory or is mapped.
#ifndef SERVICING_TEXT_LINES_H_
#define SERVICING_TEXT_LINES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace patchgate::text {

enum class Encoding { kUtf8, kUtf16Le };

// "UTF-8", "UTF-16LE".
absl::string_view EncodingName(Encoding encoding);

// By the byte order mark; without one, UTF-16LE if the first two characters are ASCII written so.
// Every code page of Windows passes as UTF-8 here: what logs say in other than ASCII is only
// quoted.
Encoding DetectEncoding(absl::string_view bytes);

//   Lines lines(file->bytes());
//   for (absl::string_view line; lines.Next(&line);) …
//
// Memory: one line. Cost: every byte once.
class Lines {
 public:
  // Longer lines are cut: no log that patchgate reads has such, and a file without line ends must
  // not come out as one string. Bytes.
  static constexpr size_t kLongest = 64 << 10;

  explicit Lines(absl::string_view bytes) : Lines(bytes, DetectEncoding(bytes)) {}
  Lines(absl::string_view bytes, Encoding encoding);

  // The next line without its end (LF or CR LF), whatever bytes it has: of UTF-16LE the UTF-8, of
  // anything else the bytes as they are, which need not be valid UTF-8. Valid until the next call.
  // False at the end of the text; an empty rest behind the last line end is no line.
  bool Next(absl::string_view* line);

  uint64_t count() const { return count_; }  // Lines so far.
  Encoding encoding() const { return encoding_; }

 private:
  absl::string_view Take();  // The raw line, without LF.

  absl::string_view rest_;
  Encoding encoding_;
  uint64_t count_ = 0;
  std::string decoded_;
};

}  // namespace patchgate::text

#endif  // SERVICING_TEXT_LINES_H_
