#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "servicing/base/status_macros.h"
#include "servicing/evidence/live_volume.h"

namespace patchgate::evidence {
namespace {

constexpr uint64_t kLargest = uint64_t{2} << 30;
constexpr int kAttempts = 3;

class HeapFile : public File {
 public:
  HeapFile(FileInfo info, std::string bytes) : info_(std::move(info)), bytes_(std::move(bytes)) {}

  absl::string_view bytes() const override { return bytes_; }
  const FileInfo& info() const override { return info_; }
  absl::StatusOr<absl::Span<char>> WritableImage(size_t size) override {
    if (given_out_) return absl::FailedPreconditionError("image was already given out");
    if (size < bytes_.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("image of ", size, " bytes, file of ", bytes_.size()));
    }
    given_out_ = true;
    image_.reserve(size);
    image_ = bytes_;
    image_.resize(size, '\0');
    return absl::MakeSpan(&image_[0], image_.size());
  }

 private:
  FileInfo info_;
  std::string bytes_;
  bool given_out_ = false;
  std::string image_;
};

// What one pass over a file gave.
enum class Outcome { kWhole, kGrew, kChanged };

// Reads what `stream` had when it was opened. `path` is for errors.
absl::StatusOr<Outcome> ReadOnce(Stream* stream, absl::string_view path, std::string* bytes) {
  const FileInfo& opened = stream->info();
  if (opened.size > kLargest) {
    return absl::ResourceExhaustedError(absl::StrCat(
        path, ": ", opened.size, " bytes, more than the ", kLargest, " that are read into memory"));
  }
  bytes->resize(opened.size);
  PG_ASSIGN_OR_RETURN(const size_t size, stream->Read(absl::MakeSpan(&(*bytes)[0], bytes->size())));
  PG_ASSIGN_OR_RETURN(const FileInfo now, stream->Now());
  if (size < opened.size || now.size < opened.size) return Outcome::kChanged;
  if (now.size > opened.size) return Outcome::kGrew;
  return now.modified == opened.modified ? Outcome::kWhole : Outcome::kChanged;
}

class HeapSource : public Source {
 public:
  HeapSource(const Source& source, std::string description)
      : source_(source), description_(std::move(description)) {}
  HeapSource(std::unique_ptr<Source> source, std::string description)
      : owned_(std::move(source)), source_(*owned_), description_(std::move(description)) {}

  std::string description() const override { return description_; }

  absl::StatusOr<std::unique_ptr<File>> Open(absl::string_view path) const override {
    std::string bytes;
    for (int i = 1;; ++i) {
      PG_ASSIGN_OR_RETURN(const std::unique_ptr<Stream> stream, source_.OpenStream(path));
      PG_ASSIGN_OR_RETURN(const Outcome outcome, ReadOnce(stream.get(), path, &bytes));
      if (outcome == Outcome::kWhole || (outcome == Outcome::kGrew && i == kAttempts)) {
        return std::unique_ptr<File>(new HeapFile(stream->info(), std::move(bytes)));
      }
      if (i == kAttempts) {
        return absl::DataLossError(
            absl::StrCat(path, ": changed each of the ", kAttempts, " times that it was read"));
      }
    }
  }

  absl::StatusOr<FileInfo> Stat(absl::string_view path) const override {
    return source_.Stat(path);
  }
  absl::StatusOr<std::vector<FileInfo>> List(absl::string_view path) const override {
    return source_.List(path);
  }
  absl::StatusOr<std::unique_ptr<Stream>> OpenStream(absl::string_view path) const override {
    return source_.OpenStream(path);
  }
  absl::StatusOr<std::unique_ptr<Source>> Enter(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(std::unique_ptr<Source> folder, source_.Enter(path));
    return ReadNotMapped(std::move(folder), absl::StrCat(description_, "/", path));
  }
  absl::StatusOr<VolumeSpace> Space() const override { return source_.Space(); }

 private:
  const std::unique_ptr<Source> owned_;  // Null if `source_` belongs to somebody else.
  const Source& source_;
  const std::string description_;
};

}  // namespace

std::unique_ptr<Source> ReadNotMapped(const Source& source, std::string description) {
  return std::make_unique<HeapSource>(source, std::move(description));
}

std::unique_ptr<Source> ReadNotMapped(std::unique_ptr<Source> source, std::string description) {
  return std::make_unique<HeapSource>(std::move(source), std::move(description));
}

}  // namespace patchgate::evidence
