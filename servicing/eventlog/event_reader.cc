#include "servicing/eventlog/event_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/repeated_field.h"
#include "servicing/eventlog/event.h"
#include "servicing/eventlog/event_facts.h"
#include "servicing/eventlog/evtx.h"

namespace patchgate::eventlog {
namespace {

constexpr absl::string_view kFolder = "Windows/System32/winevt/Logs";

template <typename Fact>
bool Earlier(const Fact* a, const Fact* b) {
  return std::make_tuple(a->filetime(), a->record_id()) <
         std::make_tuple(b->filetime(), b->record_id());
}

// What may go first where a list is full: a flood of disk errors, or of volumes that say at every
// boot that they are healthy, must not push out the one that says that a volume is corrupt.
template <typename Fact>
bool IsRare(const Fact&) {
  return true;
}
bool IsRare(const VolumeEvent& event) {
  return event.kind() != VolumeEvent::DISK_ERROR &&
         !(event.kind() == VolumeEvent::NTFS_STATE && event.corruption_action() == 0);
}

template <typename Fact>
bool GoesBefore(const Fact* a, const Fact* b) {
  if (IsRare(*a) != IsRare(*b)) return IsRare(*b);
  return Earlier(a, b);
}

// Brings the newest `bound` facts to the end and removes the others. Order is not kept.
template <typename Fact>
void DropOldest(int bound, google::protobuf::RepeatedPtrField<Fact>* list, EventLogs* logs) {
  const int excess = list->size() - bound;
  if (excess <= 0) return;
  std::nth_element(list->pointer_begin(), list->pointer_begin() + excess, list->pointer_end(),
                   GoesBefore<Fact>);
  list->DeleteSubrange(0, excess);
  logs->set_dropped(logs->dropped() + static_cast<uint64_t>(excess));
}

// Calls `use(bound, list)` for each list of facts.
template <typename Use>
void ForEachList(EventLogs* logs, Use use) {
  use(kMaxServicing, logs->mutable_servicing());
  use(kMaxStoreRepairs, logs->mutable_store_repairs());
  use(kMaxUpdateClient, logs->mutable_update_client());
  use(kMaxBoots, logs->mutable_boots());
  use(kMaxVolumes, logs->mutable_volumes());
}

// Counts events by provider and id.
class Counter {
 public:
  void Count(const Event& event) {
    key_.assign(event.provider);
    for (int shift = 0; shift < 32; shift += 8)
      key_.push_back(static_cast<char>(event.id >> shift));
    const auto found = index_.find(key_);
    if (found != index_.end()) {
      ++counts_[found->second].count;
    } else if (counts_.size() < static_cast<size_t>(kMaxCounts)) {
      index_.emplace(key_, counts_.size());
      counts_.push_back({event.provider, event.id, 1});
    } else {
      ++uncounted_;
    }
  }

  void Store(EventLogFile* file) {
    std::sort(counts_.begin(), counts_.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.provider, a.id) < std::tie(b.provider, b.id);
    });
    for (Entry& entry : counts_) {
      EventCount* count = file->add_counts();
      count->set_provider(std::move(entry.provider));
      count->set_id(entry.id);
      count->set_count(entry.count);
    }
    if (uncounted_ == 0) return;
    Gap* gap = file->mutable_collection()->add_gaps();
    gap->set_where(file->name());
    gap->set_what(absl::StrFormat("%d events beyond the first %d kinds are not counted", uncounted_,
                                  kMaxCounts));
  }

 private:
  struct Entry {
    std::string provider;
    uint32_t id = 0;
    uint64_t count = 0;
  };
  std::string key_;
  absl::flat_hash_map<std::string, size_t> index_;
  std::vector<Entry> counts_;
  uint64_t uncounted_ = 0;
};

void AddGaps(const DamageLog& damage, EventLogFile* file) {
  for (const Damage& entry : damage.kept()) {
    Gap* gap = file->mutable_collection()->add_gaps();
    gap->set_where(absl::StrFormat("%s at 0x%x", file->name(), entry.offset));
    gap->set_what(entry.what);
  }
  if (damage.total() == damage.kept().size()) return;
  Gap* gap = file->mutable_collection()->add_gaps();
  gap->set_where(file->name());
  gap->set_what(
      absl::StrFormat("%d more places are damaged", damage.total() - damage.kept().size()));
}

void Fill(const LogSummary& summary, EventLogFile* file) {
  file->set_dirty(summary.dirty);
  file->set_chunks(summary.chunks);
  file->set_bad_chunks(summary.bad_chunks);
  file->set_records(summary.records);
  file->set_bad_records(summary.bad_records);
  file->set_first_record_id(summary.first_id);
  file->set_last_record_id(summary.last_id);
  file->set_first_filetime(summary.first_written);
  file->set_last_filetime(summary.last_written);
}

void SetFailure(const absl::Status& status, Collection* collection) {
  collection->set_status(absl::IsNotFound(status) ? Collection::ABSENT : Collection::UNREADABLE);
  collection->set_reason(std::string(status.message()));
}

}  // namespace

void ReadEventLogFile(absl::string_view name, absl::string_view bytes, EventLogs* logs) {
  // Facts are added to `logs` meanwhile, so the entry is not in it yet.
  EventLogFile file;
  file.set_name(std::string(name));
  file.set_size(bytes.size());
  file.mutable_collection()->set_source(std::string(name));

  DamageLog damage;
  EventDecoder decoder;
  Event event;
  Counter counter;
  const auto visit = [&](const Record& record) -> absl::Status {
    if (absl::Status status = decoder.Decode(record, IsWanted, &event); !status.ok()) return status;
    counter.Count(event);
    AddFacts(event, logs);
    // Now and then, so that a long log costs no more memory than its newest part.
    ForEachList(logs, [logs](int bound, auto* list) {
      if (list->size() >= 2 * bound) DropOldest(bound, list, logs);
    });
    return absl::OkStatus();
  };
  const absl::StatusOr<LogSummary> summary = VisitRecords(bytes, visit, &damage);
  if (summary.ok()) {
    file.mutable_collection()->set_status(Collection::COLLECTED);
    Fill(*summary, &file);
    AddGaps(damage, &file);
    counter.Store(&file);
  } else {
    SetFailure(summary.status(), file.mutable_collection());
  }
  ForEachList(logs, [logs](int bound, auto* list) {
    DropOldest(bound, list, logs);
    using Fact = typename std::remove_reference_t<decltype(*list)>::value_type;
    std::sort(list->pointer_begin(), list->pointer_end(), Earlier<Fact>);
  });
  *logs->add_files() = std::move(file);
}

EventLogs ReadEventLogs(const evidence::Source& source) {
  EventLogs logs;
  logs.mutable_collection()->set_source(std::string(kFolder));
  const auto listing = source.List(kFolder);
  if (listing.ok()) {
    logs.mutable_collection()->set_status(Collection::COLLECTED);
  } else {
    SetFailure(listing.status(), logs.mutable_collection());
  }
  for (const char* name : {"Setup.evtx", "System.evtx"}) {
    const std::string path = absl::StrCat(kFolder, "/", name);
    const absl::StatusOr<std::unique_ptr<evidence::File>> opened = source.Open(path);
    Collection* collection = nullptr;
    if (opened.ok()) {
      ReadEventLogFile(name, (*opened)->bytes(), &logs);
      collection = logs.mutable_files(logs.files_size() - 1)->mutable_collection();
      collection->set_modified_filetime((*opened)->info().modified);
    } else {
      EventLogFile* file = logs.add_files();
      file->set_name(name);
      collection = file->mutable_collection();
      SetFailure(opened.status(), collection);
    }
    collection->set_source(path);
  }
  return logs;
}

}  // namespace patchgate::eventlog
