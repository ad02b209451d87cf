// Marvin32, the 64-bit checksum of transaction-log entries (DOMAIN §3.9; regf specification, "Log
// entries"). Verified against public vectors and against real log files.
#ifndef SERVICING_REGF_MARVIN32_H_
#define SERVICING_REGF_MARVIN32_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace patchgate::regf {

// The seed that Windows uses for hive logs.
inline constexpr uint64_t kLogSeed = 0x82EF4D887A4E55C5;

uint64_t Marvin32(uint64_t seed, absl::string_view data);

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_MARVIN32_H_
