#include "servicing/cbs/cbs_reader.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/types.h"
#include "servicing/registry/section_reader.h"

namespace patchgate::cbs {

using registry::HiveId;
using registry::KeyReader;
using registry::SectionReader;

namespace {

constexpr absl::string_view kCbs = "Microsoft\\Windows\\CurrentVersion\\Component Based Servicing";

// Examples kept of a list that may be long.
constexpr int kExamples = 20;

void ReadMarker(const KeyReader& cbs, absl::string_view name, CbsMarker* marker) {
  // Windows makes keys of these; a value of the name is no less of a mark.
  if (cbs.Raw(name)) {
    marker->set_present(true);
    marker->set_key_written_filetime(cbs.last_written());
  }
  cbs.Subkey(name, [&](const KeyReader& key) {
    marker->set_present(true);
    marker->set_key_written_filetime(key.last_written());
    key.Subkeys([&](const KeyReader& subkey) {
      marker->set_subkeys(marker->subkeys() + 1);
      if (marker->subkey_names_size() < kExamples) marker->add_subkey_names(subkey.name());
    });
  });
}

// The path on the volume of a folder as the registry writes it: "%SystemRoot%\WinSxS\x",
// "C:\Windows\WinSxS\x". Empty if it is neither.
std::string OnVolume(absl::string_view folder) {
  constexpr absl::string_view kRoots[] = {"%SystemRoot%\\", "%windir%\\", "\\SystemRoot\\"};
  for (const absl::string_view root : kRoots) {
    if (absl::StartsWithIgnoreCase(folder, root)) {
      return absl::StrCat("Windows\\", folder.substr(root.size()));
    }
  }
  if (folder.size() > 3 && folder[1] == ':') return std::string(folder.substr(3));
  return "";
}

}  // namespace

absl::optional<FileTime> SessionTime(absl::string_view id) {
  const std::vector<absl::string_view> parts = absl::StrSplit(id, '_');
  uint64_t high = 0, low = 0;
  constexpr uint64_t kMax = std::numeric_limits<uint32_t>::max();
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &high) ||
      !absl::SimpleAtoi(parts[1], &low) || high > kMax || low > kMax) {
    return absl::nullopt;
  }
  return high << 32 | low;
}

CbsRoot ReadCbsRoot(const registry::Registry& registry) {
  CbsRoot facts;
  const SectionReader cbs(registry, HiveId::kSoftware, kCbs, facts.mutable_collection());
  ReadMarker(cbs, "RebootPending", facts.mutable_reboot_pending());
  ReadMarker(cbs, "RebootInProgress", facts.mutable_reboot_in_progress());
  ReadMarker(cbs, "PackagesPending", facts.mutable_packages_pending());
  ReadMarker(cbs, "TiRunning", facts.mutable_ti_running());
  ReadMarker(cbs, "ReservesRebootPending", facts.mutable_reserves_reboot_pending());
  ReadMarker(cbs, "DriverOperations", facts.mutable_driver_operations());
  if (const auto v = cbs.Dword("PostponeOnlineActions")) facts.set_postpone_online_actions(*v);
  cbs.Subkey("Interface", [&](const KeyReader& key) {
    if (const auto v = key.Dword("ServicingInProgress")) facts.set_servicing_in_progress(*v);
  });
  return facts;
}

CbsSessions ReadSessions(const registry::Registry& registry) {
  CbsSessions facts;
  const SectionReader pending(registry, HiveId::kSoftware, absl::StrCat(kCbs, "\\SessionsPending"),
                              facts.mutable_collection());
  if (const auto v = pending.Dword("Exclusive")) facts.set_exclusive(*v);
  if (const auto v = pending.Dword("TotalSessionPhases")) facts.set_total_session_phases(*v);
  pending.Subkeys([&](const KeyReader& key) {
    CbsSession* session = facts.add_sessions();
    session->set_id(key.name());
    session->set_created_filetime(SessionTime(key.name()).value_or(0));
    session->set_key_written_filetime(key.last_written());
    const int gaps = facts.collection().gaps_size();
    if (const auto v = key.Dword("Complete")) session->set_complete(*v);
    session->set_complete_unreadable(facts.collection().gaps_size() > gaps);
    if (const auto v = key.Dword("LastCommittedPhase")) session->set_last_committed_phase(*v);
  });
  return facts;
}

CbsPackages ReadPackages(const registry::Registry& registry) {
  CbsPackages facts;
  const SectionReader packages(registry, HiveId::kSoftware, absl::StrCat(kCbs, "\\Packages"),
                               facts.mutable_collection());
  packages.Subkeys([&](const KeyReader& key) {
    CbsPackage* package = facts.add_packages();
    package->set_identity(key.name());
    package->set_key_written_filetime(key.last_written());
    if (const auto v = key.Dword("CurrentState")) package->set_current_state(*v);
    package->set_install_client(key.String("InstallClient").value_or(""));
    const auto high = key.Dword("InstallTimeHigh"), low = key.Dword("InstallTimeLow");
    if (high && low) package->set_install_filetime(static_cast<uint64_t>(*high) << 32 | *low);
    if (const auto v = key.Dword("LastError")) package->set_last_error(*v);
  });
  return facts;
}

CbsComponentDetect ReadComponentDetect(const registry::Registry& registry) {
  CbsComponentDetect facts;
  const SectionReader detect(registry, HiveId::kSoftware, absl::StrCat(kCbs, "\\ComponentDetect"),
                             facts.mutable_collection());
  detect.Subkeys([&](const KeyReader& family) {
    facts.set_families(facts.families() + 1);
    family.Values([&](const registry::Value& value) {
      if (registry::AsDword(value).ok()) return;
      facts.set_wrong_types_total(facts.wrong_types_total() + 1);
      if (facts.wrong_types_size() >= kExamples) return;
      CbsWrongType* wrong = facts.add_wrong_types();
      wrong->set_key(family.name());
      wrong->set_value(value.name);
      wrong->set_type(value.type == regf::kRegDword
                          ? absl::StrCat("REG_DWORD of ", value.data.size(), " bytes")
                          : regf::ValueTypeName(value.type));
    });
  });
  return facts;
}

ServicingStack ReadServicingStack(const registry::Registry& registry,
                                  const evidence::Source& source) {
  ServicingStack facts;
  const SectionReader key(registry, HiveId::kSoftware, absl::StrCat(kCbs, "\\Version"),
                          facts.mutable_collection());
  key.Values([&](const registry::Value& value) {
    if (value.name.empty()) return;  // The key's default value names no version.
    ServicingStackVersion* version = facts.add_versions();
    version->set_version(value.name);
    const absl::StatusOr<std::string> folder = registry::AsString(value);
    if (!folder.ok()) {
      key.AddGap(value.name, folder.status().message());
      version->mutable_on_disk()->set_status(Collection::UNREADABLE);
      version->mutable_on_disk()->set_reason("the registry names no folder");
      return;
    }
    version->set_folder(*folder);
    Collection* on_disk = version->mutable_on_disk();
    const std::string path = OnVolume(*folder);
    on_disk->set_source(path);
    if (path.empty()) {
      on_disk->set_status(Collection::UNREADABLE);
      on_disk->set_reason("the folder is not on the system volume");
      return;
    }
    absl::StatusOr<std::vector<evidence::FileInfo>> files = source.List(path);
    if (!files.ok()) {
      on_disk->set_status(absl::IsNotFound(files.status()) ? Collection::ABSENT
                                                           : Collection::UNREADABLE);
      on_disk->set_reason(std::string(files.status().message()));
      return;
    }
    on_disk->set_status(Collection::COLLECTED);
    for (const evidence::FileInfo& file : *files) {
      if (file.is_directory || file.is_link || file.size == 0) continue;
      if (NamesEqual(file.name, "cbscore.dll")) version->set_has_cbscore(true);
      if (NamesEqual(file.name, "wcp.dll")) version->set_has_wcp(true);
    }
  });
  return facts;
}

TrustedInstaller ReadTrustedInstaller(const registry::Registry& registry) {
  TrustedInstaller facts;
  const SectionReader service(registry, HiveId::kSystem,
                              "CurrentControlSet\\Services\\TrustedInstaller",
                              facts.mutable_collection());
  if (const auto v = service.Dword("Start")) facts.set_start(*v);
  facts.set_image_path(service.String("ImagePath").value_or(""));

  Collection notification_section;
  const SectionReader notification(
      registry, HiveId::kSystem,
      "CurrentControlSet\\Control\\Winlogon\\Notifications\\Components\\TrustedInstaller",
      &notification_section);
  facts.set_notification_present(notification.has_key());
  facts.set_notification_events(notification.String("Events").value_or(""));
  facts.set_notification_written_filetime(notification.last_written());
  registry::MergeSection(notification_section, facts.mutable_collection());
  return facts;
}

}  // namespace patchgate::cbs
