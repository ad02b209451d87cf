#include <map>
#include <string>

#include "gate/cli/cli_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/boot/bcd_builder.h"

namespace patchgate::cli {
namespace {

class InspectBcdTest : public CliTest {
 protected:
  google::protobuf::Struct Inspect(const std::string& bytes,
                                   const std::vector<std::string>& more = {}) {
    const std::string path = File("store", bytes);
    std::vector<std::string> args = {"inspect", path};
    args.insert(args.end(), more.begin(), more.end());
    const Result result = Call(args);
    EXPECT_EQ(result.code, 0) << result.err;
    return ParseJson(result.out);
  }
};

TEST_F(InspectBcdTest, ObjectsAndElementsWithNames) {
  const auto json = Inspect(boot::HealthyBcd().Build());
  EXPECT_EQ(json.fields().at("type").string_value(), "hive");
  EXPECT_EQ(json.fields().at("version").string_value(), "1.3");
  const auto& store = json.fields().at("bcd").struct_value().fields();
  EXPECT_EQ(store.at("key_name").string_value(), "BCD00000000");
  std::map<std::string, std::string> seen;  // Name of object and element, value.
  for (const auto& object : store.at("objects").list_value().values()) {
    const auto& fields = object.struct_value().fields();
    EXPECT_NE(fields.at("type_name").string_value(), "");
    for (const auto& element : fields.at("elements").list_value().values()) {
      const auto& value = element.struct_value().fields();
      EXPECT_NE(value.at("name").string_value(), "");
      if (value.count("text") > 0) {
        seen[fields.at("guid").string_value() + value.at("name").string_value()] =
            value.at("text").string_value();
      }
    }
  }
  EXPECT_EQ(store.at("objects").list_value().values_size(), 14);
  EXPECT_EQ(seen[std::string(boot::kWindowsLoader) + "path"], "\\Windows\\system32\\winload.efi");
  EXPECT_EQ(seen[std::string(boot::kWindowsLoader) + "systemroot"], "\\Windows");
  EXPECT_EQ(seen[std::string(boot::kWindowsResume) + "filepath"], "\\hiberfil.sys");
}

TEST_F(InspectBcdTest, AKeyBesides) {
  const auto json = Inspect(boot::HealthyBcd().Build(), {"Description"});
  EXPECT_EQ(json.fields().at("key").struct_value().fields().at("name").string_value(),
            "Description");
  EXPECT_TRUE(json.fields().at("bcd").has_struct_value());
}

TEST_F(InspectBcdTest, OtherHivesHaveNone) {
  const auto json = Inspect(testdata::FakeVolume().BuildSystem());
  EXPECT_FALSE(json.fields().count("bcd") > 0 && json.fields().at("bcd").has_struct_value());
}

}  // namespace
}  // namespace patchgate::cli
