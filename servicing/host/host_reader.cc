#include "servicing/host/host_reader.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "servicing/registry/section_reader.h"

namespace patchgate::host {

using registry::HiveId;
using registry::KeyReader;
using registry::SectionReader;

OsIdentity ReadOsIdentity(const registry::Registry& registry) {
  OsIdentity os;
  const SectionReader key(registry, HiveId::kSoftware, "Microsoft\\Windows NT\\CurrentVersion",
                          os.mutable_collection());
  os.set_current_build(key.String("CurrentBuild").value_or(""));
  if (os.current_build().empty()) {
    os.set_current_build(key.String("CurrentBuildNumber").value_or(""));
  }
  if (const auto ubr = key.Dword("UBR")) os.set_ubr(*ubr);
  os.set_display_version(key.String("DisplayVersion").value_or(""));
  os.set_edition_id(key.String("EditionID").value_or(""));
  os.set_installation_type(key.String("InstallationType").value_or(""));
  os.set_product_name(key.String("ProductName").value_or(""));
  os.set_build_lab_ex(key.String("BuildLabEx").value_or(""));
  os.set_lcu_ver(key.String("LCUVer").value_or(""));
  os.set_system_root(key.String("SystemRoot").value_or(""));
  return os;
}

SetupState ReadSetupState(const registry::Registry& registry) {
  SetupState setup;
  const SectionReader key(registry, HiveId::kSystem, "Setup", setup.mutable_collection());
  if (const auto v = key.Dword("SetupType")) setup.set_setup_type(*v);
  if (const auto v = key.Dword("SystemSetupInProgress")) setup.set_system_setup_in_progress(*v);
  if (const auto v = key.Dword("SetupPhase")) setup.set_setup_phase(*v);
  if (const auto v = key.Dword("OOBEInProgress")) setup.set_oobe_in_progress(*v);
  if (const auto v = key.Dword("RestartSetup")) setup.set_restart_setup(*v);
  if (const auto v = key.Dword("Upgrade")) setup.set_upgrade(*v);
  if (const auto v = key.Dword("RollbackActive")) setup.set_rollback_active(*v);
  setup.set_cmd_line(key.String("CmdLine").value_or(""));
  setup.set_system_partition(key.String("SystemPartition").value_or(""));
  return setup;
}

ControlSetFacts ReadControlSets(const registry::Registry& registry) {
  ControlSetFacts facts;
  const SectionReader select(registry, HiveId::kSystem, "Select", facts.mutable_collection());
  if (const auto v = select.Dword("Current")) facts.set_current(*v);
  if (const auto v = select.Dword("Default")) facts.set_default_(*v);
  if (const auto v = select.Dword("Failed")) facts.set_failed(*v);
  if (const auto v = select.Dword("LastKnownGood")) facts.set_last_known_good(*v);

  Collection root_section;
  const SectionReader root(registry, HiveId::kSystem, "", &root_section);
  root.Subkeys([&](const KeyReader& key) {
    constexpr absl::string_view kPrefix = "ControlSet";
    uint32_t number = 0;
    const std::string name = key.name();
    if (absl::StartsWithIgnoreCase(name, kPrefix) &&
        absl::SimpleAtoi(name.substr(kPrefix.size()), &number)) {
      facts.add_existing(number);
    }
  });
  registry::MergeSection(root_section, facts.mutable_collection());
  return facts;
}

BootExecute ReadBootExecute(const registry::Registry& registry) {
  BootExecute facts;
  const SectionReader key(registry, HiveId::kSystem, "CurrentControlSet\\Control\\Session Manager",
                          facts.mutable_collection());
  if (const auto commands = key.MultiString("BootExecute")) {
    facts.set_present(true);
    for (const std::string& command : *commands) facts.add_commands(command);
  }
  return facts;
}

UpdateServices ReadUpdateServices(const registry::Registry& registry) {
  UpdateServices facts;
  const SectionReader services(registry, HiveId::kSystem, "CurrentControlSet\\Services",
                               facts.mutable_collection());
  for (const char* name : {"wuauserv", "UsoSvc", "BITS", "CryptSvc", "msiserver", "AppXSvc"}) {
    ServiceStart* service = facts.add_services();
    service->set_name(name);
    services.Subkey(name, [&](const KeyReader& key) {
      service->set_present(true);
      service->set_key_written_filetime(key.last_written());
      if (const auto start = key.Dword("Start")) service->set_start(*start);
    });
  }
  return facts;
}

}  // namespace patchgate::host
