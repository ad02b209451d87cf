// Reads facts about the component store that are neither packages nor transactions: its temporary
// queues and the stack that wrote to it last (DOMAIN §3.3, 4.1).
#ifndef SERVICING_STORE_STORE_READER_H_
#define SERVICING_STORE_STORE_READER_H_

#include "servicing/evidence/source.h"
#include "servicing/registry/registry.h"
#include "servicing/store/store.pb.h"

namespace patchgate::store {

// Adds PendingDeletes, PendingRenames and InFlight of Windows\WinSxS\Temp to `folders`, each with
// the outcome of listing it. Cost: three listings; nothing below these folders is looked at.
void ReadStoreQueues(const evidence::Source& source, StoreFolders* folders);

// COMPONENTS\ServicingStackVersions. Absent if the key is not there; a value that is no text is a
// gap.
LastStack ReadLastStack(const registry::Registry& registry);

}  // namespace patchgate::store

#endif  // SERVICING_STORE_STORE_READER_H_
