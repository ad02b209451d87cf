// Reads Windows\servicing\Sessions: the journal of CBS sessions and the files of those in work
// (DOMAIN §4.5; session_journal.md).
#ifndef SERVICING_CBS_SESSION_JOURNAL_READER_H_
#define SERVICING_CBS_SESSION_JOURNAL_READER_H_

#include "absl/strings/string_view.h"
#include "servicing/cbs/session_journal.pb.h"
#include "servicing/evidence/source.h"

namespace patchgate::cbs {

// The last 300 sessions of Sessions.xml and every other *.xml beside it, by name, size and time.
// What is damaged in Sessions.xml is a gap of `journal`; the sessions before it count. Cost: every
// byte of Sessions.xml once; a few MB of memory, whatever its size.
SessionJournal ReadSessionJournal(const evidence::Source& source);

// A Sessions.xml, or the file of one session, held in memory: fills the sessions and the gaps of
// `journal`.
void ReadSessionJournalBytes(absl::string_view bytes, SessionJournal* facts);

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_SESSION_JOURNAL_READER_H_
