// Reads Windows\Logs\DISM\dism.log for how servicing commands ended (DOMAIN §4.8; formats.md).
#ifndef SERVICING_HISTORY_DISM_LOG_READER_H_
#define SERVICING_HISTORY_DISM_LOG_READER_H_

#include "absl/strings/string_view.h"
#include "servicing/evidence/source.h"
#include "servicing/history/history.pb.h"

namespace patchgate::history {

// The last 300 outcomes. An outcome is a line with a failing HRESULT that is of level Error or
// comes from a step that finalizes, commits or restores; and the two phrases of DOMAIN §4.8,
// HRESULT or not. Every DISM log is full of other lines with an HRESULT: attempts that have an
// alternative. A log without a single dated line leaves a gap. Cost: every byte once; under 1 MB of
// memory.
DismLog ReadDismLog(const evidence::Source& source);

// A log held in memory: fills all but status and source of the collection.
void ReadDismLogBytes(absl::string_view bytes, DismLog* facts);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_DISM_LOG_READER_H_
