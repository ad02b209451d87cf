// Builds event logs (EVTX) in memory, for tests.
//
//   EvtxBuilder log;
//   log.Add({"Microsoft-Windows-Kernel-Boot", "{15ca44ff-4d7a-4baa-bba5-0998955e531e}", 27, time,
//            "System", {{"BootType", Uint32(0)}, {"LoadOptions", " NOEXECUTE=OPTIN"}}});
//   std::string bytes = log.Build();
//
// What it writes is what Windows would: names and template definitions where they are used first in
// a chunk and linked from its tables, <System> in one template and the event's data in another one
// nested inside, typed values in the record, right checksums. A broken log is a built one with a
// named structure overwritten; ChunkOffset and record_offset tell where they lie:
//
//   StoreLe32(&bytes[log.record_offset(3) + record::kSizeField], 7);
//   FixChecksums(&bytes);  // If only the structure is to be wrong.
//
// Helpers for the events that patchgate reads are in event_fixtures.h.
#ifndef SERVICING_EVENTLOG_EVTX_BUILDER_H_
#define SERVICING_EVENTLOG_EVTX_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/eventlog/event.h"
#include "servicing/eventlog/format.h"

namespace patchgate::eventlog {

// Values as Windows stores them.
OwnedValue TextValue(absl::string_view utf8);
OwnedValue Uint16(uint16_t number);
OwnedValue Uint32(uint32_t number);
OwnedValue Uint64(uint64_t number);
OwnedValue HexInt32(uint32_t number);
OwnedValue Boolean(bool flag);
OwnedValue Guid(absl::string_view text);  // With or without braces.
OwnedValue Time(FileTime time);
OwnedValue StringArray(const std::vector<std::string>& texts);  // Gives one field for each.

class EvtxBuilder {
 public:
  struct Options {
    uint64_t first_record_id = 1;
    // Writes the file header as it was when only the first chunk was there, as in a copy of a log
    // that Windows has open.
    bool dirty = false;
    bool checksums = true;  // Or the flags and zeros of logs that have none.
    size_t max_records_per_chunk = std::numeric_limits<size_t>::max();
    size_t unused_chunks = 0;  // Chunks of zeros at the end.
    size_t oldest_chunk = 0;   // Place of the oldest chunk; the others follow around the ring.
  };

  struct Field {
    Field(std::string name, OwnedValue value) : name(std::move(name)), value(std::move(value)) {}
    Field(std::string name, const char* text) : Field(std::move(name), TextValue(text)) {}
    Field(std::string name, absl::string_view text) : Field(std::move(name), TextValue(text)) {}
    Field(std::string name, const std::string& text) : Field(std::move(name), TextValue(text)) {}

    std::string name;  // "": <Data> without a name.
    OwnedValue value;
  };

  struct EventSpec {
    std::string provider;
    std::string guid;  // "": none.
    uint32_t id = 0;
    FileTime time = 0;
    std::string channel = "System";
    std::vector<Field> fields = {};
    std::string user_data = "";  // "CbsPackageChangeState"; "": the fields are <EventData>.
    uint16_t qualifiers = 0;
  };

  EvtxBuilder() : EvtxBuilder(Options()) {}
  explicit EvtxBuilder(Options options) : options_(options) {}

  // Events lie in the log in the order in which they are added. Every event must fit a chunk.
  EvtxBuilder& Add(EventSpec event);

  // The log so far; may be called again after more events.
  std::string Build();

  size_t events() const { return events_.size(); }
  // After Build(): file offset of the i-th event's record, and the number of chunks used.
  size_t record_offset(size_t i) const { return record_offsets_[i]; }
  size_t chunks() const { return chunks_; }

 private:
  Options options_;
  std::vector<EventSpec> events_;
  std::vector<size_t> record_offsets_;
  size_t chunks_ = 0;
};

// File offset of the i-th chunk as they lie in the file.
inline size_t ChunkOffset(size_t i) { return file_header::kSize + i * chunk::kSize; }

// Makes all checksums of a log right again: those of the file header and of every whole chunk that
// has its signature.
void FixChecksums(std::string* log);

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_EVTX_BUILDER_H_
