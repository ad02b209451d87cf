// Reads what feature updates leave: SYSTEM\Setup and the folders of Windows Setup (DOMAIN §2.3,
// 4.8; formats.md).
#ifndef SERVICING_HISTORY_FEATURE_UPDATE_READER_H_
#define SERVICING_HISTORY_FEATURE_UPDATE_READER_H_

#include "servicing/evidence/source.h"
#include "servicing/history/history.pb.h"
#include "servicing/registry/registry.h"

namespace patchgate::history {

// Values of unexpected types are gaps, except text that is only quoted. Folders are listed, no file
// is opened. Cost: a dozen keys and nine listings.
FeatureUpdates ReadFeatureUpdates(const registry::Registry& registry,
                                  const evidence::Source& source);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_FEATURE_UPDATE_READER_H_
