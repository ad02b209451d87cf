#include "servicing/history/restart_marks_reader.h"

#include <string>

#include "servicing/registry/section_reader.h"
#include "servicing/text/fields.h"

namespace patchgate::history {

using registry::HiveId;
using registry::KeyReader;
using registry::SectionReader;

namespace {

constexpr absl::string_view kUpdateAgent =
    "Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update";
constexpr absl::string_view kSetupState = "Microsoft\\Windows\\CurrentVersion\\Setup\\State";
constexpr int kMostUpdates = 100;

// When the subkey `name` was written, if it is there. Windows makes keys of these marks; a value of
// the name is no less of one.
absl::optional<FileTime> Mark(const KeyReader& key, absl::string_view name) {
  absl::optional<FileTime> written;
  if (key.Raw(name)) written = key.last_written();
  key.Subkey(name, [&](const KeyReader& mark) { written = mark.last_written(); });
  return written;
}

}  // namespace

RestartMarks ReadRestartMarks(const registry::Registry& registry) {
  RestartMarks facts;
  const SectionReader agent(registry, HiveId::kSoftware, kUpdateAgent,
                            facts.mutable_update_agent());
  if (const auto t = Mark(agent, "RebootRequired")) {
    facts.set_reboot_required_written_filetime(*t);
  }
  agent.Subkey("RebootRequired", [&](const KeyReader& key) {
    key.Values([&](const registry::Value& value) {
      if (value.name.empty() || facts.reboot_required_updates_size() >= kMostUpdates) return;
      facts.add_reboot_required_updates(text::Short(value.name));
    });
  });
  if (const auto t = Mark(agent, "PostRebootReporting")) {
    facts.set_post_reboot_reporting_written_filetime(*t);
  }

  const SectionReader software(registry, HiveId::kSoftware, "Microsoft",
                               facts.mutable_installers());
  software.Subkey("Updates", [&](const KeyReader& key) {
    if (const auto v = key.Dword("UpdateExeVolatile")) facts.set_update_exe_volatile(*v);
  });
  software.Subkey("Windows\\CurrentVersion\\RunOnce", [&](const KeyReader& key) {
    facts.set_dvd_reboot_signal(key.Raw("DVDRebootSignal").has_value());
  });
  software.Subkey("ServerManager", [&](const KeyReader& key) {
    if (const auto t = Mark(key, "CurrentRebootAttempts")) {
      facts.set_server_manager_written_filetime(*t);
    }
  });
  software.Subkey("Windows\\CurrentVersion\\Installer", [&](const KeyReader& key) {
    if (const auto t = Mark(key, "InProgress")) facts.set_msi_in_progress_written_filetime(*t);
  });
  software.Subkey(
      "Windows\\CurrentVersion\\WindowsUpdate\\Services\\Pending", [&](const KeyReader& key) {
        key.Subkeys(
            [&](const KeyReader&) { facts.set_pending_services(facts.pending_services() + 1); });
      });

  const SectionReader state(registry, HiveId::kSoftware, kSetupState, facts.mutable_image());
  facts.set_image_state(text::Short(state.String("ImageState").value_or("")));
  return facts;
}

}  // namespace patchgate::history
