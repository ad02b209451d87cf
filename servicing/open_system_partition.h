// Not for others: what both ways to open a host share.
#ifndef SERVICING_OPEN_SYSTEM_PARTITION_H_
#define SERVICING_OPEN_SYSTEM_PARTITION_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "servicing/evidence/source.h"

namespace patchgate {

// The root of a system partition holds EFI, or where a BIOS boots from it, bootmgr. Another folder,
// kFailedPrecondition, must not pass for one that was looked at.
absl::StatusOr<std::unique_ptr<evidence::Source>> OpenSystemPartition(const std::string& path);

}  // namespace patchgate

#endif  // SERVICING_OPEN_SYSTEM_PARTITION_H_
