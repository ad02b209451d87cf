// Every byte of small deltas changed, and every length of them. Their headers state a hash, so that
// the outcome is the right target or an error: no crash, no read or write outside, nothing else.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "servicing/delta/delta.h"
#include "servicing/delta/pa30_encoder.h"

namespace patchgate::delta {
namespace {

constexpr size_t kLimit = 1 << 20;

struct Subject {
  const char* name;
  EncodeOptions options;
};

std::string Text(int lines, int step) {
  std::string text = "<?xml version=\"1.0\"?>\r\n";
  for (int i = 0; i < lines; ++i) {
    absl::StrAppend(&text, "<file name=\"f", i * step, ".dll\" hash=\"", i * 7919 * step % 10007,
                    "\"/>\r\n");
  }
  return text + std::string(300, ' ');
}

std::vector<Subject> Subjects() {
  std::vector<Subject> subjects(4);
  subjects[0] = {"default codes", {}};
  subjects[1] = {"own codes", {}};
  subjects[1].options.codes = EncodeOptions::Codes::kOwn;
  subjects[2] = {"three formats", {}};
  subjects[2].options.codes = EncodeOptions::Codes::kOwn;
  subjects[2].options.format_starts = {100, 400};
  subjects[3] = {"rift table", {}};
  subjects[3].options.rift = {{0, 5}, {200, 190}, {300, -40}, {500, 510}};
  subjects[3].options.rift_codes = EncodeOptions::RiftCodes::kFirst;
  subjects[3].options.prefer_offsets = true;
  for (Subject& subject : subjects) subject.options.hash_algorithm = kHashMd5;
  return subjects;
}

class Checker {
 public:
  explicit Checker(const Subject& subject)
      : base_(Text(30, 3)),
        target_(Text(25, 2)),
        delta_(EncodePa30(target_, base_, subject.options)) {}

  const std::string& delta() const { return delta_; }

  // True if the target came out.
  bool Check(absl::string_view delta) {
    const absl::Status status = decoder_.Apply(delta, base_, kLimit, &result_);
    EXPECT_TRUE(status.ok() ? result_ == target_ : result_.empty() && !status.message().empty());
    EXPECT_LE(result_.capacity(), 2 * kLimit);
    return status.ok();
  }

 private:
  const std::string base_, target_, delta_;
  Pa30Decoder decoder_;
  std::string result_;
};

// The target time, and what lies behind the last symbol, mean nothing to the target.
TEST(MutationTest, EveryByteChanged) {
  for (const Subject& subject : Subjects()) {
    SCOPED_TRACE(subject.name);
    Checker checker(subject);
    ASSERT_TRUE(checker.Check(checker.delta()));
    size_t survived = 0;
    for (size_t at = 0; at < checker.delta().size(); ++at) {
      std::string delta = checker.delta();
      for (int value = 0; value < 256; ++value) {
        delta[at] = static_cast<char>(value);
        if (delta == checker.delta()) continue;
        const bool is_time = at >= 4 && at < 12;
        const bool ok = checker.Check(delta);
        EXPECT_TRUE(ok || !is_time);
        survived += ok && !is_time;
      }
    }
    EXPECT_LT(survived, checker.delta().size() * 255 / 20);
  }
}

TEST(MutationTest, EveryLength) {
  for (const Subject& subject : Subjects()) {
    SCOPED_TRACE(subject.name);
    Checker checker(subject);
    for (size_t size = 0; size < checker.delta().size(); ++size) {
      // A copy on the heap, so that reads behind the end are seen.
      const std::vector<char> cut(checker.delta().begin(),
                                  checker.delta().begin() + static_cast<ptrdiff_t>(size));
      EXPECT_FALSE(checker.Check(absl::string_view(cut.data(), cut.size()))) << size;
    }
    EXPECT_TRUE(checker.Check(checker.delta() + "more"));
  }
}

// Two bytes changed at once reach further: the first may open what the second breaks.
TEST(MutationTest, PairsOfBytesChanged) {
  for (const Subject& subject : Subjects()) {
    SCOPED_TRACE(subject.name);
    Checker checker(subject);
    const size_t size = checker.delta().size();
    for (size_t at = 12; at + 1 < size; at += 1 + size / 400) {
      std::string delta = checker.delta();
      for (size_t other = at + 1; other < size; other += 1 + size / 60) {
        for (int mask : {0x01, 0x80, 0xFF}) {
          delta = checker.delta();
          delta[at] = static_cast<char>(delta[at] ^ mask);
          delta[other] = static_cast<char>(delta[other] ^ (mask + 0x11));
          checker.Check(delta);
        }
      }
    }
  }
}

// A base of another length or content: the hash decides.
TEST(MutationTest, EveryLengthOfTheBase) {
  const std::string base = Text(30, 3), target = Text(25, 2);
  EncodeOptions options;
  options.hash_algorithm = kHashSha256;
  const std::string delta = EncodePa30(target, base, options);
  Pa30Decoder decoder;
  std::string result;
  for (size_t size = 0; size < base.size(); ++size) {
    const std::vector<char> cut(base.begin(), base.begin() + static_cast<ptrdiff_t>(size));
    const absl::Status status =
        decoder.Apply(delta, absl::string_view(cut.data(), cut.size()), kLimit, &result);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << size;
  }
}

}  // namespace
}  // namespace patchgate::delta
