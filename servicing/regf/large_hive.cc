#include "servicing/regf/large_hive.h"

#include "absl/strings/str_cat.h"

namespace patchgate::regf {

std::vector<std::string> AddComponents(uint64_t keys, uint64_t values, HiveBuilder* builder) {
  constexpr uint64_t kFamilySize = 5000;
  const uint64_t families = (keys - 2) / (kFamilySize + 1) + 1;
  const uint64_t components = keys - 1 - families;
  std::vector<std::string> paths;
  HiveBuilder::Key* family = nullptr;
  for (uint64_t i = 0; i < components; ++i) {
    if (i % kFamilySize == 0) {
      family = builder->root()->AddKey(absl::StrCat("Family", i / kFamilySize));
    }
    const std::string name = absl::StrCat("amd64_microsoft-windows-component-", i % kFamilySize,
                                          "_31bf3856ad364e35_10.0.26100.", i, "_none");
    paths.push_back(absl::StrCat(family->name(), "\\", name));
    HiveBuilder::Key* key = family->AddKey(name);
    key->set_last_written(133'000'000'000'000'000 + i);
    const uint64_t count = values * (i + 1) / components - values * i / components;
    for (uint64_t v = 0; v < count; ++v) {
      if (v == 0) {
        key->SetBinary("identity", absl::StrCat("Component-", i, ", Version=10.0.26100.", i));
      } else {
        key->SetDword(absl::StrCat("f!file", v), static_cast<uint32_t>(i));
      }
    }
  }
  return paths;
}

}  // namespace patchgate::regf
