// Which events patchgate keeps (DOMAIN §5.1, 5.2) and what it keeps of them.
#ifndef SERVICING_EVENTLOG_EVENT_FACTS_H_
#define SERVICING_EVENTLOG_EVENT_FACTS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "servicing/eventlog/event.h"
#include "servicing/eventlog/events.pb.h"

namespace patchgate::eventlog {

// Whether AddFacts makes something of an event with this provider and id.
bool IsWanted(const Event& event);

// Appends the facts of a wanted event to their list; nothing for any other event. Fields that are
// missing or cannot be read leave theirs unset.
void AddFacts(const Event& event, EventLogs* logs);

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_EVENT_FACTS_H_
