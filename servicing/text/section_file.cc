#include "servicing/text/section_file.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "servicing/text/fields.h"

namespace patchgate::text {
namespace {

constexpr int kMostGaps = 20;

void Start(absl::string_view path, const absl::Status& status, Collection* section) {
  section->set_source(std::string(path));
  if (status.ok()) {
    section->set_status(Collection::COLLECTED);
    return;
  }
  section->set_status(absl::IsNotFound(status) ? Collection::ABSENT : Collection::UNREADABLE);
  section->set_reason(Short(status.message()));
}

}  // namespace

std::unique_ptr<evidence::File> OpenSection(const evidence::Source& source, absl::string_view path,
                                            Collection* section) {
  absl::StatusOr<std::unique_ptr<evidence::File>> file = source.Open(path);
  Start(path, file.status(), section);
  if (!file.ok()) return nullptr;
  section->set_modified_filetime((*file)->info().modified);
  return *std::move(file);
}

absl::optional<std::vector<evidence::FileInfo>> ListSection(const evidence::Source& source,
                                                            absl::string_view path,
                                                            Collection* section) {
  absl::StatusOr<std::vector<evidence::FileInfo>> listing = source.List(path);
  Start(path, listing.status(), section);
  if (!listing.ok()) return absl::nullopt;
  return *std::move(listing);
}

void Releaser::Consumed(size_t size) {
  constexpr size_t kStep = 4 << 20;
  if (file_ == nullptr || size < released_ + kStep) return;
  file_->Release(released_, size - released_);
  released_ = size;
}

void AddGap(Collection* section, absl::string_view where, absl::string_view what) {
  if (section->gaps_size() >= kMostGaps) return;
  Gap* gap = section->add_gaps();
  gap->set_where(Short(where));
  gap->set_what(Short(what));
}

}  // namespace patchgate::text
