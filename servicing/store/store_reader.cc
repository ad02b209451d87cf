#include "servicing/store/store_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "servicing/base/filetime.h"
#include "servicing/registry/section_reader.h"
#include "servicing/text/section_file.h"

namespace patchgate::store {

void ReadStoreQueues(const evidence::Source& source, StoreFolders* folders) {
  for (const char* name : {"PendingDeletes", "PendingRenames", "InFlight"}) {
    StoreQueue* queue = folders->add_queues();
    queue->set_name(name);
    const auto listing = text::ListSection(source, absl::StrCat("Windows/WinSxS/Temp/", name),
                                           queue->mutable_collection());
    if (!listing) continue;
    FileTime newest = 0;
    for (const evidence::FileInfo& entry : *listing) newest = std::max(newest, entry.modified);
    queue->set_entries(listing->size());
    queue->set_newest_filetime(newest);
  }
}

LastStack ReadLastStack(const registry::Registry& registry) {
  LastStack facts;
  const registry::SectionReader key(registry, registry::HiveId::kComponents,
                                    "ServicingStackVersions", facts.mutable_collection());
  facts.set_last_wcp_version(key.String("LastWCPVersionToAccessStore").value_or(""));
  return facts;
}

}  // namespace patchgate::store
