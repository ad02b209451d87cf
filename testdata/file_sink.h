// Where the files of a volume go that is being made: memory, a folder on disk, or through something
// that damages them on the way.
#ifndef TESTDATA_FILE_SINK_H_
#define TESTDATA_FILE_SINK_H_

#include <string>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::testdata {

// Paths are those of evidence::Source, '/' between their parts. Parent folders come into being by
// themselves.
class FileSink {
 public:
  virtual ~FileSink() = default;
  virtual void AddDirectory(absl::string_view path, FileTime modified) = 0;
  virtual void AddFile(absl::string_view path, std::string bytes, FileTime modified) = 0;
  // Another name of the file `existing`, which was added before.
  virtual void AddLink(absl::string_view path, absl::string_view existing) = 0;
};

// A volume in memory, which must outlive it.
class MemorySink : public FileSink {
 public:
  explicit MemorySink(evidence::MemorySource* volume) : volume_(volume) {}
  void AddDirectory(absl::string_view path, FileTime modified) override;
  void AddFile(absl::string_view path, std::string bytes, FileTime modified) override;
  void AddLink(absl::string_view path, absl::string_view existing) override;

 private:
  evidence::MemorySource* volume_;
};

// Everything in `volume`, links as links: the payload in WinSxS first, its projections to that.
void CopyVolume(const evidence::MemorySource& volume, FileSink* sink);

}  // namespace patchgate::testdata

#endif  // TESTDATA_FILE_SINK_H_
