// Files in a snapshot: their facts, and where they lie.
#ifndef GATE_IMAGES_H_
#define GATE_IMAGES_H_

#include "absl/strings/string_view.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate {

// The file at `path`, without regard to case; null if nobody looked at it. A file that was looked
// for and is not there has facts too, with the collection ABSENT.
const ImageFacts* FindImage(const Snapshot& snapshot, absl::string_view path);

// Whether the snapshot has such a file and it was read.
bool WasRead(const ImageFacts* image);

// Whether a path is one of the system partition: "ESP:/" is before those of a partition that was
// given beside the volume; where none was, its EFI folder and bootmgr are looked for in the root of
// the volume (DOMAIN §4.9).
bool IsOnSystemPartition(absl::string_view path);

}  // namespace patchgate::gate

#endif  // GATE_IMAGES_H_
