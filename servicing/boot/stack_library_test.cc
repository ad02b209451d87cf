#include "servicing/boot/stack_library.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace patchgate::boot {
namespace {

TEST(StackLibrary, Cases) {
  const struct {
    const char* name;
    std::vector<std::string> folders;
    const char* expected;
  } kCases[] = {
      {"none", {}, ""},
      {"one", {"Windows\\WinSxS\\amd64_stack_1"}, "Windows/WinSxS/amd64_stack_1/wcp.dll"},
      {"closed by a backslash", {"Windows\\WinSxS\\s\\"}, "Windows/WinSxS/s/wcp.dll"},
      {"not on the volume", {""}, ""},
      {"two", {"Windows\\WinSxS\\s1", "Windows\\WinSxS\\s2"}, ""},
      {"two, of which one is on the volume", {"Windows\\WinSxS\\s1", ""}, ""},
  };
  for (const auto& c : kCases) {
    ServicingStack stack;
    for (const std::string& folder : c.folders) {
      stack.add_versions()->mutable_on_disk()->set_source(folder);
    }
    EXPECT_EQ(StackLibrary(stack), c.expected) << c.name;
  }
}

}  // namespace
}  // namespace patchgate::boot
