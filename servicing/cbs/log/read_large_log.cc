// Reads one CBS.log the way patchgate does and prints what that took:
//
//   read_large_log FILE
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "servicing/cbs/log/cbs_log_reader.h"
#include "servicing/evidence/directory_source.h"

#ifdef __linux__
#include <sys/resource.h>
#endif

namespace {

// A volume that has one file.
class OneFile : public patchgate::evidence::Source {
 public:
  explicit OneFile(std::string path) : path_(std::move(path)) {}
  std::string description() const override { return path_; }
  absl::StatusOr<std::unique_ptr<patchgate::evidence::File>> Open(
      absl::string_view) const override {
    return patchgate::evidence::OpenNativeFile(path_);
  }
  absl::StatusOr<patchgate::evidence::FileInfo> Stat(absl::string_view) const override {
    return absl::NotFoundError("");
  }
  absl::StatusOr<std::vector<patchgate::evidence::FileInfo>> List(
      absl::string_view) const override {
    patchgate::evidence::FileInfo info;
    info.name = "CBS.log";
    return std::vector<patchgate::evidence::FileInfo>{info};
  }

 private:
  std::string path_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: read_large_log FILE\n";
    return EXIT_FAILURE;
  }
  const auto begin = std::chrono::steady_clock::now();
  const patchgate::CbsLog log = patchgate::cbs::ReadCbsLog(OneFile(argv[1]));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  if (log.files_size() != 1 ||
      log.files(0).collection().status() != patchgate::Collection::COLLECTED) {
    std::cerr << log.ShortDebugString() << "\n";
    return EXIT_FAILURE;
  }
  std::cout << "seconds " << elapsed.count() << "\nbytes " << log.files(0).size() << "\nlines "
            << log.files(0).lines() << "\nmatched " << log.files(0).matched() << "\nsessions "
            << log.sessions_size() << "\nstartups " << log.startups_size() << "\n";
#ifdef __linux__
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    std::cout << "peak_rss_kib " << usage.ru_maxrss << "\n";
  }
#endif
  return EXIT_SUCCESS;
}
