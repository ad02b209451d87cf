// Reads pending.xml: the operations that poqexec will execute at the next boot (DOMAIN §4.1, 4.2;
// pending_xml.md).
#ifndef SERVICING_CBS_PENDING_XML_READER_H_
#define SERVICING_CBS_PENDING_XML_READER_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/cbs/pending.pb.h"
#include "servicing/evidence/source.h"

namespace patchgate::cbs {

// Windows\WinSxS\pending.xml, and the files beside it named pending.xml.* by name, size and time.
// `listing` is that of Windows\WinSxS, in `store` the outcome of listing it. What is damaged inside
// the file is a gap; what stands before it counts. Cost: every byte once, at the speed that
// pending_xml.md gives; up to 20,000 sources looked up on the volume; at most 15 MB of memory.
PendingXml ReadPendingXml(const evidence::Source& source, const Collection& store,
                          const std::vector<evidence::FileInfo>& listing);

// A whole pending.xml held in memory: fills the header, the operations and the gaps. Sources are
// looked up on `volume`; null: not at all.
void ReadPendingXmlBytes(absl::string_view bytes, const evidence::Source* volume,
                         PendingXml* facts);

// The creation time in a transaction identifier: its first 16 hex digits as a little-endian
// FILETIME (DOMAIN §4.2, B: one sample). 0 if it is no identifier or no plausible time.
FileTime IdentifierTime(absl::string_view identifier);

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_PENDING_XML_READER_H_
