// A Windows volume in memory, for tests and fuzzers.
#ifndef SERVICING_EVIDENCE_MEMORY_SOURCE_H_
#define SERVICING_EVIDENCE_MEMORY_SOURCE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "servicing/evidence/source.h"

namespace patchgate::evidence {

class MemorySource : public Source {
 public:
  // Parent directories come into being by themselves. Replaces what the path held.
  void AddFile(absl::string_view path, std::string bytes, FileTime modified = 0);
  // A hard link: the same bytes, time and id as `existing`, which must be a file. Adding either
  // path again breaks the link.
  void AddLink(absl::string_view path, absl::string_view existing);
  void AddDirectory(absl::string_view path, FileTime modified = 0);
  // From now on every access to `path` fails so.
  void AddError(absl::string_view path, absl::Status error);
  // Removes the path and everything below it.
  void Remove(absl::string_view path);
  // What Space() says from now on; before, the space is not measurable.
  void SetSpace(uint64_t total, uint64_t free);

  // Calls `visit(path, info, bytes)` for each entry, parents first, in path order.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const auto& [key, node] : nodes_) visit(node.path, node.info, node.bytes);
  }

  std::string description() const override { return "memory"; }
  absl::StatusOr<std::unique_ptr<File>> Open(absl::string_view path) const override;
  absl::StatusOr<FileInfo> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<FileInfo>> List(absl::string_view path) const override;
  absl::StatusOr<VolumeSpace> Space() const override;

 private:
  struct Node {
    std::string path;  // As added.
    FileInfo info;
    std::string bytes;
    absl::Status error;
  };
  Node& Put(absl::string_view path);
  absl::StatusOr<const Node*> Get(absl::string_view path) const;

  uint64_t last_id_ = 0;
  absl::optional<VolumeSpace> space_;
  std::map<std::string, Node> nodes_;  // By upper-cased path, parts joined by '/'.
};

}  // namespace patchgate::evidence

#endif  // SERVICING_EVIDENCE_MEMORY_SOURCE_H_
