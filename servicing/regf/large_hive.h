// A hive of the size that COMPONENTS and SOFTWARE reach on hosts with years of updates.
#ifndef SERVICING_REGF_LARGE_HIVE_H_
#define SERVICING_REGF_LARGE_HIVE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "servicing/regf/hive_builder.h"

namespace patchgate::regf {

// Adds families of up to 5,000 component keys below the root until the hive has `keys` keys, the
// root included, and `values` values spread evenly. Returns the paths of the component keys.
std::vector<std::string> AddComponents(uint64_t keys, uint64_t values, HiveBuilder* builder);

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_LARGE_HIVE_H_
