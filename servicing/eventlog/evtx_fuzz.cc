// Fuzz target of the event log reader.
//
// Random bytes make no log, so an input is a list of edits to a sound one: byte 0 chooses the log
// (low two bits) and whether its checksums are made right again after the edits (0x10). Each edit
// has 8 bytes: bit 7 of the first says whether four bytes are stored or one, 24 bits of offset, and
// the value; offsets of single bytes are folded into what the log uses. Byte 0 = 0xFF takes what
// follows as the file itself, 0xFE as the binary XML of a record.
//
// Inputs of more than 64 KiB say nothing that smaller ones do not, and are refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/base/little_endian.h"
#include "servicing/eventlog/event.h"
#include "servicing/eventlog/event_fixtures.h"
#include "servicing/eventlog/event_reader.h"
#include "servicing/eventlog/evtx.h"
#include "servicing/eventlog/evtx_builder.h"
#include "servicing/eventlog/format.h"

namespace patchgate::eventlog {
namespace {

constexpr size_t kLargestInput = 64 << 10;
constexpr FileTime kTime = 134000000000000000;

void Require(bool condition) {
  if (!condition) std::abort();
}

std::string MakeSeed(bool dirty, bool checksums, size_t records_per_chunk) {
  EvtxBuilder::Options options;
  options.dirty = dirty;
  options.checksums = checksums;
  options.max_records_per_chunk = records_per_chunk;
  options.oldest_chunk = 1;
  EvtxBuilder builder(options);
  AddBoot(kTime, &builder);
  AddUpdateClientEvent(kTime + 1, 20, "KB5072033", 0x80248007, &builder);
  AddServicingEvent(kTime + 2, 3, "KB5072033", 0, 112, 0x800f0984, "UpdateAgentLCU", &builder);
  AddServicingEvent(kTime + 3, 3, "KB5072033", 0, 112, 0x800f0984, "UpdateAgentLCU", &builder);
  AddUnexpectedShutdown(kTime + 4, 0xED, &builder);
  AddRestartRequest(kTime + 5, "C:\\a.exe", &builder);
  AddVolumeState(kTime + 6, "C:", 3, &builder);
  return builder.Build();
}

const std::string& SeedNumber(size_t i) {
  static const auto* const seeds =
      new std::vector<std::string>{MakeSeed(false, true, 100), MakeSeed(true, true, 100),
                                   MakeSeed(false, false, 4), MakeSeed(true, true, 4)};
  return (*seeds)[i % seeds->size()];
}

void Apply(const char* edit, std::string* log) {
  constexpr size_t kUsed = 12 << 10;  // File header, chunk header and the first records.
  const bool four_bytes = (edit[0] & 0x80) != 0;
  const size_t size = four_bytes ? 4 : 1;
  const size_t offset = LoadLe32(edit) >> 8;
  const size_t at = four_bytes ? offset % (log->size() - size + 1) : offset % kUsed;
  log->replace(at, size, edit + 4, size);
}

// Whatever the log says, the reader must keep within its bounds and agree with itself.
void Read(absl::string_view bytes) {
  EventLogs logs;
  ReadEventLogFile("log", bytes, &logs);
  Require(logs.files_size() == 1);
  const EventLogFile& file = logs.files(0);
  const Collection& collection = file.collection();
  Require(collection.status() == Collection::COLLECTED ||
          (collection.status() == Collection::UNREADABLE && !collection.reason().empty()));
  Require(file.records() + file.bad_records() <= bytes.size() / record::kSmallest + file.chunks());
  Require(file.bad_chunks() <= file.chunks());
  Require(collection.gaps_size() > 0 || (file.bad_chunks() == 0 && file.bad_records() == 0));
  uint64_t counted = 0;
  for (const EventCount& count : file.counts()) counted += count.count();
  Require(counted == file.records());
  for (int i = 1; i < logs.boots_size(); ++i) {
    Require(logs.boots(i - 1).filetime() <= logs.boots(i).filetime());
  }
  EventLogs again;
  ReadEventLogFile("log", bytes, &again);
  Require(again.SerializeAsString() == logs.SerializeAsString());
}

void ReadXml(absl::string_view xml) {
  std::string chunk(chunk::kRecords, '\0');
  chunk.append(xml.data(), xml.size());
  Record record;
  record.chunk = chunk;
  record.xml_begin = chunk::kRecords;
  record.xml_end = chunk.size();
  EventDecoder decoder;
  Event event;
  const absl::Status status = decoder.Decode(
      record, [](const Event&) { return true; }, &event);
  Require(status.ok() || !status.message().empty());
}

}  // namespace
}  // namespace patchgate::eventlog

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchgate::eventlog;  // NOLINT: the entry point cannot be in the namespace.
  if (size == 0 || size > kLargestInput) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0xFF) {
    Read(rest);
    return 0;
  }
  if (data[0] == 0xFE) {
    ReadXml(rest);
    return 0;
  }
  std::string log = SeedNumber(data[0] & 3);
  for (size_t at = 0; at + 8 <= rest.size(); at += 8) Apply(rest.data() + at, &log);
  if (data[0] & 0x10) FixChecksums(&log);
  Read(log);
  return 0;
}
