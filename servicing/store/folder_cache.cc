#include "servicing/store/folder_cache.h"

#include <vector>

#include "absl/status/statusor.h"
#include "servicing/base/utf16.h"

namespace patchgate::store {
namespace {

constexpr size_t kMostEntries = 60'000;  // Some 15 MB.

}  // namespace

Folder::Folder(const evidence::Source& source, absl::string_view path) {
  absl::StatusOr<std::vector<evidence::FileInfo>> listing = source.List(path);
  status_ = listing.status();
  if (!listing.ok()) return;
  entries_.reserve(listing->size());
  for (evidence::FileInfo& info : *listing) {
    std::string name = UpcaseUtf8(info.name);
    entries_.emplace(std::move(name), std::move(info));
  }
}

const evidence::FileInfo* Folder::Find(absl::string_view name) const {
  const auto it = entries_.find(UpcaseUtf8(name));
  return it == entries_.end() ? nullptr : &it->second;
}

std::shared_ptr<const Folder> FolderCache::Get(absl::string_view path) {
  std::string key = UpcaseUtf8(path);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto it = by_path_.find(key);
    if (it != by_path_.end()) {
      recent_.splice(recent_.begin(), recent_, it->second);
      return recent_.front().second;
    }
  }
  // Two threads may list the same folder at once; the second one's is dropped.
  auto folder = std::make_shared<const Folder>(source_, path);
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto it = by_path_.find(key);
  if (it != by_path_.end()) return it->second->second;
  recent_.emplace_front(key, folder);
  by_path_[std::move(key)] = recent_.begin();
  entries_ += folder->size() + 1;
  while (entries_ > kMostEntries && recent_.size() > 1) {
    entries_ -= recent_.back().second->size() + 1;
    by_path_.erase(recent_.back().first);
    recent_.pop_back();
  }
  return folder;
}

}  // namespace patchgate::store
