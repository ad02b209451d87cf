// Each dependency does one real thing here, on every platform that is built.

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "botan/sha2_32.h"
#include "expat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "mspack.h"
#include "re2/re2.h"
#include "third_party/dependencies_test.pb.h"

namespace patchgate {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

absl::StatusOr<int> ParseKb(const std::string& text) {
  int number = 0;
  if (!RE2::FullMatch(text, R"((?i)kb(\d+))", &number)) {
    return absl::InvalidArgumentError(absl::StrCat("not a KB number: ", text));
  }
  return number;
}

TEST(Dependencies, AbseilAndRe2) {
  EXPECT_EQ(ParseKb("kb5074109").value(), 5074109);
  EXPECT_EQ(ParseKb("5074109").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(RE2::FullMatch("Überprüfung", R"((?i)über\p{L}+)"));
  absl::flat_hash_map<std::string, int> builds = {{"24H2", 26100}, {"25H2", 26200}};
  EXPECT_THAT(builds, UnorderedElementsAre(Pair("24H2", 26100), Pair("25H2", 26200)));
  EXPECT_EQ(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::UnixEpoch(), absl::UTCTimeZone()),
            "1970-01-01T00:00:00Z");
}

TEST(Dependencies, ProtobufTextAndJson) {
  third_party::Update update;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString(R"pb(kb: "KB5074109"
                                                         build: 26100
                                                         build: 7623
                                                         released { seconds: 1768327200 })pb",
                                                    &update));
  std::string json;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(update, &json).ok());
  EXPECT_EQ(json, R"({"kb":"KB5074109","build":[26100,7623],"released":"2026-01-13T18:00:00Z"})");
  third_party::Update read_back;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &read_back).ok());
  EXPECT_EQ(read_back.SerializeAsString(), update.SerializeAsString());
}

TEST(Dependencies, Expat) {
  std::vector<std::string> names;
  XML_Parser parser = XML_ParserCreate(nullptr);
  XML_SetUserData(parser, &names);
  XML_SetStartElementHandler(parser, [](void* user, const XML_Char* name, const XML_Char**) {
    static_cast<std::vector<std::string>*>(user)->push_back(name);
  });
  const std::string xml = "<PendingTransaction><POQ/></PendingTransaction>";
  EXPECT_EQ(XML_Parse(parser, xml.data(), static_cast<int>(xml.size()), 1), XML_STATUS_OK);
  XML_ParserFree(parser);
  EXPECT_THAT(names, ElementsAre("PendingTransaction", "POQ"));
}

TEST(Dependencies, Libmspack) {
  mscab_decompressor* const cab = mspack_create_cab_decompressor(nullptr);
  ASSERT_NE(cab, nullptr);
  EXPECT_EQ(cab->open(cab, "no such file"), nullptr);
  EXPECT_EQ(cab->last_error(cab), MSPACK_ERR_OPEN);
  mspack_destroy_cab_decompressor(cab);
}

TEST(Dependencies, Botan) {
  Botan::SHA_256 sha256;
  sha256.update("abc");
  const auto digest = sha256.final();  // FIPS 180-4
  EXPECT_EQ(digest.size(), 32u);
  EXPECT_EQ(digest.front(), 0xBA);
  EXPECT_EQ(digest.back(), 0xAD);
}

TEST(Dependencies, Cli11) {
  CLI::App app;
  std::vector<std::string> targets;
  app.add_subcommand("check")->add_option("--target", targets);
  const char* argv[] = {"patchgate", "check", "--target", "KB1", "KB2"};
  app.parse(5, argv);
  EXPECT_THAT(targets, ElementsAre("KB1", "KB2"));
}

}  // namespace
}  // namespace patchgate
