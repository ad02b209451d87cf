#include "gate/numbers.h"

#include "absl/strings/str_cat.h"

namespace patchgate::gate {

std::string Grouped(uint64_t n) {
  std::string digits = absl::StrCat(n);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) digits.insert(i, ",");
  return digits;
}

std::string Amount(uint64_t n, absl::string_view one, absl::string_view many) {
  return absl::StrCat(Grouped(n), " ", n == 1 ? one : many);
}

}  // namespace patchgate::gate
