// A resource DLL that other people's tools made: MinGW's windres and ld, see the genrules beside
// this file. It shows that the reader and PeBuilder do not merely agree with each other.

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/resources.h"

namespace patchgate::pe {
namespace {

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

}  // namespace
}  // namespace patchgate::pe
