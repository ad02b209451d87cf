#include "servicing/evidence/stopping_source.h"

#include <utility>

#include "servicing/base/status_macros.h"

namespace patchgate::evidence {
namespace {

absl::Status Cancelled() { return absl::CancelledError("the run was ended early"); }

class StoppingStream : public Stream {
 public:
  StoppingStream(std::unique_ptr<Stream> stream, const Stop& stop)
      : stream_(std::move(stream)), stop_(stop) {}

  const FileInfo& info() const override { return stream_->info(); }
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    if (stop_.requested()) return Cancelled();
    return stream_->Read(buffer);
  }
  absl::StatusOr<FileInfo> Now() const override { return stream_->Now(); }

 private:
  const std::unique_ptr<Stream> stream_;
  const Stop& stop_;
};

}  // namespace

absl::Status StoppingSource::Check() const {
  return stop_.requested() ? Cancelled() : absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<File>> StoppingSource::Open(absl::string_view path) const {
  PG_RETURN_IF_ERROR(Check());
  return source_.Open(path);
}

absl::StatusOr<FileInfo> StoppingSource::Stat(absl::string_view path) const {
  PG_RETURN_IF_ERROR(Check());
  return source_.Stat(path);
}

absl::StatusOr<std::vector<FileInfo>> StoppingSource::List(absl::string_view path) const {
  PG_RETURN_IF_ERROR(Check());
  return source_.List(path);
}

absl::StatusOr<std::unique_ptr<Stream>> StoppingSource::OpenStream(absl::string_view path) const {
  PG_RETURN_IF_ERROR(Check());
  PG_ASSIGN_OR_RETURN(std::unique_ptr<Stream> stream, source_.OpenStream(path));
  return std::unique_ptr<Stream>(new StoppingStream(std::move(stream), stop_));
}

absl::StatusOr<std::unique_ptr<Source>> StoppingSource::Enter(absl::string_view path) const {
  PG_RETURN_IF_ERROR(Check());
  PG_ASSIGN_OR_RETURN(std::unique_ptr<Source> folder, source_.Enter(path));
  return std::unique_ptr<Source>(new StoppingSource(std::move(folder), stop_));
}

absl::StatusOr<VolumeSpace> StoppingSource::Space() const {
  PG_RETURN_IF_ERROR(Check());
  return source_.Space();
}

}  // namespace patchgate::evidence
