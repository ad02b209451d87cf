// Numbers as people read them.
#ifndef GATE_NUMBERS_H_
#define GATE_NUMBERS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace patchgate::gate {

// "28,069"
std::string Grouped(uint64_t n);

// "1 file", "28,069 files"
std::string Amount(uint64_t n, absl::string_view one, absl::string_view many);

}  // namespace patchgate::gate

#endif  // GATE_NUMBERS_H_
