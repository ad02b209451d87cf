// Images that other people's tools made: MinGW's windres and ld, see the genrule in BUILD.bazel.
// They show that the readers and PeBuilder do not merely agree with each other.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/image_facts.h"
#include "servicing/pe/resources.h"

namespace patchgate::pe {
namespace {

using testing::HasSubstr;

constexpr char kVersion[] = "10.0.26100.4946";

std::string Read(absl::string_view name) {
  std::ifstream file(absl::StrCat("servicing/pe/", name), std::ios::binary);
  if (!file) ADD_FAILURE() << name << " is not in the runfiles";
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// What the genrule's `seq 2000` writes.
std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 2000; ++i) absl::StrAppend(&text, i, "\n");
  return text;
}

TEST(WindresTest, Resources) {
  const std::string bytes = Read("windres_x64.dll");
  const auto image = Image::Parse(bytes);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->header().machine, kMachineAmd64);
  EXPECT_TRUE(image->header().is_pe32_plus);
  EXPECT_EQ(image->header().subsystem, 3);
  EXPECT_EQ(image->header().section_alignment, 0x1000u);

  const auto find = [&](const ResourceId& type, const ResourceId& id) {
    const auto found = FindResource(*image, type, id);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? std::string(*found) : "";
  };
  EXPECT_EQ(find(614, 1), Numbers());
  EXPECT_EQ(find(614, 2), "German");  // LANGID 0x407 comes before 0x409.
  EXPECT_EQ(find(10, ResourceId("Named")), "by name");
  EXPECT_EQ(find(ResourceId("TypeName"), 7), "named type");
  // VS_VERSIONINFO begins with its length, and has its own name as its key.
  const std::string version = find(16, 1);
  EXPECT_NE(version.find(std::string("V\0S\0_\0V\0E\0R\0", 12)), std::string::npos);

  EXPECT_EQ(FindResource(*image, 614, 3).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(FindResource(*image, 613, 1).status().code(), absl::StatusCode::kNotFound);
}

ImageFacts Describe(absl::string_view bytes) {
  ImageFacts facts;
  DescribeImage(bytes, &facts);
  return facts;
}

size_t CountSignatures(absl::string_view bytes) {
  size_t count = 0;
  for (size_t at = bytes.find("\xBD\x04\xEF\xFE"); at != absl::string_view::npos;
       at = bytes.find("\xBD\x04\xEF\xFE", at + 1)) {
    ++count;
  }
  return count;
}

TEST(WindresTest, Facts) {
  struct Case {
    const char* name;
    uint16_t machine;
    bool is_pe32_plus;
    uint16_t subsystem;
    size_t signatures;  // Of VS_FIXEDFILEINFO: RCDATA has one, .data too if it is a decoy.
  };
  for (const Case& c : {
           Case{"windres_x64.dll", kMachineAmd64, true, 3, 2},
           Case{"windres_x64_decoy.dll", kMachineAmd64, true, 3, 3},
           Case{"windres_x64.efi", kMachineAmd64, true, 10, 2},
           Case{"windres_x86_decoy.dll", kMachineI386, false, 3, 3},
       }) {
    SCOPED_TRACE(c.name);
    const std::string bytes = Read(c.name);
    EXPECT_EQ(CountSignatures(bytes), c.signatures);
    const ImageFacts facts = Describe(bytes);
    EXPECT_TRUE(facts.is_image()) << facts.image_error();
    EXPECT_EQ(facts.machine(), c.machine);
    EXPECT_EQ(facts.is_pe32_plus(), c.is_pe32_plus);
    EXPECT_EQ(facts.subsystem(), c.subsystem);
    EXPECT_NE(facts.checksum(), 0u);
    EXPECT_FALSE(facts.has_signature());
    EXPECT_EQ(facts.version_error(), "");
    EXPECT_EQ(facts.file_version(), kVersion);
    EXPECT_EQ(facts.product_version(), "10.0.26100.1");
    EXPECT_EQ(facts.file_version_text(), "10.0.26100.4946 (Test)");
    EXPECT_EQ(facts.company(), "Contoso");
    EXPECT_EQ(facts.description(), "Made by windres");
    EXPECT_EQ(facts.original_filename(), "windres_test.dll");
    EXPECT_EQ(facts.product(), "Test\u00AE");
  }
}

// Where the entries of the tree's way to the version are, in the file.
struct Tree {
  size_t root = 0;
  size_t type_entry = 0;      // Of type 16 in the root.
  size_t name_entry = 0;      // The only entry of that.
  size_t language_entry = 0;  // The only entry of that.
  size_t data_entry = 0;
};

uint32_t Target(const std::string& bytes, size_t entry) {
  return LoadLe32(&bytes[entry + resource::kEntryTarget]) & ~resource::kHighBit;
}

Tree VersionTree(const std::string& bytes) {
  Tree tree;
  const auto image = Image::Parse(bytes);
  if (!image.ok()) return tree;
  const auto view = image->BytesFrom(image->directory(Directory::kResources).address);
  if (!view.ok()) return tree;
  tree.root = image->FileOffset(*view);
  const size_t names = LoadLe16(&bytes[tree.root + resource::kNameCount]);
  const size_t entries = names + LoadLe16(&bytes[tree.root + resource::kIdCount]);
  for (size_t i = names; i < entries; ++i) {
    const size_t entry = tree.root + resource::kDirectorySize + i * resource::kEntrySize;
    if (LoadLe32(&bytes[entry]) == 16) tree.type_entry = entry;
  }
  tree.name_entry = tree.root + Target(bytes, tree.type_entry) + resource::kDirectorySize;
  tree.language_entry = tree.root + Target(bytes, tree.name_entry) + resource::kDirectorySize;
  tree.data_entry = tree.root + Target(bytes, tree.language_entry);
  return tree;
}

// The tree bent: no other version, no endless way.
TEST(WindresTest, DamagedTrees) {
  for (const char* const name : {"windres_x64_decoy.dll", "windres_x86_decoy.dll"}) {
    const std::string sound = Read(name);
    const Tree tree = VersionTree(sound);
    ASSERT_NE(tree.type_entry, 0u);
    constexpr uint32_t kDirectory = resource::kHighBit;
    const auto target = [](size_t entry) { return entry + resource::kEntryTarget; };
    const auto offset = [&](size_t entry) {  // Of the directory that `entry` is the first of.
      return static_cast<uint32_t>(entry - resource::kDirectorySize - tree.root);
    };
    const uint32_t data_rva = LoadLe32(&sound[tree.data_entry + resource::kDataRva]);
    const uint32_t data_size = LoadLe32(&sound[tree.data_entry + resource::kDataBytes]);
    struct Case {
      const char* name;
      size_t at;
      uint32_t value;
      const char* error;
    };
    const Case kCases[] = {
        {"type leads to the root", target(tree.type_entry), kDirectory, "overlaps"},
        {"name leads to the root", target(tree.name_entry), kDirectory, "overlaps"},
        {"name leads to itself", target(tree.name_entry), kDirectory | offset(tree.name_entry),
         "overlaps"},
        {"language leads to the root", target(tree.language_entry), kDirectory,
         "data expected, a directory found"},
        {"a fourth level", target(tree.language_entry), kDirectory | offset(tree.language_entry),
         "data expected, a directory found"},
        {"a level too few", target(tree.name_entry),
         static_cast<uint32_t>(tree.data_entry - tree.root), "a directory expected, data found"},
        {"data entry in the root", target(tree.language_entry), 0, "overlaps"},
        {"tree leaves its section", target(tree.type_entry), 0xFFFFFFF0, "beyond the end"},
        {"data nowhere", tree.data_entry + resource::kDataRva, 0xFFFFFFF0, "in no section"},
        {"data in the headers", tree.data_entry + resource::kDataRva, 0, "in no section"},
        {"data begins later", tree.data_entry + resource::kDataRva, data_rva + 4, "version "},
        {"data of 0 bytes", tree.data_entry + resource::kDataBytes, 0, "no bytes"},
        {"data of 5 bytes", tree.data_entry + resource::kDataBytes, 5, "5 bytes left"},
        {"data cut off", tree.data_entry + resource::kDataBytes, data_size - 4,
         "version block at "},
        {"data larger than its section", tree.data_entry + resource::kDataBytes, 0x7FFFFFFF,
         "0x7fffffff bytes"},
    };
    for (const Case& c : kCases) {
      SCOPED_TRACE(absl::StrCat(name, ": ", c.name));
      std::string bytes = sound;
      StoreLe32(&bytes[c.at], c.value);
      const ImageFacts facts = Describe(bytes);
      EXPECT_TRUE(facts.is_image()) << facts.image_error();
      EXPECT_EQ(facts.file_version(), "");
      EXPECT_THAT(facts.version_error(), HasSubstr(c.error));
    }
    // Without the entry there is no version, though its bytes and the decoys are still there.
    std::string bytes = sound;
    StoreLe32(&bytes[tree.type_entry], 17);
    EXPECT_EQ(Describe(bytes).file_version(), "");
    EXPECT_EQ(Describe(bytes).version_error(), "");
  }
}

TEST(WindresTest, NoPrefixHasAnotherVersion) {
  for (const char* const name : {"windres_x64_decoy.dll", "windres_x86_decoy.dll"}) {
    SCOPED_TRACE(name);
    const std::string bytes = Read(name);
    size_t end = 0;  // Of what is loaded; padding and ld's symbols follow.
    const auto image = Image::Parse(bytes);
    ASSERT_TRUE(image.ok()) << image.status();
    for (const Section& section : image->sections()) {
      end = std::max<size_t>(end, section.raw_offset + section.virtual_size);
    }
    for (size_t size = 0; size < bytes.size(); ++size) {
      const ImageFacts facts = Describe(absl::string_view(bytes).substr(0, size));
      EXPECT_EQ(facts.is_image(), size >= end) << size;
      EXPECT_EQ(facts.file_version(), size >= end ? kVersion : "") << size;
    }
  }
}

}  // namespace
}  // namespace patchgate::pe
