// Folders of a volume by name, for who looks up thousands of files in a few hundred folders.
#ifndef SERVICING_STORE_FOLDER_CACHE_H_
#define SERVICING_STORE_FOLDER_CACHE_H_

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "servicing/evidence/source.h"

namespace patchgate::store {

// The entries of a folder by their names in any case.
class Folder {
 public:
  Folder(const evidence::Source& source, absl::string_view path);

  const absl::Status& status() const { return status_; }  // Of listing it.
  // nullptr if there is none of this name.
  const evidence::FileInfo* Find(absl::string_view name) const;
  size_t size() const { return entries_.size(); }

  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const auto& [name, info] : entries_) visit(info);
  }

 private:
  absl::Status status_;
  absl::flat_hash_map<std::string, evidence::FileInfo> entries_;  // By upper-cased name.
};

// Keeps the folders that were asked for last, 60,000 entries in all. May be used by all threads.
class FolderCache {
 public:
  explicit FolderCache(const evidence::Source& source) : source_(source) {}

  std::shared_ptr<const Folder> Get(absl::string_view path);

 private:
  using Item = std::pair<std::string, std::shared_ptr<const Folder>>;

  const evidence::Source& source_;
  std::mutex mutex_;
  std::list<Item> recent_;  // The last one that was asked for first.
  absl::flat_hash_map<std::string, std::list<Item>::iterator> by_path_;
  size_t entries_ = 0;
};

}  // namespace patchgate::store

#endif  // SERVICING_STORE_FOLDER_CACHE_H_
