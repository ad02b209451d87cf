// Runs the command line as a function, on folders of its own for each test.
#ifndef GATE_CLI_CLI_TESTING_H_
#define GATE_CLI_CLI_TESTING_H_

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gate/cli/cli.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "testdata/fake_volume.h"

namespace patchgate::cli {

struct Result {
  int code;
  std::string out, err;
};

inline Result Call(const std::vector<std::string>& args) {
  std::ostringstream out, err;
  const int code = Run(args, Streams{out, err});
  return {code, out.str(), err.str()};
}

inline google::protobuf::Struct ParseJson(const std::string& json) {
  google::protobuf::Struct parsed;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &parsed);
  EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << json;
  return parsed;
}

class CliTest : public testing::Test {
 protected:
  void SetUp() override {
    static int count = 0;
    // Test programs that run at once may share the folder; and Windows' paths are short.
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = std::filesystem::u8path(testing::TempDir()) /
           absl::StrCat("cli_", test->test_suite_name(), count++);
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
  }
  void TearDown() override {
    std::error_code ignored;  // Paths that are too long for this library are left to Bazel.
    std::filesystem::remove_all(dir_, ignored);
  }

  std::string Path(const std::string& name) const {
    return (dir_ / std::filesystem::u8path(name)).u8string();
  }
  std::string Volume(const std::string& name, const evidence::MemorySource& volume) {
    std::filesystem::create_directories(dir_ / std::filesystem::u8path(name));
    const absl::Status status = testdata::WriteVolume(volume, Path(name));
    EXPECT_TRUE(status.ok()) << status;
    return Path(name);
  }
  // Written once for each test.
  std::string Healthy() {
    if (std::filesystem::exists(dir_ / "healthy")) return Path("healthy");
    return Volume("healthy", testdata::FakeVolume().Build());
  }
  std::string File(const std::string& name, const std::string& bytes) {
    std::ofstream(dir_ / std::filesystem::u8path(name), std::ios::binary) << bytes;
    return Path(name);
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(std::filesystem::u8path(path), std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
  }
  // Exit code 1, nothing on standard output, one line on standard error with all of `parts`.
  void ExpectFailure(const std::vector<std::string>& args, const std::vector<std::string>& parts) {
    const Result result = Call(args);
    EXPECT_EQ(result.code, kFailed);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, testing::StartsWith("patchgate: "));
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
    for (const std::string& part : parts) EXPECT_THAT(result.err, testing::HasSubstr(part));
  }
  // A command that names no host: on Windows it means the one that runs there.
  void ExpectHostIsMissing(const std::vector<std::string>& args) {
#ifndef _WIN32
    ExpectFailure(args, {args[0], "only on Windows", "--root DIR"});
#else
    (void)args;
#endif
  }

  std::filesystem::path dir_;
};

}  // namespace patchgate::cli

#endif  // GATE_CLI_CLI_TESTING_H_
