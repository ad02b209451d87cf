#include "servicing/pe/resources.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/text/mutations.h"

namespace patchgate::pe {
namespace {

using testing::HasSubstr;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;

// The result, copied, for bytes that do not outlive the call.
absl::StatusOr<std::string> Find(absl::string_view bytes, const ResourceId& type,
                                 const ResourceId& id) {
  const auto image = Image::Parse(bytes);
  if (!image.ok()) return image.status();
  const auto found = FindResource(*image, type, id);
  if (!found.ok()) return found.status();
  return std::string(*found);
}

TEST(FindResourceTest, Find) {
  const ResourceId mui("MUI"), greek("\u03a9mega");
  for (const uint16_t machine : {kMachineAmd64, kMachineI386}) {
    SCOPED_TRACE(machine);
    PeBuilder::Options options;
    options.machine = machine;
    PeBuilder builder(options);
    builder.AddResource(614, 1, 0x409, "base manifest");
    builder.AddResource(614, 2, 0x407, "German").AddResource(614, 2, 0x409, "English");
    builder.AddResource(16, 1, 0, "version").AddResource(16, 2, 0, "");
    builder.AddResource(mui, 1, 0x409, "mui")
        .AddResource(10, greek, 0x409, std::string(70'000, 'g'));
    const std::string bytes = builder.Build();

    struct Case {
      const char* name;
      ResourceId type, id;
      absl::StatusCode code;
      std::string expected;
    };
    const Case kCases[] = {
        {"by numbers", 614, 1, absl::StatusCode::kOk, "base manifest"},
        {"first language", 614, 2, absl::StatusCode::kOk, "German"},
        {"neutral language", 16, 1, absl::StatusCode::kOk, "version"},
        {"no bytes", 16, 2, absl::StatusCode::kOk, ""},
        {"named type", mui, 1, absl::StatusCode::kOk, "mui"},
        {"named type in other case", ResourceId("mui"), 1, absl::StatusCode::kOk, "mui"},
        {"named resource", 10, ResourceId("\u03c9MEGA"), absl::StatusCode::kOk,
         std::string(70'000, 'g')},
        {"no such type", 615, 1, kNotFound, "resource directory at 0x400: no entry 615"},
        {"no such resource", 614, 3, kNotFound, "no entry 3"},
        {"no such name", ResourceId("MUJ"), 1, kNotFound, "no entry \"MUJ\""},
        {"longer name", ResourceId("MUIX"), 1, kNotFound, "no entry \"MUIX\""},
        {"the number is no name", ResourceId("614"), 1, kNotFound, "no entry \"614\""},
        {"the name is no number", 10, 1, kNotFound, "no entry 1"},
    };
    for (const Case& c : kCases) {
      SCOPED_TRACE(c.name);
      const auto found = Find(bytes, c.type, c.id);
      EXPECT_EQ(found.status().code(), c.code);
      if (found.ok()) {
        EXPECT_EQ(*found, c.expected);
      } else {
        EXPECT_THAT(found.status().message(), HasSubstr(c.expected));
      }
    }
  }
}

TEST(FindResourceTest, NoResources) {
  const auto found = Find(PeBuilder().Build(), 614, 1);
  EXPECT_EQ(found.status().code(), kNotFound);
  EXPECT_EQ(found.status().message(), "the image has no resource directory");
}

// One resource: three directories of one entry each, then the data entry.
constexpr size_t kOneEntry = resource::kDirectorySize + resource::kEntrySize;
constexpr size_t kNames = PeBuilder::kResourceOffset + kOneEntry;
constexpr size_t kLanguages = kNames + kOneEntry;
constexpr size_t kDataEntry = kLanguages + kOneEntry;
// Of the resource directory's range, in PE32+.
const size_t kRootRva = PeBuilder().optional_header_offset() + pe32_plus::kDirectories +
                        size_t{2} * optional_header::kDirectorySize;
constexpr size_t kTarget = resource::kDirectorySize + resource::kEntryTarget;

std::string OneResource() {
  return PeBuilder().AddResource(614, 1, 0x409, "base manifest").Build();
}

TEST(FindResourceTest, Damage) {
  struct Case {
    const char* name;
    size_t at;
    uint32_t value;
    const char* message;
  };
  constexpr uint32_t kDirectory = resource::kHighBit;
  const Case kCases[] = {
      {"root in no section", kRootRva, 0x9000, "resource directory: RVA 0x9000: in no section"},
      {"root at the end of its section", kRootRva, PeBuilder::kResourceRva + 0x61,
       "beyond the end of its section"},
      {"too many entries", PeBuilder::kResourceOffset + resource::kIdCount, 0xFFFF,
       "resource directory at 0x400: 65535 entries, but its section ends at 0x46"},
      {"type is data", PeBuilder::kResourceOffset + kTarget, kDataEntry - 0x400,
       "resource directory at 0x400: a directory expected, data found"},
      {"names beyond the section", PeBuilder::kResourceOffset + kTarget, kDirectory | 0x7FFFFFFF,
       "beyond the end of its section"},
      {"names point at the root", PeBuilder::kResourceOffset + kTarget, kDirectory | 0,
       "resource directory at 0x400: overlaps the resource directory at 0x400"},
      {"names overlap the root", PeBuilder::kResourceOffset + kTarget, kDirectory | 20, "overlaps"},
      {"languages point at the root", kNames + kTarget, kDirectory | 0,
       "resource directory at 0x400: overlaps the resource directory at 0x400"},
      {"languages point at the names", kNames + kTarget, kDirectory | kOneEntry,
       "resource directory at 0x418: overlaps the resource directory at 0x418"},
      {"no languages", kLanguages + resource::kIdCount, 0,
       "resource directory at 0x430: no entries"},
      {"a fourth level", kLanguages + kTarget, kDirectory | (kDataEntry - 0x400),
       "resource directory at 0x430: data expected, a directory found"},
      {"data entry beyond the section", kLanguages + kTarget, 0x7FFFFFFF,
       "of the directory at 0x430: beyond the end of its section"},
      {"data entry in a directory", kLanguages + kTarget, kOneEntry + 4,
       "resource data entry at 0x41c: overlaps the resource directory at 0x418"},
      {"data in no section", kDataEntry + resource::kDataRva, 0xFFFFFFFF,
       "resource data entry at 0x448: RVA 0xffffffff: in no section"},
      {"data beyond the section", kDataEntry + resource::kDataBytes, 0xFFFFFFFF,
       "resource data entry at 0x448: RVA 0x2058: 0xffffffff bytes"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string bytes = OneResource();
    if (c.value <= 0xFFFF && c.at % 4 != 0) {
      StoreLe16(&bytes[c.at], static_cast<uint16_t>(c.value));
    } else {
      StoreLe32(&bytes[c.at], c.value);
    }
    const auto found = Find(bytes, 614, 1);
    EXPECT_EQ(found.status().code(), kDataLoss);
    EXPECT_THAT(found.status().message(), HasSubstr(c.message));
  }
}

// Damage beside the way down costs nothing.
TEST(FindResourceTest, OtherResourcesMayBeDamaged) {
  PeBuilder builder;
  builder.AddResource(10, 1, 0, "other").AddResource(614, 1, 0x409, "base manifest");
  std::string bytes = builder.Build();
  StoreLe32(&bytes[PeBuilder::kResourceOffset + kTarget], 0xFFFFFFFF);
  EXPECT_EQ(Find(bytes, 10, 1).status().code(), kDataLoss);
  EXPECT_EQ(Find(bytes, 614, 1).value(), "base manifest");
}

// Names that all point at one long string, and a count that fills the section: time stays linear.
TEST(FindResourceTest, HostileNames) {
  PeBuilder builder;
  builder.AddResource(614, 1, 0, std::string(4 << 20, 'n'));
  std::string bytes = builder.Build();
  const size_t root = PeBuilder::kResourceOffset;
  StoreLe16(&bytes[root + resource::kNameCount], 0xFFFF);
  StoreLe16(&bytes[root + resource::kIdCount], 0xFFFF);
  const uint32_t name = 3 << 20;
  StoreLe16(&bytes[root + name], 0xFFFF);
  for (size_t i = 0; i < size_t{2} * 0xFFFF; ++i) {
    StoreLe32(&bytes[root + resource::kDirectorySize + i * resource::kEntrySize],
              resource::kHighBit | name);
  }
  EXPECT_EQ(Find(bytes, ResourceId(std::string(0xFFFF, 'X')), 1).status().code(), kNotFound);
  EXPECT_EQ(Find(bytes, 614, 1).status().code(), kNotFound);
}

TEST(FindResourceTest, NoPrefixHasTheResource) {
  const std::string bytes = OneResource();
  const size_t end = bytes.find("base manifest") + 13;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto found = Find(std::string(bytes, 0, size), 614, 1);
    EXPECT_NE(found.status().code(), kNotFound) << size;
    EXPECT_TRUE(!found.ok() || size >= end) << size;
  }
}

TEST(FindResourceTest, Mutations) {
  size_t found_count = 0, calls = 0;
  text::ForEachMutation(OneResource(), [&](absl::string_view bytes) {
    ++calls;
    const auto image = Image::Parse(bytes);
    if (!image.ok()) return;
    for (const ResourceId& id : {ResourceId(1), ResourceId("X")}) {
      const auto found = FindResource(*image, 614, id);
      if (!found.ok()) continue;
      ++found_count;
      // A view into the file.
      if (!found->empty()) {
        EXPECT_LE(image->FileOffset(*found) + found->size(), bytes.size());
      }
    }
  });
  EXPECT_GT(found_count, calls / 10);
  EXPECT_LT(found_count, calls);
}

}  // namespace
}  // namespace patchgate::pe
