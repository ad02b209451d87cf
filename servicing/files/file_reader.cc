#include "servicing/files/file_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "servicing/base/status_macros.h"
#include "servicing/pe/image_facts.h"

namespace patchgate::files {
namespace {

constexpr size_t kBuffer = 256 << 10;  // Fits a core's second-level cache with room to spare.
constexpr size_t kFirstBytes = 8;
constexpr size_t kLargestKeptBuffer = 32 << 20;

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

FileReader::FileReader(const Stop* stop, std::atomic<uint64_t>* bytes_read, FileMemory* memory)
    : stop_(stop), bytes_read_(bytes_read), memory_(memory), buffer_(kBuffer, '\0') {}

FileMemory::Turn FileReader::Take(const evidence::Stream& stream) const {
  return memory_ == nullptr ? FileMemory::Turn() : memory_->Take(stream.info());
}

absl::StatusOr<FileDigest> FileReader::Hash(evidence::Stream* stream, std::string* whole) {
  if (whole != nullptr) whole->resize(static_cast<size_t>(stream->info().size));
  FileDigest result;
  result.id = stream->info().id;
  result.modified = stream->info().modified;
  absl::Status status;
  for (;;) {
    if (stop_ != nullptr && stop_->requested()) {
      status = absl::CancelledError("cancelled");
      break;
    }
    absl::Span<char> piece(&buffer_[0], buffer_.size());
    if (whole != nullptr) {
      const size_t position = static_cast<size_t>(result.size);
      piece = absl::MakeSpan(*whole).subspan(position, kBuffer);
    }
    if (piece.empty()) break;
    const absl::StatusOr<size_t> size = stream->Read(piece);
    if (!size.ok()) {
      status = size.status();
      break;
    }
    const absl::string_view bytes(piece.data(), *size);
    if (result.size == 0) result.first_bytes = std::string(bytes.substr(0, kFirstBytes));
    sha256_.Update(bytes);
    result.size += *size;
    if (bytes_read_ != nullptr) bytes_read_->fetch_add(*size, std::memory_order_relaxed);
    if (*size < piece.size()) break;
  }
  result.sha256 = sha256_.Finish();
  PG_RETURN_IF_ERROR(status);
  PG_RETURN_IF_ERROR(CheckUnchanged(*stream, result.size));
  return result;
}

absl::StatusOr<FileDigest> FileReader::Digest(const evidence::Source& folder,
                                              absl::string_view name) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::Stream> stream, folder.OpenStream(name));
  FileMemory::Turn turn = Take(*stream);
  if (const FileFacts* known = turn.known()) return known->digest;
  FileFacts found;
  PG_ASSIGN_OR_RETURN(found.digest, Hash(stream.get(), nullptr));
  turn.Remember(found);
  return found.digest;
}

absl::StatusOr<FileDigest> FileReader::Examine(const evidence::Source& folder,
                                               absl::string_view name, ImageFacts* facts,
                                               KeptPart* kept) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::Stream> stream, folder.OpenStream(name));
  FileMemory::Turn turn = Take(*stream);
  FileFacts found;
  if (const FileFacts* known = turn.known(); known != nullptr && known->image != nullptr) {
    found = *known;
  } else {
    const uint64_t size = stream->info().size;
    if (size > kLargestExamined) {
      return absl::ResourceExhaustedError(
          absl::StrCat("has ", size, " bytes; no more than ", kLargestExamined, " are examined"));
    }
    auto image = std::make_shared<ImageFacts>();
    PG_ASSIGN_OR_RETURN(found.digest, Hash(stream.get(), &whole_));
    pe::DescribeImage(whole_, image.get());
    if (memory_ != nullptr && memory_->keep() != nullptr) {
      found.kept = memory_->keep()(stream->info().name, whole_);
    }
    image->set_size(found.digest.size);
    image->set_sha256(digest::ToHex(found.digest.sha256));
    found.image = std::move(image);
    turn.Remember(found);
    if (whole_.capacity() > kLargestKeptBuffer) std::string().swap(whole_);
  }
  const Collection collection = facts->collection();
  *facts = *found.image;
  *facts->mutable_collection() = collection;
  if (kept != nullptr) *kept = std::move(found.kept);
  return found.digest;
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
  if (bytes_read_ != nullptr) bytes_read_->fetch_add(read, std::memory_order_relaxed);
  return CheckUnchanged(*stream, read);
}

}  // namespace patchgate::files
