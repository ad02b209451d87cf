// Cabinet files held in memory: what they list and what they unpack to. Decompression (MSZIP, LZX,
// Quantum) is libmspack's; nothing is written to disk.
#ifndef SERVICING_CAB_CAB_H_
#define SERVICING_CAB_CAB_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace patchgate::cab {

// Whether `bytes` begin like a cabinet.
inline bool IsCab(absl::string_view bytes) { return bytes.substr(0, 4) == "MSCF"; }

struct CabFile {
  std::string name;   // Valid UTF-8, with '\' between its parts.
  uint64_t size = 0;  // Unpacked, in bytes, as the cabinet claims; at most 2 GiB.
};

// The files of a cabinet in its order. Cost: its headers.
//
// Errors: kInvalidArgument if it is no cabinet, kDataLoss for damaged headers, kResourceExhausted
// for more than 1,000 folders or files: more than any log has, and libmspack's time grows with
// their product.
absl::StatusOr<std::vector<CabFile>> ListCab(absl::string_view cab);

// Takes the next piece of the file `name`; false ends the extraction.
using CabSink = absl::FunctionRef<bool(absl::string_view name, absl::string_view piece)>;

// Unpacks each file in the order of the cabinet, piece by piece (at most 32 KiB each), until the
// sink has enough or `limit` bytes were unpacked over all files. Every piece is a copy that lives
// during the call. Memory: one decompression window (at most 2 MiB) and the headers; time is linear
// in what is unpacked, at most `limit`. A cabinet may claim to be 2 GiB in a few hundred KiB, so
// the limit is what the caller has room for, not a ratio.
//
// Errors: those of ListCab; kDataLoss with the offset of the block where decompression stopped
// (what comes before it was given to the sink, but for up to 32 KiB that the decompressor held);
// kResourceExhausted when `limit` cut the output short.
absl::Status ExtractCab(absl::string_view cab, uint64_t limit, CabSink sink);

}  // namespace patchgate::cab

#endif  // SERVICING_CAB_CAB_H_
