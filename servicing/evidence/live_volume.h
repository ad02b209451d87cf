// The volumes of the running Windows, as sources.
#ifndef SERVICING_EVIDENCE_LIVE_VOLUME_H_
#define SERVICING_EVIDENCE_LIVE_VOLUME_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "servicing/evidence/source.h"

namespace patchgate::evidence {

// The volume that holds the running Windows: the root of the drive of its system folder. Described
// as "live host". kUnimplemented elsewhere than on Windows; kFailedPrecondition for a 32-bit build
// on a 64-bit Windows, to which System32 is another folder (DOMAIN §10.1), and where the system
// folder is not \Windows of its drive, where every reader looks.
//
// Files are read, not mapped, and no handle outlives the reading: a hive or log that is mapped or
// open could not be loaded, cut or replaced by the servicing that patchgate is to keep safe. So an
// open file costs its size in memory. A stream is open as long as it is read.
absl::StatusOr<std::unique_ptr<Source>> OpenLiveVolume();

// A partition by its device, as SYSTEM\Setup\SystemPartition names the system partition (DOMAIN
// §2.3): "\Device\HarddiskVolume1". It needs no drive letter. Its files are read as those of
// OpenLiveVolume; errors as OpenDirectory, and kInvalidArgument for what is no "\Device\" with one
// name of letters and digits behind it.
absl::StatusOr<std::unique_ptr<Source>> OpenLivePartition(absl::string_view device);

// `source` with files that are read into memory when they are opened, and closed again. Streams
// stay streams. `source` must outlive it, unless it is given away.
//
// The bytes of a file are those of one moment as far as its size and time tell: it is read again
// when they change meanwhile, some times. A file that grows each time is what it was when it was
// opened, as the log that somebody writes to; one that is cut short or written over each time is
// kDataLoss. A file of more than 2 GiB is kResourceExhausted. WritableImage() costs the file's size
// once more.
std::unique_ptr<Source> ReadNotMapped(const Source& source, std::string description);
std::unique_ptr<Source> ReadNotMapped(std::unique_ptr<Source> source, std::string description);

}  // namespace patchgate::evidence

#endif  // SERVICING_EVIDENCE_LIVE_VOLUME_H_
