#include "servicing/eventlog/evtx_builder.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/eventlog/crc32.h"

namespace patchgate::eventlog {
namespace {

constexpr char kEventsNamespace[] = "http://schemas.microsoft.com/win/2004/08/events/event";
constexpr char kUserDataNamespace[] =
    "http://manifests.microsoft.com/win/2004/08/windows/setup_provider";
constexpr size_t kGuidSize = 16;

std::string Le16(uint16_t v) {
  std::string bytes(2, '\0');
  StoreLe16(&bytes[0], v);
  return bytes;
}
std::string Le32(uint32_t v) {
  std::string bytes(4, '\0');
  StoreLe32(&bytes[0], v);
  return bytes;
}
std::string Le64(uint64_t v) {
  std::string bytes(8, '\0');
  StoreLe64(&bytes[0], v);
  return bytes;
}

// The hash by which names and templates are distributed over a chunk's tables (measured: 554 names
// and 30 templates of real chunks).
uint32_t Hash(absl::string_view utf16) {
  uint32_t hash = 0;
  for (size_t i = 0; i + 1 < utf16.size(); i += 2) hash = hash * 65599 + LoadLe16(&utf16[i]);
  return hash;
}

// One chunk in the making.
class ChunkWriter {
 public:
  ChunkWriter() : bytes_(chunk::kRecords, '\0') {}

  // Appends a record and returns its offset in the chunk; 0 if it does not fit.
  size_t AddRecord(const EvtxBuilder::EventSpec& event, uint64_t id) {
    const size_t start = bytes_.size();
    Append(record::kSignature);
    Append(Le32(0));
    Append(Le64(id));
    Append(Le64(event.time));
    AppendFragmentHeader();
    AppendSystem(event, id);
    while ((bytes_.size() - start + record::kTrailer) % record::kAlignment != 0) AppendByte(0);
    const uint32_t size = static_cast<uint32_t>(bytes_.size() - start + record::kTrailer);
    Append(Le32(size));
    StoreLe32(&bytes_[start + record::kSizeField], size);
    if (bytes_.size() > chunk::kSize) {
      bytes_.resize(start);
      return 0;
    }
    if (records_++ == 0) first_id_ = id;
    last_id_ = id;
    last_record_ = start;
    return start;
  }

  size_t records() const { return records_; }
  uint64_t last_id() const { return last_id_; }

  // The chunk as it lies in the file; `first_number` counts all records of the file from 1.
  std::string Finish(uint64_t first_number, uint32_t flags) const {
    std::string chunk = bytes_;
    chunk.replace(0, chunk::kSignature.size(), chunk::kSignature.data(), chunk::kSignature.size());
    StoreLe64(&chunk[chunk::kFirstNumber], first_number);
    StoreLe64(&chunk[chunk::kLastNumber], first_number + records_ - 1);
    StoreLe64(&chunk[chunk::kFirstId], first_id_);
    StoreLe64(&chunk[chunk::kLastId], last_id_);
    StoreLe32(&chunk[chunk::kUsedSize], 128);
    StoreLe32(&chunk[chunk::kLastRecord], static_cast<uint32_t>(last_record_));
    StoreLe32(&chunk[chunk::kFreeSpace], static_cast<uint32_t>(bytes_.size()));
    StoreLe32(&chunk[chunk::kFlags], flags);
    // Later entries of a bucket lead to earlier ones. Those of a record that did not fit are gone.
    for (const auto& [offset, bucket] : names_) {
      if (offset < bytes_.size()) StoreLe32(&chunk[chunk::kStrings + 4 * bucket], offset);
    }
    for (const auto& [offset, bucket] : definitions_) {
      if (offset < bytes_.size()) StoreLe32(&chunk[chunk::kTemplates + 4 * bucket], offset);
    }
    chunk.resize(chunk::kSize, '\0');
    return chunk;
  }

 private:
  using Entry = std::pair<uint32_t, uint32_t>;  // Offset, bucket.

  void Append(absl::string_view bytes) { bytes_.append(bytes.data(), bytes.size()); }
  void AppendByte(uint8_t byte) { bytes_.push_back(static_cast<char>(byte)); }
  void AppendFragmentHeader() { Append({"\x0f\x01\x01\x00", 4}); }
  uint32_t here() const { return static_cast<uint32_t>(bytes_.size()); }

  static uint32_t Head(const std::vector<Entry>& entries, uint32_t bucket) {
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (entry->second == bucket) return entry->first;
    }
    return 0;
  }

  void AppendName(const std::string& name) {
    const auto known = name_offsets_.find(name);
    if (known != name_offsets_.end()) {
      Append(Le32(known->second));
      return;
    }
    const std::string utf16 = Utf8ToUtf16Le(name);
    const uint16_t hash = static_cast<uint16_t>(Hash(utf16));
    const uint32_t bucket = hash % chunk::kStringBuckets;
    const uint32_t at = here() + 4;
    Append(Le32(at));
    Append(Le32(Head(names_, bucket)));
    Append(Le16(hash));
    Append(Le16(static_cast<uint16_t>(utf16.size() / 2)));
    Append(utf16);
    Append(Le16(0));
    name_offsets_[name] = at;
    names_.emplace_back(at, bucket);
  }

  // <name, up to its attributes; returns where its size is to be written.
  size_t OpenElement(const std::string& name, bool has_attributes) {
    AppendByte(token::kOpenStart | (has_attributes ? token::kMore : 0));
    Append(Le16(0xFFFF));  // No dependency.
    const size_t size_at = bytes_.size();
    Append(Le32(0));
    AppendName(name);
    if (has_attributes) {
      attributes_at_ = bytes_.size();
      Append(Le32(0));
    }
    return size_at;
  }
  void AppendAttribute(const std::string& name, bool more = false) {
    AppendByte(token::kAttribute | (more ? token::kMore : 0));
    AppendName(name);
  }
  void EndAttributes() {
    StoreLe32(&bytes_[attributes_at_], static_cast<uint32_t>(bytes_.size() - attributes_at_ - 4));
  }
  void AppendLiteral(absl::string_view utf8) {
    const std::string utf16 = Utf8ToUtf16Le(utf8);
    AppendByte(token::kValue);
    AppendByte(kString);
    Append(Le16(static_cast<uint16_t>(utf16.size() / 2)));
    Append(utf16);
  }
  void AppendSubstitution(size_t index, uint8_t type) {
    AppendByte(token::kOptionalSubstitution);
    Append(Le16(static_cast<uint16_t>(index)));
    AppendByte(type);
  }
  void EndElement(size_t size_at, uint8_t token = token::kEndElement) {
    AppendByte(token);
    StoreLe32(&bytes_[size_at], static_cast<uint32_t>(bytes_.size() - size_at - 4));
  }
  // <name>value</name>
  void AppendSimple(const std::string& name, size_t index, uint8_t type) {
    const size_t element = OpenElement(name, false);
    AppendByte(token::kCloseStart);
    AppendSubstitution(index, type);
    EndElement(element);
  }

  // A template instance without its values. `key` says which template; `body` writes what is
  // between the fragment header and the end of its definition, the first time in this chunk.
  template <typename Body>
  void AppendInstance(const std::string& key, Body body) {
    std::string guid;
    for (uint32_t i = 0; i < kGuidSize / 4; ++i) guid += Le32(Crc32(key, i));
    AppendByte(token::kTemplateInstance);
    AppendByte(1);
    Append(guid.substr(0, 4));
    const auto known = definition_offsets_.find(key);
    if (known != definition_offsets_.end()) {
      Append(Le32(known->second));
      return;
    }
    const uint32_t bucket = Hash(guid) % chunk::kTemplateBuckets;
    const uint32_t at = here() + 4;
    Append(Le32(at));
    Append(Le32(Head(definitions_, bucket)));
    Append(guid);
    Append(Le32(0));
    AppendFragmentHeader();
    body();
    AppendByte(token::kEnd);
    StoreLe32(&bytes_[at + definition::kXmlSize], here() - at - definition::kXml);
    definition_offsets_[key] = at;
    definitions_.emplace_back(at, bucket);
  }

  // Returns where the descriptor of the last value lies.
  size_t AppendValues(const std::vector<OwnedValue>& values) {
    Append(Le32(static_cast<uint32_t>(values.size())));
    for (const OwnedValue& value : values) {
      Append(Le16(static_cast<uint16_t>(value.data.size())));
      AppendByte(value.type);
      AppendByte(0);
    }
    const size_t last = bytes_.size() - 4;
    for (const OwnedValue& value : values) Append(value.data);
    return last;
  }

  void AppendSystem(const EvtxBuilder::EventSpec& event, uint64_t id) {
    enum { kProvider, kProviderGuid, kId, kQualifiers, kTime, kRecordId, kChannel, kPayload };
    AppendInstance("System", [this] {
      const size_t root = OpenElement("Event", true);
      AppendAttribute("xmlns");
      AppendLiteral(kEventsNamespace);
      EndAttributes();
      AppendByte(token::kCloseStart);
      const size_t system = OpenElement("System", false);
      AppendByte(token::kCloseStart);
      size_t element = OpenElement("Provider", true);
      AppendAttribute("Name", true);
      AppendSubstitution(kProvider, kString);
      AppendAttribute("Guid");
      AppendSubstitution(kProviderGuid, kGuid);
      EndAttributes();
      EndElement(element, token::kCloseEmpty);
      element = OpenElement("EventID", true);
      AppendAttribute("Qualifiers");
      AppendSubstitution(kQualifiers, kUint16);
      EndAttributes();
      AppendByte(token::kCloseStart);
      AppendSubstitution(kId, kUint16);
      EndElement(element);
      element = OpenElement("TimeCreated", true);
      AppendAttribute("SystemTime");
      AppendSubstitution(kTime, kFileTime);
      EndAttributes();
      EndElement(element, token::kCloseEmpty);
      AppendSimple("EventRecordID", kRecordId, kUint64);
      AppendSimple("Channel", kChannel, kString);
      element = OpenElement("Computer", false);
      AppendByte(token::kCloseStart);
      AppendLiteral("HOST");
      EndElement(element);
      EndElement(system);
      AppendSubstitution(kPayload, kBinaryXml);
      EndElement(root);
    });
    const OwnedValue null;
    const size_t payload = AppendValues({TextValue(event.provider),
                                         event.guid.empty() ? null : Guid(event.guid),
                                         Uint16(static_cast<uint16_t>(event.id)),
                                         event.qualifiers == 0 ? null : Uint16(event.qualifiers),
                                         Time(event.time),
                                         Uint64(id),
                                         TextValue(event.channel),
                                         {kBinaryXml, ""}});
    const size_t begin = bytes_.size();
    AppendFragmentHeader();
    AppendPayload(event);
    AppendByte(token::kEnd);
    StoreLe16(&bytes_[payload], static_cast<uint16_t>(bytes_.size() - begin));
  }

  void AppendPayload(const EvtxBuilder::EventSpec& event) {
    std::string key = absl::StrCat("Payload/", event.user_data);
    std::vector<OwnedValue> values;
    for (const EvtxBuilder::Field& field : event.fields) {
      absl::StrAppend(&key, "/", field.name, ":", field.value.type);
      values.push_back(field.value);
    }
    AppendInstance(key, [this, &event] {
      if (event.user_data.empty()) {
        AppendEventData(event);
      } else {
        AppendUserData(event);
      }
    });
    AppendValues(values);
  }

  void AppendEventData(const EvtxBuilder::EventSpec& event) {
    const size_t data = OpenElement("EventData", false);
    AppendByte(token::kCloseStart);
    for (size_t i = 0; i < event.fields.size(); ++i) {
      const EvtxBuilder::Field& field = event.fields[i];
      const size_t element = OpenElement("Data", !field.name.empty());
      if (!field.name.empty()) {
        AppendAttribute("Name");
        AppendLiteral(field.name);
        EndAttributes();
      }
      AppendByte(token::kCloseStart);
      AppendSubstitution(i, field.value.type);
      EndElement(element);
    }
    EndElement(data);
  }

  void AppendUserData(const EvtxBuilder::EventSpec& event) {
    const size_t data = OpenElement("UserData", false);
    AppendByte(token::kCloseStart);
    const size_t root = OpenElement(event.user_data, true);
    AppendAttribute("xmlns");
    AppendLiteral(kUserDataNamespace);
    EndAttributes();
    AppendByte(token::kCloseStart);
    for (size_t i = 0; i < event.fields.size(); ++i) {
      AppendSimple(event.fields[i].name, i, event.fields[i].value.type);
    }
    EndElement(root);
    EndElement(data);
  }

  std::string bytes_;
  size_t attributes_at_ = 0;
  size_t records_ = 0, last_record_ = 0;
  uint64_t first_id_ = 0, last_id_ = 0;
  std::map<std::string, uint32_t> name_offsets_, definition_offsets_;
  std::vector<Entry> names_, definitions_;  // In the order in which they were written.
};

void FixChunk(char* p) {
  const absl::string_view bytes(p, chunk::kSize);
  const size_t free_space = std::min<size_t>(
      std::max<size_t>(LoadLe32(p + chunk::kFreeSpace), chunk::kRecords), chunk::kSize);
  StoreLe32(p + chunk::kRecordsChecksum,
            Crc32(bytes.substr(chunk::kRecords, free_space - chunk::kRecords)));
  StoreLe32(p + chunk::kChecksum,
            Crc32(bytes.substr(chunk::kStrings, chunk::kRecords - chunk::kStrings),
                  Crc32(bytes.substr(0, chunk::kFlags))));
}

}  // namespace

OwnedValue TextValue(absl::string_view utf8) { return {kString, Utf8ToUtf16Le(utf8)}; }
OwnedValue Uint16(uint16_t number) { return {kUint16, Le16(number)}; }
OwnedValue Uint32(uint32_t number) { return {kUint32, Le32(number)}; }
OwnedValue Uint64(uint64_t number) { return {kUint64, Le64(number)}; }
OwnedValue HexInt32(uint32_t number) { return {kHexInt32, Le32(number)}; }
OwnedValue Boolean(bool flag) { return {kBool, Le32(flag ? 1 : 0)}; }
OwnedValue Time(FileTime time) { return {kFileTime, Le64(time)}; }

OwnedValue Guid(absl::string_view text) {
  std::string bytes =
      absl::HexStringToBytes(absl::StrReplaceAll(text, {{"{", ""}, {"}", ""}, {"-", ""}}));
  bytes.resize(kGuidSize, '\0');
  std::reverse(bytes.begin(), bytes.begin() + 4);
  std::reverse(bytes.begin() + 4, bytes.begin() + 6);
  std::reverse(bytes.begin() + 6, bytes.begin() + 8);
  return {kGuid, bytes};
}

OwnedValue StringArray(const std::vector<std::string>& texts) {
  OwnedValue value{kString | kArray, ""};
  for (const std::string& text : texts) value.data += Utf8ToUtf16Le(text) + Le16(0);
  return value;
}

EvtxBuilder& EvtxBuilder::Add(EventSpec event) {
  events_.push_back(std::move(event));
  return *this;
}

std::string EvtxBuilder::Build() {
  const uint32_t flags =
      (options_.dirty ? kFlagDirty : 0) | (options_.checksums ? 0 : kFlagNoChecksum);
  std::vector<std::string> chunks;
  std::vector<std::pair<size_t, size_t>> places;  // Of each record: chunk, offset in it.
  uint64_t id = options_.first_record_id, first_number = 1, first_chunk_last_id = 0;
  ChunkWriter writer;
  const auto finish = [&] {
    if (chunks.empty()) first_chunk_last_id = writer.last_id();
    chunks.push_back(writer.Finish(first_number, flags));
    first_number += writer.records();
    writer = ChunkWriter();
  };
  for (const EventSpec& event : events_) {
    if (writer.records() == options_.max_records_per_chunk) finish();
    size_t at = writer.AddRecord(event, id);
    if (at == 0) {
      finish();
      at = writer.AddRecord(event, id);
    }
    if (at == 0) std::abort();  // A test wants an event larger than a chunk.
    places.emplace_back(chunks.size(), at);
    ++id;
  }
  if (writer.records() > 0 || chunks.empty()) finish();
  chunks_ = chunks.size();

  std::string log(ChunkOffset(chunks_ + options_.unused_chunks), '\0');
  const auto place = [this](size_t i) { return (i + options_.oldest_chunk) % chunks_; };
  for (size_t i = 0; i < chunks_; ++i) {
    log.replace(ChunkOffset(place(i)), chunk::kSize, chunks[i]);
  }
  record_offsets_.clear();
  for (const auto& [chunk, offset] : places) {
    record_offsets_.push_back(ChunkOffset(place(chunk)) + offset);
  }
  log.replace(0, file_header::kSignature.size(), file_header::kSignature.data(),
              file_header::kSignature.size());
  const size_t known_chunks = options_.dirty ? 1 : chunks_;
  StoreLe64(&log[file_header::kFirstChunk], options_.dirty ? 0 : place(0));
  StoreLe64(&log[file_header::kLastChunk], options_.dirty ? 0 : place(chunks_ - 1));
  StoreLe64(&log[file_header::kNextRecordId], options_.dirty ? first_chunk_last_id + 1 : id);
  StoreLe32(&log[file_header::kUsedSize], 128);
  StoreLe16(&log[file_header::kMinorVersion], options_.checksums ? 1 : 2);
  StoreLe16(&log[file_header::kMajorVersion], 3);
  StoreLe16(&log[file_header::kBlockSize], file_header::kSize);
  StoreLe16(&log[file_header::kChunkCount], static_cast<uint16_t>(known_chunks));
  StoreLe32(&log[file_header::kFlags], flags);
  if (options_.checksums) FixChecksums(&log);
  return log;
}

void FixChecksums(std::string* log) {
  if (log->size() >= file_header::kSize) {
    StoreLe32(&(*log)[file_header::kChecksum],
              Crc32(absl::string_view(*log).substr(0, file_header::kFlags)));
  }
  for (size_t at = file_header::kSize; at + chunk::kSize <= log->size(); at += chunk::kSize) {
    if (absl::StartsWith(absl::string_view(*log).substr(at), chunk::kSignature)) {
      FixChunk(&(*log)[at]);
    }
  }
}

}  // namespace patchgate::eventlog
