// Stage one of the CBS.log reader: finds, at the speed of memory, the few lines that can become
// facts. It knows how a line is laid out and how the messages of DOMAIN §4.6 and §4.7 begin, and
// nothing of what they mean. format.md has the layout.
#ifndef SERVICING_CBS_LOG_LINE_SCANNER_H_
#define SERVICING_CBS_LOG_LINE_SCANNER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace patchgate::cbs {

enum class Component : uint8_t { kBlank, kCbs, kCsi, kDeploy, kOther };

// A line that begins with a date and whose message begins with one of CandidateLiterals(), or that
// CandidateCodes() or CandidateErrors() let through.
struct LogLine {
  absl::string_view date;  // "2023-05-23 10:02:36", not yet known to be a real date.
  char level = ' ';        // 'I', 'W' or 'E'; any other letter as found.
  Component component = Component::kBlank;
  absl::string_view message;  // To the end of the line; of CSI lines, behind number and "(F)".
};

// How messages begin that can become facts.
absl::Span<const absl::string_view> CandidateLiterals();
// Error codes that make a fact of any message that ends in "[HRESULT = <code>…]" or "[gle=<code>]".
absl::Span<const absl::string_view> CandidateCodes();
// Texts that make a fact anywhere in a message of level Error: nobody has recorded how these begin.
absl::Span<const absl::string_view> CandidateErrors();

// Takes a text in pieces cut anywhere; how it is cut changes nothing. A line ends with LF, CR LF or
// NUL (a lost power supply leaves NULs), and of a longer line than kMaxLine only its beginning is
// looked at. Memory: one line.
class LineScanner {
 public:
  static constexpr size_t kMaxLine = size_t{64} << 10;
  using Sink = absl::FunctionRef<void(const LogLine&)>;

  LineScanner();

  // `sink` gets the candidates among the lines that end in `piece`; views live during its call.
  void Feed(absl::string_view piece, Sink sink);
  // The text ends here; a last line without an end is a line.
  void Finish(Sink sink);

  uint64_t size() const { return size_; }    // Bytes fed.
  uint64_t lines() const { return lines_; }  // Lines that begin with a date.
  // Dates of the first and last of them; "" if there are none.
  absl::string_view first_date() const { return first_date_; }
  absl::string_view last_date() const { return last_date_; }
  // Date of the first CSI line that also gives the time in UTC, "0000031b@2023/5/23:16:17:26.297",
  // and that time (measured: it agrees with "Universal Time is"). "" if there is none.
  absl::string_view csi_date() const { return csi_date_; }
  absl::string_view csi_utc() const { return csi_utc_; }
  uint64_t nul_bytes() const { return nul_bytes_; }
  uint64_t first_nul() const { return first_nul_; }  // Offset.
  uint64_t long_lines() const { return long_lines_; }
  // After Finish: the last line's bytes if nothing ended it, else 0.
  uint64_t unended_bytes() const { return unended_bytes_; }

 private:
  void ScanPiece(absl::string_view piece, bool has_nul, Sink sink);
  // `line` is without its end.
  void ScanLine(absl::string_view line, Sink sink);
  bool IsCandidate(const LogLine& line) const;

  static constexpr size_t kBuckets = 1024;
  static constexpr uint8_t kEnd = 0xFF;
  std::array<uint8_t, kBuckets> first_;  // Index of a bucket's first literal.
  std::array<uint8_t, 128> next_;        // Index of the next literal in the same bucket.

  std::string carry_;        // The beginning of a line whose end has not come yet.
  uint64_t carry_size_ = 0;  // Its size so far; `carry_` holds at most kMaxLine of it.
  uint64_t size_ = 0, lines_ = 0, nul_bytes_ = 0, first_nul_ = 0, long_lines_ = 0;
  uint64_t unended_bytes_ = 0;
  std::string first_date_, last_date_, csi_date_, csi_utc_;
};

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_LINE_SCANNER_H_
