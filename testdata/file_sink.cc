#include "testdata/file_sink.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"

namespace patchgate::testdata {

void MemorySink::AddDirectory(absl::string_view path, FileTime modified) {
  volume_->AddDirectory(path, modified);
}
void MemorySink::AddFile(absl::string_view path, std::string bytes, FileTime modified) {
  volume_->AddFile(path, std::move(bytes), modified);
}
void MemorySink::AddLink(absl::string_view path, absl::string_view existing) {
  volume_->AddLink(path, existing);
}

void CopyVolume(const evidence::MemorySource& volume, FileSink* sink) {
  std::map<uint64_t, std::string> first_names;  // By file id.
  const auto copy = [&](bool of_the_store) {
    volume.ForEach(
        [&](const std::string& path, const evidence::FileInfo& info, const std::string& bytes) {
          if (absl::StartsWith(path, "Windows/WinSxS/") != of_the_store) return;
          if (info.is_directory) return sink->AddDirectory(path, info.modified);
          const auto [first, is_new] = first_names.emplace(info.id.index, path);
          if (is_new) {
            sink->AddFile(path, bytes, info.modified);
          } else {
            sink->AddLink(path, first->second);
          }
        });
  };
  copy(true);
  copy(false);
}

}  // namespace patchgate::testdata
