// From facts to the verdict.
#ifndef GATE_EVALUATE_H_
#define GATE_EVALUATE_H_

#include "gate/verdict.pb.h"
#include "manifests/catalog.h"
#include "manifests/policy.pb.h"
#include "servicing/base/filetime.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate {

// Judges `snapshot`. Pure: no I/O, no clock, no globals; the same arguments give the same verdict,
// byte for byte.
//
// NO_GO if a check BLOCKs and is not waived; else INDETERMINATE if a check that needs required
// evidence is, or if the host is busy; else GO. While servicing works, what it makes itself does
// not BLOCK but is INDETERMINATE (CheckRecord.made_by_servicing). `now` decides which waivers have
// expired; it is written into the verdict only if `pinned`, that is, if the caller chose it.
Verdict Evaluate(const Snapshot& snapshot, const Catalog& catalog, const Policy& policy,
                 FileTime now, bool pinned = false);

}  // namespace patchgate::gate

#endif  // GATE_EVALUATE_H_
