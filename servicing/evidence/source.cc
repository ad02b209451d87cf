#include "servicing/evidence/source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"

namespace patchgate::evidence {
namespace {

class FileStream : public Stream {
 public:
  explicit FileStream(std::unique_ptr<File> file) : file_(std::move(file)) {}

  const FileInfo& info() const override { return file_->info(); }
  absl::StatusOr<FileInfo> Now() const override { return file_->info(); }
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    const absl::string_view part = file_->bytes().substr(position_, buffer.size());
    part.copy(buffer.data(), part.size());
    position_ += part.size();
    return part.size();
  }

 private:
  std::unique_ptr<File> file_;
  size_t position_ = 0;
};

class Subfolder : public Source {
 public:
  Subfolder(const Source* parent, absl::string_view folder) : parent_(parent), folder_(folder) {}

  std::string description() const override {
    return absl::StrCat(parent_->description(), "/", folder_);
  }
  absl::StatusOr<std::unique_ptr<File>> Open(absl::string_view path) const override {
    return parent_->Open(Path(path));
  }
  absl::StatusOr<FileInfo> Stat(absl::string_view path) const override {
    return parent_->Stat(Path(path));
  }
  absl::StatusOr<std::vector<FileInfo>> List(absl::string_view path) const override {
    return parent_->List(Path(path));
  }
  absl::StatusOr<std::unique_ptr<Stream>> OpenStream(absl::string_view path) const override {
    return parent_->OpenStream(Path(path));
  }

 private:
  std::string Path(absl::string_view path) const { return absl::StrCat(folder_, "/", path); }

  const Source* parent_;
  std::string folder_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Stream>> Source::OpenStream(absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(std::unique_ptr<File> file, Open(path));
  return std::unique_ptr<Stream>(new FileStream(std::move(file)));
}

absl::StatusOr<std::unique_ptr<Source>> Source::Enter(absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(const FileInfo info, Stat(path));
  if (!info.is_directory) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is not a directory"));
  }
  return std::unique_ptr<Source>(new Subfolder(this, path));
}

absl::StatusOr<VolumeSpace> Source::Space() const {
  return absl::UnimplementedError("nobody can tell the free space here");
}

absl::StatusOr<std::vector<std::string>> SplitVolumePath(absl::string_view path) {
  std::vector<std::string> parts;
  for (const absl::string_view part :
       absl::StrSplit(path, absl::ByAnyChar("/\\"), absl::SkipEmpty())) {
    if (part == ".") continue;
    if (part == ".." || part.find(':') != absl::string_view::npos ||
        part.find('\0') != absl::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("path ", path, ": part \"", part, "\" could lead out of the volume"));
    }
    parts.emplace_back(part);
  }
  return parts;
}

void SortListing(std::vector<FileInfo>* entries) {
  std::sort(entries->begin(), entries->end(), [](const FileInfo& a, const FileInfo& b) {
    const int order = CompareNames(a.name, b.name);
    return order != 0 ? order < 0 : a.name < b.name;
  });
}

}  // namespace patchgate::evidence
