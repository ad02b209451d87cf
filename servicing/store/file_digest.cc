#include "servicing/store/file_digest.h"

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "servicing/base/status_macros.h"

namespace patchgate::store {
namespace {

constexpr size_t kBuffer = 256 << 10;  // Fits a core's second-level cache with room to spare.
constexpr size_t kFirstBytes = 8;

absl::Status CheckUnchanged(const evidence::Stream& stream, uint64_t read) {
  PG_ASSIGN_OR_RETURN(const evidence::FileInfo now, stream.Now());
  if (now.size == stream.info().size && now.modified == stream.info().modified &&
      read == now.size) {
    return absl::OkStatus();
  }
  return absl::AbortedError(absl::StrCat("changed while it was read: ", stream.info().size,
                                         " bytes when it was opened, ", read, " read, ", now.size,
                                         " afterwards"));
}

}  // namespace

FileReader::FileReader(const std::atomic<bool>* cancelled, std::atomic<uint64_t>* bytes_read)
    : cancelled_(cancelled), bytes_read_(bytes_read), buffer_(kBuffer, '\0') {}

absl::StatusOr<FileDigest> FileReader::Digest(const evidence::Source& folder,
                                              absl::string_view name) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::Stream> stream, folder.OpenStream(name));
  FileDigest result;
  result.id = stream->info().id;
  size_t size = 0;
  absl::Status status;
  do {
    if (cancelled_ != nullptr && *cancelled_) {
      status = absl::CancelledError("cancelled");
      break;
    }
    absl::StatusOr<size_t> part = stream->Read(absl::MakeSpan(&buffer_[0], buffer_.size()));
    if (!part.ok()) {
      status = part.status();
      break;
    }
    size = *part;
    if (result.size == 0) result.first_bytes = buffer_.substr(0, std::min(size, kFirstBytes));
    sha256_.Update(absl::string_view(buffer_.data(), size));
    result.size += size;
    bytes_read_->fetch_add(size, std::memory_order_relaxed);
  } while (size == buffer_.size());
  result.sha256 = sha256_.Finish();
  PG_RETURN_IF_ERROR(status);
  PG_RETURN_IF_ERROR(CheckUnchanged(*stream, result.size));
  return result;
}

absl::Status FileReader::Read(const evidence::Source& folder, absl::string_view name, uint64_t most,
                              std::string* bytes) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::Stream> stream, folder.OpenStream(name));
  const uint64_t size = stream->info().size;
  if (size > most) {
    return absl::ResourceExhaustedError(
        absl::StrCat("has ", size, " bytes; no more than ", most, " are read"));
  }
  bytes->resize(static_cast<size_t>(size));
  PG_ASSIGN_OR_RETURN(const size_t read, stream->Read(absl::MakeSpan(&(*bytes)[0], bytes->size())));
  bytes->resize(read);
  bytes_read_->fetch_add(read, std::memory_order_relaxed);
  return CheckUnchanged(*stream, read);
}

}  // namespace patchgate::store
