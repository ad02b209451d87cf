// What the name of a package says about it (DOMAIN §1.3).
#ifndef SERVICING_HISTORY_PACKAGE_NAME_H_
#define SERVICING_HISTORY_PACKAGE_NAME_H_

#include <string>

#include "absl/strings/string_view.h"

namespace patchgate::history {

// A cumulative update of Windows itself, "Package_for_RollupFix~…".
bool IsRollupFix(absl::string_view identity);

// A servicing stack, "Package_for_ServicingStack_7295~…".
bool IsServicingStack(absl::string_view identity);

// A part of an update with a number of its own, "Package_4321_for_KB5072033~…": what becomes of it
// is not what becomes of the update.
bool IsPartOfUpdate(absl::string_view identity);

// "26100.7462", build and revision in the version of a cumulative update or servicing stack,
// "…~~26100.7462.1.9"; empty if the name has no such version.
std::string BuildOf(absl::string_view identity);

// Compares two such builds by their numbers: negative, 0 or positive. Both must be of BuildOf.
int CompareBuilds(absl::string_view a, absl::string_view b);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_PACKAGE_NAME_H_
