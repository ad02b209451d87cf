#include "servicing/files/image_reader.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"

namespace patchgate::files {

ImageReader::ImageReader(const evidence::Source& source, absl::string_view prefix,
                         FileMemory* memory, uint64_t most_bytes)
    : source_(source),
      prefix_(prefix),
      most_bytes_(most_bytes),
      reader_(nullptr, &bytes_read_, memory) {}

absl::StatusOr<FileDigest> ImageReader::Examine(absl::string_view path, ImageFacts* facts) {
  if (bytes_read_ < most_bytes_) return reader_.Examine(source_, path, facts);
  PG_RETURN_IF_ERROR(source_.Stat(path).status());
  return absl::ResourceExhaustedError(
      absl::StrCat("not read: the files before it have ", bytes_read_.load(), " bytes"));
}

const ImageFacts& ImageReader::Read(absl::string_view path) {
  const auto [entry, added] = images_.try_emplace(UpcaseUtf8(path));
  ImageFacts& facts = entry->second;
  if (!added) return facts;
  const absl::StatusOr<FileDigest> digest = Examine(path, &facts);
  Collection* collection = facts.mutable_collection();
  collection->set_source(absl::StrCat(prefix_, path));
  if (digest.ok()) {
    collection->set_status(Collection::COLLECTED);
    collection->set_modified_filetime(digest->modified);
    return facts;
  }
  collection->set_status(absl::IsNotFound(digest.status()) ? Collection::ABSENT
                                                           : Collection::UNREADABLE);
  absl::string_view reason = digest.status().message();
  absl::ConsumePrefix(&reason, absl::StrCat(path, ": "));  // The collection names it already.
  collection->set_reason(std::string(reason));
  return facts;
}

const ImageFacts& ImageReader::NoteAbsent(absl::string_view path) {
  const auto [entry, added] = images_.try_emplace(UpcaseUtf8(path));
  if (!added) return entry->second;
  Collection* collection = entry->second.mutable_collection();
  collection->set_source(absl::StrCat(prefix_, path));
  collection->set_status(Collection::ABSENT);
  collection->set_reason("not found");
  return entry->second;
}

void ImageReader::AddTo(google::protobuf::RepeatedPtrField<ImageFacts>* images) {
  for (auto& [path, facts] : images_) *images->Add() = std::move(facts);
  images_.clear();
}

}  // namespace patchgate::files
