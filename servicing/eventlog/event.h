// One event: what stands in its <System>, and the fields of its <EventData> or <UserData>.
#ifndef SERVICING_EVENTLOG_EVENT_H_
#define SERVICING_EVENTLOG_EVENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/base/filetime.h"
#include "servicing/eventlog/binary_xml.h"
#include "servicing/eventlog/evtx.h"
#include "servicing/eventlog/value.h"

namespace patchgate::eventlog {

// A value that outlives its chunk.
struct OwnedValue {
  uint8_t type = kNull;
  std::string data;

  Value view() const { return {type, data}; }
};

struct EventField {
  std::string name;  // Data@Name, or the element below UserData/<element>; "" if unnamed.
  OwnedValue value;
};

struct Event {
  std::string provider;       // System/Provider@Name
  std::string provider_guid;  // System/Provider@Guid, lower case with braces.
  uint32_t id = 0;            // System/EventID
  uint32_t qualifiers = 0;    // System/EventID@Qualifiers
  std::string channel;        // System/Channel
  FileTime time = 0;          // System/TimeCreated@SystemTime, or else that of the record.
  uint64_t record_id = 0;     // Of the record.
  std::string user_data;      // Name of the element below UserData; "" if there is none.
  // In document order. An array of strings, as providers without a manifest write, gives one field
  // for each of its elements.
  std::vector<EventField> fields;

  // The first field of that name (case counts); null if there is none.
  Value Find(absl::string_view name) const;
  // The field at that place; null if there are fewer.
  Value At(size_t index) const;
};

class EventDecoder {
 public:
  // Of one chunk's records together, and of one record. Measured on 26 real chunks, all fields
  // read: up to 5 times the chunk's size, and 9 KB for a record.
  static constexpr Budget kChunkBudget = 64 * 65536;
  static constexpr Budget kRecordBudget = 4 * 65536;

  // Decodes a record. `is_wanted` is asked once <System> has been read; if it says no, the fields
  // stay empty and the rest of the record is not read.
  // Errors: those of BinaryXmlWalker, and kDataLoss for an event without <System> or event id;
  // `event` then holds nothing of use.
  // Cost: time in proportion to the record and the templates that it names (benchmark.md), and a
  // few short strings.
  absl::Status Decode(const Record& record, absl::FunctionRef<bool(const Event&)> is_wanted,
                      Event* event);

 private:
  BinaryXmlWalker walker_;
  const char* chunk_ = nullptr;
  Budget chunk_budget_ = 0;
};

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_EVENT_H_
