#include "servicing/evidence/counting_source.h"

#include <iterator>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"

namespace patchgate::evidence {
namespace {

constexpr size_t kReadAgain = 10;  // Paths that the statistics name.

class CountingFile : public File {
 public:
  CountingFile(std::unique_ptr<File> file, ReadCounter* counter, std::string path)
      : file_(std::move(file)), counter_(counter), path_(std::move(path)) {}

  absl::string_view bytes() const override {
    Count();
    return file_->bytes();
  }
  const FileInfo& info() const override { return file_->info(); }
  absl::StatusOr<absl::Span<char>> WritableImage(size_t size) override {
    Count();
    return file_->WritableImage(size);
  }
  void Release(size_t offset, size_t size) const override { file_->Release(offset, size); }

 private:
  void Count() const {
    if (info().size == 0 || counted_.exchange(true)) return;
    counter_->AddRead(info().id, path_);
    counter_->AddBytes(info().size);
  }

  const std::unique_ptr<File> file_;
  ReadCounter* const counter_;
  const std::string path_;
  mutable std::atomic<bool> counted_{false};
};

class CountingStream : public Stream {
 public:
  CountingStream(std::unique_ptr<Stream> stream, ReadCounter* counter, std::string path)
      : stream_(std::move(stream)), counter_(counter), path_(std::move(path)) {}

  const FileInfo& info() const override { return stream_->info(); }
  absl::StatusOr<FileInfo> Now() const override { return stream_->Now(); }
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    absl::StatusOr<size_t> size = stream_->Read(buffer);
    if (size.ok() && *size > 0) {
      if (!counted_) counter_->AddRead(info().id, path_);
      counted_ = true;
      counter_->AddBytes(*size);
    }
    return size;
  }

 private:
  const std::unique_ptr<Stream> stream_;
  ReadCounter* const counter_;
  const std::string path_;
  bool counted_ = false;
};

}  // namespace

ReadStatistics ReadCounter::Statistics() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  ReadStatistics statistics;
  statistics.set_files(ids_.size() + paths_.size());
  statistics.set_reads(reads_);
  statistics.set_bytes(bytes_);
  for (const std::string& path : read_again_) statistics.add_read_again(path);
  return statistics;
}

void ReadCounter::AddRead(const FileId& id, absl::string_view path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++reads_;
  const bool first = id.known() ? ids_.emplace(id.volume, id.index).second
                                : paths_.insert(UpcaseUtf8(path)).second;
  if (first) return;
  read_again_.insert(CleanUtf8(path));
  if (read_again_.size() > kReadAgain) read_again_.erase(std::prev(read_again_.end()));
}

CountingSource::CountingSource(const Source& source, ReadCounter* counter, absl::string_view prefix)
    : source_(source), counter_(counter), prefix_(prefix) {}

CountingSource::CountingSource(std::unique_ptr<Source> source, ReadCounter* counter,
                               std::string prefix)
    : owned_(std::move(source)), source_(*owned_), counter_(counter), prefix_(std::move(prefix)) {}

absl::StatusOr<std::unique_ptr<File>> CountingSource::Open(absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(std::unique_ptr<File> file, source_.Open(path));
  return std::unique_ptr<File>(
      new CountingFile(std::move(file), counter_, absl::StrCat(prefix_, path)));
}

absl::StatusOr<std::unique_ptr<Stream>> CountingSource::OpenStream(absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(std::unique_ptr<Stream> stream, source_.OpenStream(path));
  return std::unique_ptr<Stream>(
      new CountingStream(std::move(stream), counter_, absl::StrCat(prefix_, path)));
}

absl::StatusOr<std::unique_ptr<Source>> CountingSource::Enter(absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(std::unique_ptr<Source> folder, source_.Enter(path));
  return std::unique_ptr<Source>(
      new CountingSource(std::move(folder), counter_, absl::StrCat(prefix_, path, "/")));
}

}  // namespace patchgate::evidence
