#include "servicing/store/roles.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servicing/base/utf16.h"
#include "servicing/cbs/boot_critical.h"
#include "servicing/history/package_name.h"
#include "servicing/history/package_state.h"
#include "servicing/registry/section_reader.h"
#include "servicing/store/identity.h"
#include "servicing/text/section_file.h"

namespace patchgate::store {
namespace {

constexpr absl::string_view kStackName = "_microsoft-windows-servicingstack_";
constexpr char kCbsVersion[] =
    R"(Microsoft\Windows\CurrentVersion\Component Based Servicing\Version)";

// The loader reads the file system of the boot volume whatever the Start of its driver says.
constexpr absl::string_view kBootFileSystems[] = {"NTFS.SYS", "REFS.SYS"};

// As keys have their names. The last three are shortened:
// Microsoft-Windows-BootEnvironment-Windows, which has the loaders, and …-Core-BootManager-EFI and
// -PCAT.
constexpr absl::string_view kBootComponents[] = {"_microsoft-windows-os-kernel_",
                                                 "_microsoft-windows-hal_",
                                                 "_microsoft-windows-codeintegrity_",
                                                 "_microsoft-windows-b..environment-windows_",
                                                 "_microsoft-windows-b..ore-bootmanager-efi_",
                                                 "_microsoft-windows-b..re-bootmanager-pcat_"};

absl::string_view BaseName(absl::string_view path) {
  return path.substr(path.find_last_of("\\/") + 1);
}

}  // namespace

Roles::Roles(const registry::Registry& registry, const CbsPackages& packages,
             const std::vector<std::string>& more_boot_files, Collection* section) {
  for (const CbsPackage& package : packages.packages()) {
    if (!history::IsRollupFix(package.identity()) ||
        !history::IsInstalledState(package.current_state())) {
      continue;
    }
    const std::string build = history::BuildOf(package.identity());
    if (build.empty()) continue;
    if (lcu_build_.empty() || history::CompareBuilds(build, lcu_build_) > 0) lcu_build_ = build;
  }
  Collection version;
  registry::SectionReader(registry, registry::HiveId::kSoftware, kCbsVersion, &version)
      .Values([&](const registry::Value& value) { stack_versions_.push_back(value.name); });
  if (version.status() != Collection::COLLECTED) {
    text::AddGap(section, version.source(), "which servicing stack is current is not known");
  }
  for (const absl::string_view name : kBootFileSystems) boot_files_.emplace(name);
  for (const std::string& name : more_boot_files) boot_files_.insert(UpcaseUtf8(name));
  ReadBootServices(registry, section);
}

void Roles::ReadBootServices(const registry::Registry& registry, Collection* section) {
  Collection services;
  const registry::SectionReader reader(registry, registry::HiveId::kSystem,
                                       R"(CurrentControlSet\Services)", &services);
  reader.Subkeys([&](const registry::KeyReader& service) {
    if (service.Dword("Start").value_or(1) != 0) return;
    const std::string image = service.String("ImagePath").value_or("");
    // Without ImagePath it is the driver of the service's own name (DOMAIN §2.4: Fs_Rec, Wof).
    const std::string name =
        image.empty() ? absl::StrCat(service.name(), ".sys") : std::string(BaseName(image));
    boot_files_.insert(UpcaseUtf8(name));
  });
  if (services.status() != Collection::COLLECTED) {
    text::AddGap(section, services.source(), "which drivers start at boot is not known");
  }
}

StoreRoles Roles::OfComponent(absl::string_view key) const {
  const absl::string_view version = VersionOfKey(key);
  StoreRoles roles = OfVersion(version);
  if (absl::StrContains(key, kStackName)) {
    // An older stack that still lies there does nothing any more.
    roles.set_servicing_stack(stack_versions_.empty() ||
                              std::find(stack_versions_.begin(), stack_versions_.end(), version) !=
                                  stack_versions_.end());
  }
  return roles;
}

bool Roles::IsBootFile(absl::string_view name) const {
  const std::string upper = UpcaseUtf8(BaseName(name));
  return boot_files_.contains(upper) || cbs::IsBootCritical(upper);
}

bool Roles::IsBootComponent(absl::string_view component_key) {
  return std::any_of(
      std::begin(kBootComponents), std::end(kBootComponents),
      [&](absl::string_view name) { return absl::StrContains(component_key, name); });
}

bool Roles::MayBoot(absl::string_view component_key) {
  return ArchitectureOfKey(component_key) != "wow64";
}

StoreRoles Roles::OfVersion(absl::string_view version) const {
  StoreRoles roles;
  // "10.0.26100.7462" and "26100.7462".
  if (!lcu_build_.empty() && absl::ConsumeSuffix(&version, lcu_build_)) {
    roles.set_lcu(absl::EndsWith(version, "."));
  }
  return roles;
}

StoreRoles Roles::OfPackage(absl::string_view identity) const {
  StoreRoles roles;
  if (history::IsRollupFix(identity)) {
    roles.set_lcu(!lcu_build_.empty() && history::BuildOf(identity) == lcu_build_);
  }
  if (history::IsServicingStack(identity)) {
    const std::string build = absl::StrCat(".", history::BuildOf(identity));
    roles.set_servicing_stack(
        std::any_of(stack_versions_.begin(), stack_versions_.end(),
                    [&](const std::string& version) { return absl::EndsWith(version, build); }));
  }
  return roles;
}

}  // namespace patchgate::store
