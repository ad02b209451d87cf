// Reads what a pending servicing transaction leaves in the registry: its identifier in COMPONENTS,
// the registrations that make poqexec run it at boot, and file renames queued for smss.
#ifndef SERVICING_CBS_PENDING_READER_H_
#define SERVICING_CBS_PENDING_READER_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/cbs/pending.pb.h"
#include "servicing/cbs/pending_xml_reader.h"  // IWYU pragma: export
#include "servicing/registry/registry.h"

namespace patchgate::cbs {

ComponentsRoot ReadComponentsRoot(const registry::Registry& registry);
PoqexecRegistration ReadPoqexecRegistration(const registry::Registry& registry);
FileRenames ReadFileRenames(const registry::Registry& registry);

// The pairs in the raw data of PendingFileRenameOperations (DOMAIN §2.2).
std::vector<FileRename> ParseFileRenames(absl::string_view data);

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_PENDING_READER_H_
