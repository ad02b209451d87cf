#include "servicing/text/section_file.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::text {
namespace {

TEST(OpenSection, SaysHowItWent) {
  evidence::MemorySource source;
  source.AddFile("a/file", "bytes", 42);
  source.AddFile("a/denied", "");
  source.AddError("a/denied", absl::PermissionDeniedError("a/denied: denied"));
  const struct {
    const char* path;
    Collection::Status file, folder;
  } cases[] = {
      {"a/file", Collection::COLLECTED, Collection::UNREADABLE},
      {"a/none", Collection::ABSENT, Collection::ABSENT},
      {"a/denied", Collection::UNREADABLE, Collection::UNREADABLE},
      {"a", Collection::UNREADABLE, Collection::COLLECTED},
  };
  for (const auto& c : cases) {
    Collection file, folder;
    EXPECT_EQ(OpenSection(source, c.path, &file) != nullptr, c.file == Collection::COLLECTED);
    EXPECT_EQ(file.status(), c.file) << c.path;
    EXPECT_EQ(file.source(), c.path);
    EXPECT_EQ(file.reason().empty(), c.file == Collection::COLLECTED);
    EXPECT_EQ(ListSection(source, c.path, &folder).has_value(), c.folder == Collection::COLLECTED);
    EXPECT_EQ(folder.status(), c.folder) << c.path;
  }
  Collection section;
  OpenSection(source, "a/file", &section);
  EXPECT_EQ(section.modified_filetime(), 42u);
}

TEST(AddGap, KeepsTheFirstFew) {
  Collection section;
  for (int i = 0; i < 1'000; ++i) AddGap(&section, absl::StrCat(i), std::string(100'000, '\xFF'));
  EXPECT_EQ(section.gaps_size(), 20);
  EXPECT_EQ(section.gaps(0).where(), "0");
  EXPECT_LT(section.ByteSizeLong(), 50'000u);
}

}  // namespace
}  // namespace patchgate::text
