#include "testdata/directory_sink.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace patchgate::testdata {
namespace {

namespace fs = std::filesystem;

fs::path Native(const std::string& root, absl::string_view path) {
  return fs::u8path(root) / fs::u8path(path.begin(), path.end());
}

fs::file_time_type NativeTime(FileTime t) {
  // libstdc++ counts file times from 2174-01-01, on both platforms.
  constexpr int64_t kFileClockEpoch = 6'437'664'000;
  return fs::file_time_type(
      std::chrono::seconds(absl::ToUnixSeconds(ToAbslTime(t)) - kFileClockEpoch));
}

}  // namespace

void DirectorySink::AddDirectory(absl::string_view path, FileTime /*modified*/) {
  // Its time would change with the first file in it.
  if (!status_.ok() || !made_.emplace(path).second) return;
  std::error_code error;
  fs::create_directories(Native(root_, path), error);
  Check(path, !error, error.message());
}

void DirectorySink::MakeParent(absl::string_view path) {
  const size_t cut = path.rfind('/');
  if (cut != absl::string_view::npos) AddDirectory(path.substr(0, cut), 0);
}

void DirectorySink::AddFile(absl::string_view path, std::string bytes, FileTime modified) {
  MakeParent(path);
  if (!status_.ok()) return;
  const fs::path native = Native(root_, path);
  {
    std::ofstream file(native, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    Check(path, file.good(), "write failed");
  }
  if (!status_.ok() || modified == 0) return;
  std::error_code error;
  fs::last_write_time(native, NativeTime(modified), error);
  Check(path, !error, error.message());
}

void DirectorySink::AddLink(absl::string_view path, absl::string_view existing) {
  MakeParent(path);
  if (!status_.ok()) return;
  std::error_code error;
  fs::create_hard_link(Native(root_, existing), Native(root_, path), error);
  Check(path, !error, error.message());
}

void DirectorySink::Check(absl::string_view path, bool good, const std::string& what) {
  if (!good) status_ = absl::UnknownError(absl::StrCat(path, ": cannot be written: ", what));
}

}  // namespace patchgate::testdata
