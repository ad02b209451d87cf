// Comma-separated values as RFC 4180 has them, and as vendors write them.
#ifndef SERVICING_TEXT_CSV_H_
#define SERVICING_TEXT_CSV_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace patchgate::text {

// A vendor's list of files has some ten; each field costs memory.
inline constexpr size_t kMostFields = 256;

//   CsvReader csv(file->bytes());
//   for (std::vector<std::string> fields;;) {
//     PG_ASSIGN_OR_RETURN(const bool more, csv.Next(&fields));
//     if (!more) break;
//     …
//   }
//
// Records may have any number of fields up to kMostFields, each record another. Beyond RFC 4180: a
// byte order mark, UTF-16LE, lines that end with LF alone, and blanks before the quote that opens a
// field; quotes inside of fields that do not begin with one are taken as they are. Cost: every byte
// once; memory: one record, and of UTF-16 the whole text.
class CsvReader {
 public:
  // `bytes` must outlive the reader.
  explicit CsvReader(absl::string_view bytes);

  // The next record, its fields valid UTF-8; false at the end. Lines without any character are no
  // records. kInvalidArgument, with the line, for a NUL, for a quoted field that nothing closes,
  // for anything but a comma behind one, and for too many fields; nothing more can be read then.
  absl::StatusOr<bool> Next(std::vector<std::string>* fields);

  // The line on which the last record began, from 1.
  uint64_t line() const { return record_line_; }

 private:
  absl::StatusOr<std::string> QuotedField();

  std::string decoded_;  // Of UTF-16.
  absl::string_view rest_;
  uint64_t line_ = 1, record_line_ = 0;
};

}  // namespace patchgate::text

#endif  // SERVICING_TEXT_CSV_H_
