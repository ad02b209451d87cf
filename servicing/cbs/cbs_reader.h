// Reads the state of Component Based Servicing from the registry (DOMAIN §1.1 to 1.3, 2.5).
#ifndef SERVICING_CBS_CBS_READER_H_
#define SERVICING_CBS_CBS_READER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/base/filetime.h"
#include "servicing/cbs/cbs.pb.h"
#include "servicing/evidence/source.h"
#include "servicing/registry/registry.h"

namespace patchgate::cbs {

CbsRoot ReadCbsRoot(const registry::Registry& registry);
CbsSessions ReadSessions(const registry::Registry& registry);

// Every package with its state. Cost: one key and one value list for each, about 3,500 on a host.
CbsPackages ReadPackages(const registry::Registry& registry);

// Walks CBS\ComponentDetect for values that are not REG_DWORD (install error 0x8007000D).
CbsComponentDetect ReadComponentDetect(const registry::Registry& registry);

// The registered servicing stack and whether its folder is on the volume.
ServicingStack ReadServicingStack(const registry::Registry& registry,
                                  const evidence::Source& source);

TrustedInstaller ReadTrustedInstaller(const registry::Registry& registry);

// The time in a session id, "HighDateTime_LowDateTime" in decimal (DOMAIN §1.2). nullopt if `id` is
// not of that form.
absl::optional<FileTime> SessionTime(absl::string_view id);

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_CBS_READER_H_
