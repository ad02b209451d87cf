#include "servicing/text/mutations.h"

#include <random>
#include <string>

namespace patchgate::text {

void ForEachMutation(absl::string_view seed, absl::FunctionRef<void(absl::string_view)> feed) {
  // Copies, so that a sanitizer sees a read beyond the end.
  for (size_t size = 0; size <= seed.size(); ++size) feed(std::string(seed.substr(0, size)));
  constexpr absl::string_view kBytes("\0\n\t\"<;\x80\xFF", 8);
  for (size_t at = 0; at < seed.size(); ++at) {
    for (const char byte : kBytes) {
      std::string mutant(seed);
      mutant[at] = byte;
      feed(mutant);
    }
  }
  std::mt19937 random(20261122);
  for (size_t i = 0; i < 3 * seed.size(); ++i) {
    std::string mutant(seed);
    for (unsigned edits = 1 + random() % 3; edits > 0 && !mutant.empty(); --edits) {
      const size_t at = random() % mutant.size();
      const size_t size = 1 + random() % 40;
      switch (random() % 4) {
        case 0:
          mutant.erase(at, size);
          break;
        case 1:
          mutant.insert(random() % mutant.size(), mutant.substr(at, size));
          break;
        case 2:
          mutant.replace(at, size, std::string(size, '\0'));
          break;
        default:
          mutant[at] = static_cast<char>(random());
      }
    }
    feed(mutant);
  }
}

}  // namespace patchgate::text
