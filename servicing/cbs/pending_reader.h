// Reads what a pending servicing transaction leaves: pending.xml, its identifier in COMPONENTS, the
// registrations that make poqexec run it at boot, and file renames queued for smss.
#ifndef SERVICING_CBS_PENDING_READER_H_
#define SERVICING_CBS_PENDING_READER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/cbs/pending.pb.h"
#include "servicing/evidence/source.h"
#include "servicing/registry/registry.h"

namespace patchgate::cbs {

// Windows\WinSxS\pending.xml, its header only, and files beside it named pending.xml.*. `listing`
// is that of Windows\WinSxS, in `store` the outcome of listing it. Cost: up to the end of the
// root element's start tag; one mapping.
PendingXml ReadPendingXml(const evidence::Source& source, const Collection& store,
                          const std::vector<evidence::FileInfo>& listing);

// Header of a pending.xml held in memory; fills version, wcp_version, identifier and gaps.
void ReadPendingXmlHeader(absl::string_view bytes, PendingXml* facts);

ComponentsRoot ReadComponentsRoot(const registry::Registry& registry);
PoqexecRegistration ReadPoqexecRegistration(const registry::Registry& registry);
FileRenames ReadFileRenames(const registry::Registry& registry);

// The pairs in the raw data of PendingFileRenameOperations (DOMAIN §2.2).
std::vector<FileRename> ParseFileRenames(absl::string_view data);

// The creation time in a transaction identifier: its first 16 hex digits as a little-endian
// FILETIME (DOMAIN §4.2, B: one sample). 0 if it is no identifier or no plausible time.
FileTime IdentifierTime(absl::string_view identifier);

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_PENDING_READER_H_
