// Windows itself loads what PeBuilder writes, and finds the same resources and versions in it.

#include <windows.h>
#include <winver.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/pe/resources.h"
#include "servicing/pe/version_builder.h"
#include "servicing/pe/version_format.h"

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

TEST(PeBuilderWindowsTest, Version) {
  const std::string path = WriteFile(BuildVersionedImage("10.0.26100.7462"));
  DWORD ignored = 0;
  const DWORD size = GetFileVersionInfoSizeA(path.c_str(), &ignored);
  ASSERT_NE(size, 0u) << GetLastError();
  std::vector<char> info(size);
  ASSERT_TRUE(GetFileVersionInfoA(path.c_str(), 0, size, info.data())) << GetLastError();
  void* value = nullptr;
  UINT length = 0;
  ASSERT_TRUE(VerQueryValueA(info.data(), "\\", &value, &length));
  ASSERT_EQ(length, fixed_file_info::kSize);
  const auto* const fixed = static_cast<const VS_FIXEDFILEINFO*>(value);
  EXPECT_EQ(fixed->dwSignature, fixed_file_info::kSignatureValue);
  EXPECT_EQ(fixed->dwFileVersionMS, 10u << 16);
  EXPECT_EQ(fixed->dwFileVersionLS, 26100u << 16 | 7462);
  ASSERT_TRUE(
      VerQueryValueA(info.data(), "\\StringFileInfo\\040904B0\\FileVersion", &value, &length));
  EXPECT_STREQ(static_cast<const char*>(value), "10.0.26100.7462 (WinBuild.160101.0800)");
}

}  // namespace
}  // namespace patchgate::pe
