// CRC-32 as event logs use it (ISO 3309: polynomial EDB88320 reflected, as in zlib).
#ifndef SERVICING_EVENTLOG_CRC32_H_
#define SERVICING_EVENTLOG_CRC32_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace patchgate::eventlog {

// The CRC-32 of `bytes`, or, given the CRC of what came before, of both together. Cost: one pass,
// eight bytes a step.
uint32_t Crc32(absl::string_view bytes, uint32_t before = 0);

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_CRC32_H_
