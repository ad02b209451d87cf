// Windows itself loads what PeBuilder writes, and finds the same resources in it.

#include <windows.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/pe/resources.h"

namespace patchgate::pe {
namespace {

std::string WriteFile(const std::string& bytes) {
  const std::string path = testing::TempDir() + "/pe_builder_test.dll";
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string FindByWindows(HMODULE module, const wchar_t* type, const wchar_t* name) {
  const HRSRC resource = FindResourceW(module, name, type);
  if (resource == nullptr) return "not found";
  const HGLOBAL loaded = LoadResource(module, resource);
  return std::string(static_cast<const char*>(LockResource(loaded)),
                     SizeofResource(module, resource));
}

TEST(PeBuilderWindowsTest, LoadsAndFindsResources) {
  PeBuilder builder;
  builder.AddResource(614, 1, 0x409, "base manifest").AddResource(614, 2, 0, "neutral");
  builder.AddResource(ResourceId("MUI"), 1, 0x409, "mui");
  builder.AddResource(10, ResourceId("Long"), 0x409, std::string(100'000, 'l'));
  const std::string path = WriteFile(builder.Build());
  for (const DWORD flags : {DWORD{0}, DWORD{LOAD_LIBRARY_AS_DATAFILE}}) {
    SCOPED_TRACE(flags);
    const HMODULE module = LoadLibraryExA(path.c_str(), nullptr, flags);
    ASSERT_NE(module, nullptr) << GetLastError();
    EXPECT_EQ(FindByWindows(module, MAKEINTRESOURCEW(614), MAKEINTRESOURCEW(1)), "base manifest");
    EXPECT_EQ(FindByWindows(module, MAKEINTRESOURCEW(614), MAKEINTRESOURCEW(2)), "neutral");
    EXPECT_EQ(FindByWindows(module, L"mui", MAKEINTRESOURCEW(1)), "mui");
    EXPECT_EQ(FindByWindows(module, MAKEINTRESOURCEW(10), L"LONG"), std::string(100'000, 'l'));
    EXPECT_EQ(FindByWindows(module, MAKEINTRESOURCEW(615), MAKEINTRESOURCEW(1)), "not found");
    FreeLibrary(module);
  }
}

}  // namespace
}  // namespace patchgate::pe
