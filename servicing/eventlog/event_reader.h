// Reads the event logs that say how updates, boots and volumes fared (DOMAIN §5).
#ifndef SERVICING_EVENTLOG_EVENT_READER_H_
#define SERVICING_EVENTLOG_EVENT_READER_H_

#include "absl/strings/string_view.h"
#include "servicing/eventlog/events.pb.h"
#include "servicing/evidence/source.h"

namespace patchgate::eventlog {

// Most entries that a list of EventLogs holds. The newest are kept; EventLogs.dropped counts the
// rest. A System log of 20 MB holds about 35,000 events of all kinds.
inline constexpr int kMaxServicing = 20'000;
inline constexpr int kMaxStoreRepairs = 5'000;
inline constexpr int kMaxUpdateClient = 20'000;
inline constexpr int kMaxBoots = 20'000;
inline constexpr int kMaxVolumes = 5'000;
// Kinds of event that one file's counts tell apart; real logs have a few hundred.
inline constexpr int kMaxCounts = 4'096;

// Setup.evtx and System.evtx of the volume. A log that is not there is ABSENT, one that cannot be
// opened or is no event log UNREADABLE; logs roll, so an event that is not in them may have
// happened before EventLogFile.first_filetime. Cost: reads every used chunk of both files once;
// memory for the lists.
EventLogs ReadEventLogs(const evidence::Source& source);

// Adds what the event log `bytes` says to `logs`, with an entry in `files` under this name. Damage
// becomes gaps of that entry's collection, which is COLLECTED if the file header or any chunk could
// be recognised, else UNREADABLE. Lists stay in time order, and within their bounds.
void ReadEventLogFile(absl::string_view name, absl::string_view bytes, EventLogs* logs);

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_EVENT_READER_H_
