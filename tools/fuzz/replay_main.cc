// Runs a fuzz target over files, as an ordinary test: the empty input, then each argument, one test
// case per input.

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

class Replay : public testing::Test {
 public:
  explicit Replay(std::string path) : path_(std::move(path)) {}

  void TestBody() override {
    std::string input;
    if (!path_.empty()) {
      std::ifstream file(path_, std::ios::binary);
      ASSERT_TRUE(file) << "cannot open " << path_;
      input.assign(std::istreambuf_iterator<char>(file), {});
    }
    // A heap copy without slack, so that a sanitizer sees the first byte read past the end.
    const std::vector<uint8_t> bytes(input.begin(), input.end());
    EXPECT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0);
  }

 private:
  const std::string path_;
};

void Register(const std::string& name, const std::string& path) {
  testing::RegisterTest("Replay", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                        [path]() -> testing::Test* { return new Replay(path); });
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  Register("empty", "");
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    Register(path.substr(path.find_last_of('/') + 1), path);
  }
  return RUN_ALL_TESTS();
}
