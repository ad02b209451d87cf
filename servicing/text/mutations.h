// Damaged variants of a small input, for tests of readers of untrusted bytes.
#ifndef SERVICING_TEXT_MUTATIONS_H_
#define SERVICING_TEXT_MUTATIONS_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace patchgate::text {

// Calls `feed` with every truncation of `seed`, with every byte replaced by one that parsers care
// for, and with runs of bytes doubled, dropped and zeroed at random; the same ones every time.
// About 12 calls for each byte. Sanitizers and the caller's own expectations watch.
void ForEachMutation(absl::string_view seed, absl::FunctionRef<void(absl::string_view)> feed);

}  // namespace patchgate::text

#endif  // SERVICING_TEXT_MUTATIONS_H_
