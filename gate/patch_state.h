// Holds a host's claims about its patch level against the files on its disk (DOMAIN §1.6, §11
// row 9). "Installed" is a claim; versions and hashes are measurements.
#ifndef GATE_PATCH_STATE_H_
#define GATE_PATCH_STATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gate/patch_state.pb.h"
#include "manifests/updates.h"
#include "servicing/history/timeline.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate {

// The update that a host is to have: a KB number, or a build with its revision.
struct PatchTarget {
  std::string kb;  // "KB5072033"; empty if it is a level.
  absl::optional<PatchLevel> level;
};

// "KB5072033", "5072033", "26100.7462", "10.0.26100.7462". kInvalidArgument for anything else: a
// revision alone would mean a different update on every build.
absl::StatusOr<PatchTarget> ParsePatchTarget(absl::string_view text);

// Pure: no I/O, no clock. `timeline` is history::BuildTimeline(snapshot).
//
// Claims: UBR, LCUVer, each installed RollupFix and the newest ServicingStack package, CBS\Version,
// the newest cumulative update that the history calls installed, and `target`. Measurements: the
// probes of the snapshot that follow the cumulative update; the files that the host boots from
// against the winning components of the store; the files of descriptors; the servicing stack's
// wcp.dll. Builds of one family count as one.
//
// A claim of a level is CONFIRMED if a file carries it and none speaks against it. A file carries a
// level too whose revision is a few below, where no update is known between: files are built before
// their update. A file speaks against a claim that is newer than every claim; that is newer than
// UBR or LCUVer say; that is of an earlier Windows; whose bytes are not those of its winning
// component, where that is not newer than the claim; or that is not as the update's descriptor has
// it. A probe that is older than the claim is normal: the update need not have changed it. But
// where the kernel is older and the store does not account for it, or a file without which Windows
// does not start is not there or unreadable, the claim is supported in part only. Where all are
// older, it cannot be measured, which is normal only for a hotpatch; a hotpatch excuses no file
// that an installed package brought. Files of the system partition never speak against a claim.
//
// A target is not reached, and so CONTRADICTED, if the host claims less, whatever its files are; if
// it is for another Windows; or if it is known for another installation type only.
//
// Cost, with at most 20 claims: n log n in the facts once, then for each claim of a level the
// probes, the files of the store, and the files of those descriptors that bring that level.
PatchState JudgePatchState(const Snapshot& snapshot, const Timeline& timeline,
                           const UpdateCatalog& updates,
                           const absl::optional<PatchTarget>& target = absl::nullopt);

// Paths on the volume that the descriptors of `updates` name, each once: to be read besides the
// probes.
std::vector<std::string> DescribedPaths(const UpdateSet& updates);

}  // namespace patchgate::gate

#endif  // GATE_PATCH_STATE_H_
