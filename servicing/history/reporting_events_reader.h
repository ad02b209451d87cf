// Reads Windows\SoftwareDistribution\ReportingEvents.log, where the update agent notes how each
// installation went (DOMAIN §4.8; formats.md).
#ifndef SERVICING_HISTORY_REPORTING_EVENTS_READER_H_
#define SERVICING_HISTORY_REPORTING_EVENTS_READER_H_

#include "absl/strings/string_view.h"
#include "servicing/evidence/source.h"
#include "servicing/history/history.pb.h"

namespace patchgate::history {

// The last 4,000 installation events, in the order of the file; other events are passed over. A
// file in which no line is of the known form leaves a gap, and so does an installation event whose
// fields cannot be read. Cost: every byte once; a few MB of memory.
ReportingEvents ReadReportingEvents(const evidence::Source& source);

// A log held in memory: fills all but status and source of the collection.
void ReadReportingEventsBytes(absl::string_view bytes, ReportingEvents* facts);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_REPORTING_EVENTS_READER_H_
