#include "servicing/evidence/memory_source.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"

namespace patchgate::evidence {
namespace {

class MemoryFile : public File {
 public:
  MemoryFile(FileInfo info, std::string bytes) : info_(std::move(info)), bytes_(std::move(bytes)) {}

  absl::string_view bytes() const override { return bytes_; }
  const FileInfo& info() const override { return info_; }
  absl::StatusOr<absl::Span<char>> WritableImage(size_t size) override {
    image_ = bytes_;
    image_.resize(size, '\0');
    return absl::MakeSpan(&image_[0], image_.size());
  }

 private:
  FileInfo info_;
  std::string bytes_;
  std::string image_;
};

}  // namespace

MemorySource::Node& MemorySource::Put(absl::string_view path) {
  const std::vector<std::string> parts = *SplitVolumePath(path);
  std::string key, display;
  for (size_t i = 0; i < parts.size(); ++i) {
    absl::StrAppend(&key, i == 0 ? "" : "/", UpcaseUtf8(parts[i]));
    absl::StrAppend(&display, i == 0 ? "" : "/", parts[i]);
    Node& node = nodes_[key];
    if (node.path.empty()) {
      node.path = display;
      node.info.name = parts[i];
      node.info.is_directory = true;
    }
  }
  return nodes_[key];
}

void MemorySource::AddFile(absl::string_view path, std::string bytes, FileTime modified) {
  Node& node = Put(path);
  node.info.is_directory = false;
  node.info.size = bytes.size();
  node.info.modified = modified;
  node.info.id = {reinterpret_cast<uintptr_t>(this),
                  ++last_id_};  // Two sources have no file in common.
  node.bytes = std::move(bytes);
}

void MemorySource::AddLink(absl::string_view path, absl::string_view existing) {
  const Node& file = **Get(existing);
  Node& node = Put(path);  // A map's nodes stay where they are.
  node.info = FileInfo(file.info);
  node.info.name = SplitVolumePath(path)->back();
  node.bytes = file.bytes;
}

void MemorySource::AddDirectory(absl::string_view path, FileTime modified) {
  Put(path).info.modified = modified;
}

void MemorySource::AddError(absl::string_view path, absl::Status error) {
  Put(path).error = std::move(error);
}

void MemorySource::Remove(absl::string_view path) {
  const std::string key = UpcaseUtf8(absl::StrJoin(*SplitVolumePath(path), "/"));
  const std::string below = key + "/";
  for (auto it = nodes_.lower_bound(key); it != nodes_.end();) {
    if (it->first != key && !absl::StartsWith(it->first, below)) break;
    it = nodes_.erase(it);
  }
}

void MemorySource::SetSpace(uint64_t total, uint64_t free) { space_ = VolumeSpace{total, free}; }

absl::StatusOr<VolumeSpace> MemorySource::Space() const {
  if (!space_) return Source::Space();
  return *space_;
}

absl::StatusOr<const MemorySource::Node*> MemorySource::Get(absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(const std::vector<std::string> parts, SplitVolumePath(path));
  static const Node* const kRoot = [] {
    auto* root = new Node;
    root->info.is_directory = true;
    return root;
  }();
  if (parts.empty()) return kRoot;
  const auto it = nodes_.find(UpcaseUtf8(absl::StrJoin(parts, "/")));
  if (it == nodes_.end()) return absl::NotFoundError(absl::StrCat(path, ": not found"));
  PG_RETURN_IF_ERROR(it->second.error);
  return &it->second;
}

absl::StatusOr<std::unique_ptr<File>> MemorySource::Open(absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(const Node* node, Get(path));
  if (node->info.is_directory) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is a directory"));
  }
  return std::unique_ptr<File>(new MemoryFile(node->info, node->bytes));
}

absl::StatusOr<FileInfo> MemorySource::Stat(absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(const Node* node, Get(path));
  return node->info;
}

absl::StatusOr<std::vector<FileInfo>> MemorySource::List(absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(const Node* node, Get(path));
  if (!node->info.is_directory) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is not a directory"));
  }
  PG_ASSIGN_OR_RETURN(const std::vector<std::string> parts, SplitVolumePath(path));
  const std::string prefix = parts.empty() ? "" : UpcaseUtf8(absl::StrJoin(parts, "/")) + "/";
  std::vector<FileInfo> entries;
  for (auto it = nodes_.lower_bound(prefix);
       it != nodes_.end() && absl::StartsWith(it->first, prefix); ++it) {
    const absl::string_view rest = absl::string_view(it->first).substr(prefix.size());
    if (!rest.empty() && rest.find('/') == absl::string_view::npos) {
      entries.push_back(it->second.info);
    }
  }
  SortListing(&entries);
  return entries;
}

}  // namespace patchgate::evidence
