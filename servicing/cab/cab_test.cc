#include "servicing/cab/cab.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/cab/cab_builder.h"

namespace patchgate::cab {
namespace {

using absl::string_view;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

using Files = std::vector<std::pair<std::string, std::string>>;
constexpr uint64_t kNoLimit = uint64_t{1} << 40;

absl::Status Extract(string_view cab, Files* files, uint64_t limit = kNoLimit) {
  return ExtractCab(cab, limit, [files](string_view name, string_view piece) {
    EXPECT_LE(piece.size(), 32'768u);
    if (files->empty() || files->back().first != name) files->emplace_back(name, "");
    files->back().second.append(piece.data(), piece.size());
    return true;
  });
}

// Text that says at each place where it is.
std::string Text(size_t size) {
  std::string text;
  while (text.size() < size) absl::StrAppend(&text, text.size(), "\n");
  return text.substr(0, size);
}

struct MethodCase {
  const char* name;
  CabBuilder::Method method;
};
class CabMethods : public testing::TestWithParam<MethodCase> {};

TEST_P(CabMethods, GivesBackWhatWasPacked) {
  const std::string a = Text(100'000), b = Text(40'000);
  const std::string cab =
      CabBuilder(GetParam().method).Add("a.log", a).Add("empty", "").Add("dir\\b.log", b).Build();
  const auto list = ListCab(cab);
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ((*list)[2].name, "dir\\b.log");
  EXPECT_EQ((*list)[2].size, 40'000u);
  Files files;
  EXPECT_EQ(Extract(cab, &files), absl::OkStatus());
  EXPECT_THAT(files, ElementsAre(Pair("a.log", a), Pair("dir\\b.log", b)));
}

TEST_P(CabMethods, GivesWhatComesBeforeACut) {
  const std::string text = Text(100'000);
  const CabBuilder builder = CabBuilder(GetParam().method).Add("a.log", text);
  const std::string cab = builder.Build();
  Files files;
  const absl::Status status = Extract(cab.substr(0, builder.first_block() + 70'000), &files);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(status.message(), HasSubstr("cabinet: read at 0x"));
  ASSERT_EQ(files.size(), 1u);
  // Two blocks are whole; what was read ahead of the damage is lost with it.
  EXPECT_GE(files[0].second.size(), 32'768u);
  EXPECT_EQ(files[0].second, text.substr(0, files[0].second.size()));
}

TEST_P(CabMethods, SurvivesEveryCut) {
  const std::string cab = CabBuilder(GetParam().method).Add("a.log", Text(300)).Build();
  for (size_t size = 0; size < cab.size(); ++size) {
    Files files;
    EXPECT_FALSE(Extract(cab.substr(0, size), &files).ok()) << size;
  }
}

TEST_P(CabMethods, SurvivesEveryChangedByte) {
  const std::string cab = CabBuilder(GetParam().method).Add("a.log", Text(300)).Build();
  for (size_t i = 0; i < cab.size(); ++i) {
    for (const char mask : {'\x01', '\x80', '\xFF'}) {
      std::string bad = cab;
      bad[i] = static_cast<char>(bad[i] ^ mask);
      Files files;
      (void)Extract(bad, &files, 1'000'000);
      (void)ListCab(bad);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CabMethods,
                         testing::Values(MethodCase{"Stored", CabBuilder::Method::kStored},
                                         MethodCase{"MsZip", CabBuilder::Method::kMsZip}),
                         [](const auto& test) { return test.param.name; });

TEST(CabTest, ABombIsCutAtTheLimit) {
  const std::string cab = CabBuilder().AddRepeated("bomb.log", 20'000'000).Build();
  ASSERT_LT(cab.size(), 300'000u);
  Files files;
  EXPECT_EQ(Extract(cab, &files), absl::OkStatus());
  EXPECT_EQ(files.at(0).second, std::string(20'000'000, 'x'));
  files.clear();
  const absl::Status status = Extract(cab, &files, 1'000'000);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(status.message(), HasSubstr("bomb.log: more than the limit of 1000000 bytes"));
  EXPECT_EQ(files.at(0).second.size(), 1'000'000u);
}

TEST(CabTest, TheLimitIsOfAllFilesAndOfWhatIsSkipped) {
  const std::string two = CabBuilder().Add("a", Text(600)).Add("b", Text(600)).Build();
  Files files;
  EXPECT_EQ(Extract(two, &files, 1000).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(files.at(1).second.size(), 400u);
  const std::string hidden = CabBuilder()
                                 .AddRepeated("a", 5'000'000)
                                 .set_claimed_size(10)
                                 .set_claimed_offset(4'999'000)
                                 .Build();
  files.clear();
  EXPECT_EQ(Extract(hidden, &files, 1'000'000).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(files.empty());
}

TEST(CabTest, ExactlyTheLimitIsEnough) {
  Files files;
  EXPECT_EQ(Extract(CabBuilder().Add("a", Text(600)).Build(), &files, 600), absl::OkStatus());
}

TEST(CabTest, TheSinkMayStop) {
  const std::string cab = CabBuilder().Add("a", Text(100'000)).Add("b", "x").Build();
  int calls = 0;
  EXPECT_EQ(ExtractCab(cab, kNoLimit, [&](string_view, string_view) { return ++calls < 2; }),
            absl::OkStatus());
  EXPECT_EQ(calls, 2);
}

// Unpacking each file would begin at the folder's beginning again.
TEST(CabTest, RefusesFilesThatOverlap) {
  const std::string cab =
      CabBuilder().Add("a", Text(600)).Add("b", Text(600)).set_claimed_offset(300).Build();
  Files files;
  const absl::Status status = Extract(cab, &files);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(status.message(), HasSubstr("file b: at offset 300"));
}

TEST(CabTest, Errors) {
  const std::string good = CabBuilder().Add("a.log", Text(300)).Build();
  std::string many = good, method = good, claims = good, offset = good, checksum = good;
  StoreLe16(&many[28], 1001);
  method[42] = 7;
  StoreLe32(&claims[44], 400);
  StoreLe32(&offset[36], 0xFFFF0000);
  StoreLe32(&checksum[CabBuilder().Add("a.log", "").first_block()], 0x12345678);
  const struct {
    const char* name;
    std::string cab;
    absl::StatusCode code;
    const char* text;
  } kCases[] = {
      {"empty", "", absl::StatusCode::kInvalidArgument, "no MSCF signature at 0x0"},
      {"garbage", std::string(5000, 'g'), absl::StatusCode::kInvalidArgument, "no MSCF"},
      {"header only", "MSCF", absl::StatusCode::kDataLoss, "header is 4 bytes of 36"},
      {"too many files", many, absl::StatusCode::kResourceExhausted, "1001 files"},
      {"unknown method", method, absl::StatusCode::kDataLoss, "malformed"},
      {"more than its blocks", claims, absl::StatusCode::kDataLoss, "malformed"},
      {"data beyond the end", offset, absl::StatusCode::kDataLoss, "beyond its end"},
      {"wrong checksum", checksum, absl::StatusCode::kDataLoss, "checksum mismatch"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Files files;
    const absl::Status status = Extract(c.cab, &files);
    EXPECT_EQ(status.code(), c.code);
    EXPECT_THAT(status.message(), HasSubstr(c.text));
  }
}

TEST(CabTest, NamesBecomeUtf8) {
  const auto list = ListCab(CabBuilder().Add("a\xFF.log", "x").Build());
  ASSERT_TRUE(list.ok());
  EXPECT_EQ((*list)[0].name, "a\xEF\xBF\xBD.log");
}

}  // namespace
}  // namespace patchgate::cab
