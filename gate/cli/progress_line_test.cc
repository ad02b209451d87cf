#include "gate/cli/progress_line.h"

#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace patchgate::cli {
namespace {

class ProgressLineTest : public testing::Test {
 protected:
  std::string Take() {
    std::string text = out_.str();
    out_.str("");
    return text;
  }

  std::ostringstream out_;
  absl::Time now_ = absl::UnixEpoch();
};

TEST_F(ProgressLineTest, WritesOverItself) {
  ProgressLine line(&out_, [this] { return now_; });
  line.Show({"index", 0, 0, 0});
  EXPECT_EQ(Take(), "\rindex");
  now_ += absl::Seconds(2);
  line.Show({"manifests and payload", 700, 28069, 1'500'000'000});
  EXPECT_EQ(Take(), "\rmanifests and payload: 700 of 28069, 1500 MB, 750 MB/s");
  now_ += absl::Seconds(1);
  line.Show({"projections", 1, 2, 1'500'000'000});
  // What stood there before is blanked.
  EXPECT_EQ(Take(), "\rprojections: 1 of 2, 1500 MB, 500 MB/s" + std::string(16, ' '));
  line.Clear();
  EXPECT_EQ(Take(), "\r" + std::string(38, ' ') + "\r");
  line.Clear();
  EXPECT_EQ(Take(), "");
}

TEST_F(ProgressLineTest, AtMostTenTimesASecond) {
  ProgressLine line(&out_, [this] { return now_; });
  int written = 0;
  for (int i = 0; i < 1000; ++i) {
    line.Show({"index", static_cast<uint64_t>(i), 1000, 0});
    written += !Take().empty();
    now_ += absl::Milliseconds(1);
  }
  EXPECT_EQ(written, 10);
}

TEST_F(ProgressLineTest, NeverWiderThanATerminal) {
  ProgressLine line(&out_, [this] { return now_; });
  now_ += absl::Nanoseconds(1);
  line.Show({"manifests and payload", ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}});
  EXPECT_EQ(Take().size(), 1u + 79u);
}

TEST_F(ProgressLineTest, ClearsAtItsEnd) {
  {
    ProgressLine(&out_, [this] { return now_; }).Show({"index", 0, 1, 0});
  }
  const std::string text = Take();
  EXPECT_EQ(text.back(), '\r');
  {
    ProgressLine unused(&out_, [this] { return now_; });
  }
  EXPECT_EQ(Take(), "");
}

}  // namespace
}  // namespace patchgate::cli
