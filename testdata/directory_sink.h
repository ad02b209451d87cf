// Writes a volume below a directory of the machine's file system.
#ifndef TESTDATA_DIRECTORY_SINK_H_
#define TESTDATA_DIRECTORY_SINK_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "testdata/file_sink.h"

namespace patchgate::testdata {

// Files with their times, links as hard links. Nothing is held in memory but the names of folders.
class DirectorySink : public FileSink {
 public:
  // `root` must exist.
  explicit DirectorySink(std::string root) : root_(std::move(root)) {}

  void AddDirectory(absl::string_view path, FileTime modified) override;
  void AddFile(absl::string_view path, std::string bytes, FileTime modified) override;
  void AddLink(absl::string_view path, absl::string_view existing) override;

  // What went wrong first; nothing is written after it.
  const absl::Status& status() const { return status_; }

 private:
  void MakeParent(absl::string_view path);
  void Check(absl::string_view path, bool good, const std::string& what);

  const std::string root_;
  absl::flat_hash_set<std::string> made_;  // Folders, by path.
  absl::Status status_;
};

}  // namespace patchgate::testdata

#endif  // TESTDATA_DIRECTORY_SINK_H_
