// Verifies the component store: the index against the folders, names against identities, manifests
// against their hashes, payload against manifests, projections against payload. Read-only, on any
// source, in parallel (DOMAIN §3.4 to 3.8, 4.4, 4.5).
#ifndef SERVICING_STORE_VERIFY_H_
#define SERVICING_STORE_VERIFY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/base/stop.h"
#include "servicing/cbs/cbs.pb.h"
#include "servicing/evidence/source.h"
#include "servicing/files/file_memory.h"
#include "servicing/registry/registry.h"
#include "servicing/store/store.pb.h"

namespace patchgate::store {

// Told from one thread at a time, at most some ten times a second.
struct Progress {
  absl::string_view step;  // "index", "manifests and payload", "projections"
  uint64_t done = 0;       // Components.
  uint64_t total = 0;
  uint64_t bytes = 0;  // Read so far.
};

struct VerifyOptions {
  StoreLevel level = STORE_LEVEL_INDEX;  // Of what is in `scope`.
  StoreScope scope = STORE_SCOPE_ALL;
  // The index level and the catalogs for everything, whatever the scope: `check` asks so, since it
  // costs little.
  bool index_of_all = false;
  // CBS\Packages, where the caller has read it already; read here if null.
  const CbsPackages* packages = nullptr;
  // Names of files that are to be looked at like those that the host boots from: "ntdll.dll".
  std::vector<std::string> boot_files;
  // What was read before and is not read again, and what the caller will not have to read again. It
  // should keep base manifests: FileMemory memory(KeepBaseManifest). Its own if null.
  files::FileMemory* memory = nullptr;
  int jobs = 1;          // Threads; at least 1.
  size_t examples = 50;  // Of each kind of damage that are kept; all are counted.
  std::function<void(const Progress&)> progress;  // May be empty.
  const Stop* stop = nullptr;                     // Ends the run early; the result says so.
};

// Never fails as a whole: what cannot be read says so in the result. The result is the same for any
// number of jobs. Cost: the index is one pass over COMPONENTS and four listings; then each file in
// scope is read once, whatever the number of its names; those of the boot path and the servicing
// stack are examined, so that a FileMemory knows their versions. Memory: some 200 bytes a component
// and as many a file, 1 MiB and the largest examined file a thread.
StoreVerification Verify(const evidence::Source& source, const registry::Registry& registry,
                         const VerifyOptions& options);

}  // namespace patchgate::store

#endif  // SERVICING_STORE_VERIFY_H_
