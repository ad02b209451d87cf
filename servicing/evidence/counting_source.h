// Counts what is read of a host, so that a report can show that no file was read twice.
//
//   evidence::ReadCounter counter;
//   const evidence::CountingSource volume(*directory, &counter);
//   ... readers ...
//   counter.Statistics();
#ifndef SERVICING_EVIDENCE_COUNTING_SOURCE_H_
#define SERVICING_EVIDENCE_COUNTING_SOURCE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "servicing/evidence/read_statistics.pb.h"
#include "servicing/evidence/source.h"

namespace patchgate::evidence {

// May be used by all threads, and by several sources. Memory: some 40 bytes for each file.
class ReadCounter {
 public:
  // So far. The same for any number of threads, where they read the same files.
  ReadStatistics Statistics() const;

  // The first bytes of a file are read: by its id, where that is known, it is a file of which no
  // byte was read before, or it is read again.
  void AddRead(const FileId& id, absl::string_view path);
  void AddBytes(uint64_t bytes) { bytes_.fetch_add(bytes, std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> bytes_{0};
  mutable std::mutex mutex_;  // For the rest.
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> ids_;
  absl::flat_hash_set<std::string> paths_;  // Upper-cased, of files without an id.
  uint64_t reads_ = 0;
  std::set<std::string> read_again_;  // The first in byte order.
};

// Another source, seen through a counter. Of a stream those bytes count that were read; of a mapped
// file all, as soon as somebody asks for them, since nobody sees which pages are touched. Opening a
// file, Stat and List count nothing.
class CountingSource : public Source {
 public:
  // `prefix` goes before every path in the statistics: "ESP:/". Both must outlive it.
  CountingSource(const Source& source, ReadCounter* counter, absl::string_view prefix = "");

  std::string description() const override { return source_.description(); }
  absl::StatusOr<std::unique_ptr<File>> Open(absl::string_view path) const override;
  absl::StatusOr<FileInfo> Stat(absl::string_view path) const override {
    return source_.Stat(path);
  }
  absl::StatusOr<std::vector<FileInfo>> List(absl::string_view path) const override {
    return source_.List(path);
  }
  absl::StatusOr<std::unique_ptr<Stream>> OpenStream(absl::string_view path) const override;
  absl::StatusOr<std::unique_ptr<Source>> Enter(absl::string_view path) const override;
  absl::StatusOr<VolumeSpace> Space() const override { return source_.Space(); }

 private:
  CountingSource(std::unique_ptr<Source> source, ReadCounter* counter, std::string prefix);

  const std::unique_ptr<Source> owned_;  // Null unless entered.
  const Source& source_;
  ReadCounter* const counter_;
  const std::string prefix_;
};

}  // namespace patchgate::evidence

#endif  // SERVICING_EVIDENCE_COUNTING_SOURCE_H_
