#include "servicing/history/feature_update_reader.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "servicing/registry/section_reader.h"
#include "servicing/registry/value.h"
#include "servicing/text/fields.h"
#include "servicing/text/section_file.h"

namespace patchgate::history {

using registry::HiveId;
using registry::KeyReader;
using registry::SectionReader;

namespace {

constexpr int kExamples = 20;
constexpr int kMostRecords = 100;  // Of one kind; hosts have a handful.

// The folders that say how far a feature update or a WinRE update got. Nothing of the user is in
// them: the previous installation (Windows.old) is not looked into.
constexpr absl::string_view kFolders[] = {
    "Windows/Panther",
    "Windows/Panther/NewOs",
    "$WINDOWS.~BT",
    "$WINDOWS.~BT/Sources/Panther",
    "$WINDOWS.~BT/Sources/Rollback",
    "$WINDOWS.~BT/NewOS",
    "$WinREAgent",
    "$WinREAgent/Scratch",
    "$WinREAgent/Backup",
};

// A value that is quoted, never judged: any type will do.
std::string Quote(const KeyReader& key, absl::string_view name) {
  const absl::optional<registry::Value> value = key.Raw(name);
  if (!value) return "";
  if (const auto text = registry::AsString(*value); text.ok()) return text::Short(*text);
  if (const auto list = registry::AsMultiString(*value); list.ok()) {
    return text::Short(absl::StrJoin(*list, "; "));
  }
  return text::Short(registry::ToText(*value));
}

void ReadSetupKey(const KeyReader& setup, FeatureUpdates* facts) {
  setup.Subkey("FailedInstallations", [&](const KeyReader& key) {
    key.Values([&](const registry::Value& value) {
      const absl::StatusOr<uint32_t> count = registry::AsDword(value);
      if (!count.ok()) {
        key.AddGap(value.name, count.status().message());
      } else if (facts->failed_installations_size() < kMostRecords) {
        FailedInstallation* failed = facts->add_failed_installations();
        failed->set_build(text::Short(value.name));
        failed->set_count(*count);
        failed->set_key_written_filetime(key.last_written());
      }
    });
  });
  setup.Subkey("MoSetup\\Tracking", [&](const KeyReader& key) {
    facts->set_tracking_written_filetime(key.last_written());
    if (const auto v = key.Dword("InstallAttempts")) facts->set_install_attempts(*v);
    if (const auto v = key.Dword("FailureCount")) facts->set_failure_count(*v);
  });
  setup.Subkey("MoSetup\\Volatile", [&](const KeyReader& key) {
    if (const auto v = key.Dword("BoxResult")) facts->set_box_result(*v);
  });
  setup.Subkey("setupdiag\\results", [&](const KeyReader& key) {
    SetupDiagnosis* diagnosis = facts->mutable_setup_diag();
    diagnosis->set_present(true);
    diagnosis->set_key_written_filetime(key.last_written());
    diagnosis->set_profile_name(Quote(key, "ProfileName"));
    diagnosis->set_failure_data(Quote(key, "FailureData"));
    diagnosis->set_failure_details(Quote(key, "FailureDetails"));
    diagnosis->set_last_setup_phase(Quote(key, "LastSetupPhase"));
    diagnosis->set_last_setup_operation(Quote(key, "LastSetupOperation"));
    diagnosis->set_date_time(Quote(key, "DateTime"));
  });
  setup.Subkeys([&](const KeyReader& key) {
    const std::string name = key.name();
    if (!absl::StartsWithIgnoreCase(name, "Source OS (") ||
        facts->upgrades_size() >= kMostRecords) {
      return;
    }
    UpgradedFrom* upgrade = facts->add_upgrades();
    upgrade->set_key(text::Short(name));
    upgrade->set_current_build(Quote(key, "CurrentBuild"));
    upgrade->set_key_written_filetime(key.last_written());
  });
}

void ReadFolder(const evidence::Source& source, absl::string_view path, SetupFolder* folder) {
  Collection* section = folder->mutable_collection();
  const auto listing = text::ListSection(source, path, section);
  if (!listing) return;
  if (const auto info = source.Stat(path); info.ok()) {
    section->set_modified_filetime(info->modified);
  }
  for (const evidence::FileInfo& entry : *listing) {
    if (!entry.is_directory) folder->set_files(folder->files() + 1);
    folder->set_newest_filetime(std::max<uint64_t>(folder->newest_filetime(), entry.modified));
    if (folder->names_size() < kExamples) folder->add_names(text::Short(entry.name));
  }
}

}  // namespace

FeatureUpdates ReadFeatureUpdates(const registry::Registry& registry,
                                  const evidence::Source& source) {
  FeatureUpdates facts;
  const SectionReader setup(registry, HiveId::kSystem, "Setup", facts.mutable_collection());
  ReadSetupKey(setup, &facts);
  for (const absl::string_view path : kFolders) ReadFolder(source, path, facts.add_folders());
  return facts;
}

}  // namespace patchgate::history
