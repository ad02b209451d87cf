#include "servicing/store/roles.h"

#include <string>

#include "gtest/gtest.h"
#include "servicing/store/identity.h"

namespace patchgate::store {
namespace {

std::string KeyOf(absl::string_view name) {
  Identity identity;
  identity.name = name;
  identity.version = "10.0.19041.1";
  identity.public_key_token = "31bf3856ad364e35";
  identity.architecture = "amd64";
  identity.version_scope = "NonSxS";
  return ComponentKey(identity);
}

TEST(RolesTest, KnowsTheComponentsOfTheBootPathByTheirKeys) {
  const struct {
    const char* name;
    const char* key;  // How it begins.
    bool boot;
  } kCases[] = {
      {"Microsoft-Windows-OS-Kernel", "amd64_microsoft-windows-os-kernel_", true},
      {"Microsoft-Windows-HAL", "amd64_microsoft-windows-hal_", true},
      {"Microsoft-Windows-CodeIntegrity", "amd64_microsoft-windows-codeintegrity_", true},
      // Names of more than 40 characters are shortened in keys (DOMAIN §3.7).
      {"Microsoft-Windows-BootEnvironment-Windows",
       "amd64_microsoft-windows-b..environment-windows_31bf3856ad364e35_10.0.19041.", true},
      {"Microsoft-Windows-BootEnvironment-Core-BootManager-EFI",
       "amd64_microsoft-windows-b..ore-bootmanager-efi_", true},
      {"Microsoft-Windows-BootEnvironment-Core-BootManager-PCAT",
       "amd64_microsoft-windows-b..re-bootmanager-pcat_", true},
      {"Microsoft-Windows-BootEnvironment-Dvd", "amd64_microsoft-windows-bootenvironment-dvd_",
       false},
      {"Microsoft-Windows-OS-Kernel.Resources", "amd64_microsoft-windows-os-kernel.resources_",
       false},
      {"Microsoft-Windows-Notepad", "amd64_microsoft-windows-notepad_", false},
  };
  for (const auto& c : kCases) {
    const std::string key = KeyOf(c.name);
    EXPECT_EQ(key.substr(0, std::string(c.key).size()), c.key);
    EXPECT_EQ(Roles::IsBootComponent(key), c.boot) << c.name;
  }
}

}  // namespace
}  // namespace patchgate::store
