// A registry hive as Wine's own registry text, the format of a prefix's system.reg. Wine loads it
// as Windows loads a hive file, with types, raw bytes and key times, which no call of Win32 can
// set.
#ifndef TESTDATA_LIVE_WINE_REGISTRY_H_
#define TESTDATA_LIVE_WINE_REGISTRY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/regf/hive.h"

namespace patchgate::testdata {

inline constexpr char kWineRegistryHeader[] = "WINE REGISTRY Version 2\n";

// Every key below `root` and `root` itself, with their values, as "[<name>\\<path>]" entries to
// follow the header. A key without a time gets 1970-01-01, the first that Wine knows. kDataLoss if
// anything cannot be read.
absl::StatusOr<std::string> WineRegistryText(const regf::Key& root, absl::string_view name);

}  // namespace patchgate::testdata

#endif  // TESTDATA_LIVE_WINE_REGISTRY_H_
