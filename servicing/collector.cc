#include "servicing/collector.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/optional.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "servicing/base/clean_strings.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/base/version.h"
#include "servicing/boot/bcd_reader.h"
#include "servicing/boot/boot_reader.h"
#include "servicing/boot/driver_reader.h"
#include "servicing/cbs/cbs_reader.h"
#include "servicing/cbs/log/cbs_log_reader.h"
#include "servicing/cbs/pending_reader.h"
#include "servicing/cbs/pending_xml_reader.h"
#include "servicing/cbs/poqexec_log_reader.h"
#include "servicing/cbs/session_journal_reader.h"
#include "servicing/eventlog/event_reader.h"
#include "servicing/evidence/counting_source.h"
#include "servicing/evidence/stopping_source.h"
#include "servicing/files/file_memory.h"
#include "servicing/files/image_reader.h"
#include "servicing/history/dism_log_reader.h"
#include "servicing/history/feature_update_reader.h"
#include "servicing/history/reporting_events_reader.h"
#include "servicing/history/restart_marks_reader.h"
#include "servicing/host/host_reader.h"
#include "servicing/host/platform_reader.h"
#include "servicing/host/system_drive.h"
#include "servicing/regf/marvin32.h"
#include "servicing/registry/offline_registry.h"
#include "servicing/store/base_manifest.h"
#include "servicing/store/store_reader.h"

namespace patchgate {
namespace {

constexpr size_t kSizeOffset = 8;
constexpr size_t kHashOffset = 16;
constexpr size_t kSnapshotHeaderSize = 24;
constexpr uint64_t kHashSeed = 0x70617463686761;  // Any constant would do.

// Fills `section` by how opening or listing `path` went.
void Describe(absl::string_view path, const absl::Status& status, Collection* section) {
  section->set_source(std::string(path));
  if (status.ok()) {
    section->set_status(Collection::COLLECTED);
    return;
  }
  section->set_status(absl::IsNotFound(status) ? Collection::ABSENT : Collection::UNREADABLE);
  section->set_reason(std::string(status.message()));
}

// A case-sensitive disk can hold two folders or hives that are one name to Windows; nobody can say
// which of them is the host's.
absl::Status CheckSpellings(const evidence::Source& source) {
  for (const char* folder : {"", "Windows", "Windows/System32/config"}) {
    const absl::StatusOr<std::vector<evidence::FileInfo>> listing = source.List(folder);
    if (!listing.ok()) continue;                    // Readers will say so.
    for (size_t i = 1; i < listing->size(); ++i) {  // Sorted: what is alike is adjacent.
      const std::string &a = (*listing)[i - 1].name, &b = (*listing)[i].name;
      if (!NamesEqual(a, b)) continue;
      return absl::FailedPreconditionError(
          absl::StrCat(source.description(), *folder == '\0' ? "" : "/", folder, " holds both ", a,
                       " and ", b, ", which are one name to Windows"));
    }
  }
  return absl::OkStatus();
}

// What the host boots with, and the files that its patch level is measured by.
void ReadBoot(const registry::Registry& registry, const evidence::Source& source,
              const evidence::Source* esp, const CollectOptions& options, files::FileMemory* memory,
              Snapshot* snapshot) {
  files::ImageReader images(source, "", memory);
  absl::optional<files::ImageReader> esp_images;
  if (esp != nullptr) esp_images.emplace(*esp, evidence::kEspPrefix, memory);
  const LiveHost::Firmware firmware = snapshot->live_host().firmware();
  const bool boots_by_uefi = firmware == LiveHost::FIRMWARE_UNSPECIFIED
                                 ? host::BootsByUefi(snapshot->os(), snapshot->mounted_devices())
                                 : firmware == LiveHost::UEFI;
  // A running Windows has its store loaded and the file in use.
  if (snapshot->live()) {
    *snapshot->mutable_bcd() =
        boot::ReadLoadedBcd(registry, firmware == LiveHost::UEFI || boots_by_uefi);
  }
  if (snapshot->bcd().collection().status() != Collection::COLLECTED) {
    BcdStore stored = boot::ReadBcd(source, esp, boots_by_uefi);
    if (!snapshot->live() || stored.collection().status() == Collection::COLLECTED) {
      *snapshot->mutable_bcd() = std::move(stored);
    }
  }
  *snapshot->mutable_boot_drivers() = boot::ReadBootDrivers(registry, source, &images);
  *snapshot->mutable_boot_files() =
      boot::ReadBootFiles(source, esp, &images, esp_images ? &*esp_images : nullptr, boots_by_uefi);
  *snapshot->mutable_probes() = boot::ReadProbes(snapshot->servicing_stack(), &images);
  Collection* partition = snapshot->mutable_boot_files()->mutable_system_partition();
  if (partition->status() == Collection::ABSENT && !options.esp_reason.empty()) {
    partition->set_reason(options.esp_reason);
  }
  for (const std::string& path : options.extra_probes) images.Read(path);
  if (esp_images) esp_images->AddTo(snapshot->mutable_images());
  images.AddTo(snapshot->mutable_images());
  // Whoever looks for one needs the order of both together.
  std::sort(snapshot->mutable_images()->begin(), snapshot->mutable_images()->end(),
            [](const ImageFacts& a, const ImageFacts& b) {
              return UpcaseUtf8(a.collection().source()) < UpcaseUtf8(b.collection().source());
            });
}

// `live` is null for a volume that is not running.
Snapshot CollectFrom(const evidence::Source& volume, const OpenRegistry& open_registry,
                     const LiveHost* live, FileTime now, const CollectOptions& options) {
  Snapshot snapshot;
  evidence::ReadCounter counter;
  const Stop never;
  const Stop& stop = options.stop == nullptr ? never : *options.stop;
  const evidence::StoppingSource stopping(volume, stop);
  const evidence::CountingSource source(stopping, &counter);
  absl::optional<evidence::StoppingSource> stopping_esp;
  absl::optional<evidence::CountingSource> counting_esp;
  if (options.esp != nullptr) {
    stopping_esp.emplace(*options.esp, stop);
    counting_esp.emplace(*stopping_esp, &counter, evidence::kEspPrefix);
  }
  const evidence::Source* esp = counting_esp ? &*counting_esp : nullptr;
  files::FileMemory memory(store::KeepBaseManifest);
  snapshot.set_format_version(kSnapshotFormatVersion);
  snapshot.set_collector_version(kPatchgateVersion);
  snapshot.set_collected_filetime(now);
  snapshot.set_source(source.description());

  if (live != nullptr) {
    snapshot.set_live(true);
    *snapshot.mutable_live_host() = *live;
  }

  const std::unique_ptr<registry::Registry> owned_registry = open_registry(source);
  const registry::Registry& registry = *owned_registry;
  for (const registry::HiveId hive : registry::kAllHives) {
    *snapshot.add_hives() = registry.Examine(hive);
  }
  *snapshot.mutable_control_set() = host::ReadControlSets(registry);
  *snapshot.mutable_os() = host::ReadOsIdentity(registry);
  *snapshot.mutable_setup() = host::ReadSetupState(registry);
  *snapshot.mutable_boot_execute() = host::ReadBootExecute(registry);
  *snapshot.mutable_update_services() = host::ReadUpdateServices(registry);
  *snapshot.mutable_cbs_root() = cbs::ReadCbsRoot(registry);
  *snapshot.mutable_cbs_sessions() = cbs::ReadSessions(registry);
  *snapshot.mutable_cbs_packages() = cbs::ReadPackages(registry);
  *snapshot.mutable_cbs_component_detect() = cbs::ReadComponentDetect(registry);
  *snapshot.mutable_servicing_stack() = cbs::ReadServicingStack(registry, source);
  *snapshot.mutable_trusted_installer() = cbs::ReadTrustedInstaller(registry);

  StoreFolders* folders = snapshot.mutable_store_folders();
  const absl::StatusOr<std::vector<evidence::FileInfo>> winsxs = source.List("Windows/WinSxS");
  Describe("Windows/WinSxS", winsxs.status(), folders->mutable_winsxs());
  Describe("Windows/servicing", source.List("Windows/servicing").status(),
           folders->mutable_servicing());
  constexpr absl::string_view kTrustedInstaller = "Windows/servicing/TrustedInstaller.exe";
  // Opened, not read: whether it could be matters, what is in it the store's verification tells.
  const absl::StatusOr<std::unique_ptr<evidence::Stream>> program =
      source.OpenStream(kTrustedInstaller);
  Describe(kTrustedInstaller, program.status(), folders->mutable_trusted_installer());
  if (program.ok() && (*program)->info().size == 0) {
    Describe(kTrustedInstaller, absl::NotFoundError("the file is empty"),
             folders->mutable_trusted_installer());
  }
  *snapshot.mutable_pending_xml() = cbs::ReadPendingXml(
      source, folders->winsxs(), winsxs.ok() ? *winsxs : std::vector<evidence::FileInfo>());
  *snapshot.mutable_components_root() = cbs::ReadComponentsRoot(registry);
  *snapshot.mutable_poqexec() = cbs::ReadPoqexecRegistration(registry);
  *snapshot.mutable_file_renames() = cbs::ReadFileRenames(registry);
  store::ReadStoreQueues(source, folders);
  *snapshot.mutable_last_stack() = store::ReadLastStack(registry);
  *snapshot.mutable_mounted_devices() = host::ReadMountedDevices(registry);

  if (options.profile != CollectOptions::Profile::kNone) {
    // First: what is examined here the verification need not hash.
    ReadBoot(registry, source, esp, options, &memory, &snapshot);
    store::VerifyOptions verify;
    verify.level = STORE_LEVEL_PAYLOAD;
    verify.scope =
        options.profile == CollectOptions::Profile::kFull ? STORE_SCOPE_ALL : STORE_SCOPE_BOOT;
    verify.index_of_all = true;
    verify.packages = &snapshot.cbs_packages();
    verify.jobs = options.jobs;
    verify.progress = options.progress;
    verify.stop = options.stop;
    verify.memory = &memory;
    // What the patch level is measured by is held against the store.
    for (const Probe& probe : snapshot.probes().probes()) {
      if (probe.lcu())
        verify.boot_files.push_back(probe.path().substr(probe.path().rfind('/') + 1));
    }
    *snapshot.mutable_store_verification() = store::Verify(source, registry, verify);
  }
  *snapshot.mutable_platform() = host::ReadPlatform(registry);
  *snapshot.mutable_boot_security() = host::ReadBootSecurity(registry);
  *snapshot.mutable_recovery_environment() = host::ReadRecoveryEnvironment(source);
  *snapshot.mutable_space() = host::ReadSpace(registry, source, esp);
  if (esp == nullptr && !options.esp_reason.empty()) {
    for (VolumeSpace& volume : *snapshot.mutable_space()->mutable_volumes()) {
      if (volume.volume() == host::kSystemPartition) {
        volume.mutable_collection()->set_reason(options.esp_reason);
      }
    }
  }

  *snapshot.mutable_cbs_log() = cbs::ReadCbsLog(source);
  *snapshot.mutable_session_journal() = cbs::ReadSessionJournal(source);
  *snapshot.mutable_poqexec_log() = cbs::ReadPoqexecLog(source);
  *snapshot.mutable_event_logs() = eventlog::ReadEventLogs(source);
  *snapshot.mutable_reporting_events() = history::ReadReportingEvents(source);
  *snapshot.mutable_dism_log() = history::ReadDismLog(source);
  *snapshot.mutable_feature_updates() = history::ReadFeatureUpdates(registry, source);
  *snapshot.mutable_restart_marks() = history::ReadRestartMarks(registry);
  *snapshot.mutable_reads() = counter.Statistics();
  CleanStrings(&snapshot);
  return snapshot;
}

}  // namespace

absl::Status CheckIsWindowsVolume(const evidence::Source& source) {
  constexpr absl::string_view kConfig = "Windows/System32/config";
  const absl::StatusOr<evidence::FileInfo> config = source.Stat(kConfig);
  if (config.ok() && config->is_directory) return CheckSpellings(source);
  return absl::FailedPreconditionError(
      absl::StrCat(source.description(), " holds no Windows volume: ",
                   config.ok() ? absl::StrCat(kConfig, " is not a directory")
                               : std::string(config.status().message())));
}

Snapshot Collect(const evidence::Source& source, FileTime now, const CollectOptions& options) {
  const OpenRegistry open = [](const evidence::Source& files) {
    return std::make_unique<registry::OfflineRegistry>(files);
  };
  return CollectFrom(source, open, nullptr, now, options);
}

Snapshot CollectLive(const evidence::Source& source, const OpenRegistry& open_registry,
                     const LiveHost& live, FileTime now, const CollectOptions& options) {
  return CollectFrom(source, open_registry, &live, now, options);
}

// A snapshot file: signature, payload size (u64), Marvin32 of the payload (u64), payload. Protobuf
// alone would take a file cut at the end of a field for a whole one.
std::string SerializeSnapshot(const Snapshot& snapshot) {
  std::string payload;
  {
    google::protobuf::io::StringOutputStream stream(&payload);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    snapshot.SerializeToCodedStream(&coded);
  }
  char header[kSnapshotHeaderSize];
  kSnapshotSignature.copy(header, kSnapshotSignature.size());
  StoreLe64(header + kSizeOffset, payload.size());
  StoreLe64(header + kHashOffset, regf::Marvin32(kHashSeed, payload));
  return absl::StrCat(absl::string_view(header, sizeof(header)), payload);
}

absl::StatusOr<Snapshot> ParseSnapshot(absl::string_view bytes) {
  if (!absl::StartsWith(bytes, kSnapshotSignature)) {
    return absl::InvalidArgumentError("not a snapshot: no PGSNAP1 signature at 0x0");
  }
  const auto damaged = [](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("snapshot is damaged: ", what));
  };
  if (bytes.size() < kSnapshotHeaderSize) {
    return damaged(
        absl::StrCat("its header ends at ", bytes.size(), " of ", kSnapshotHeaderSize, " bytes"));
  }
  const uint64_t size = LoadLe64(bytes.data() + kSizeOffset);
  const uint64_t hash = LoadLe64(bytes.data() + kHashOffset);
  const absl::string_view payload = bytes.substr(kSnapshotHeaderSize);
  if (size != payload.size() || size > std::numeric_limits<int>::max()) {
    return damaged(
        absl::StrCat("the header at 0x8 states ", size, " bytes, the file has ", payload.size()));
  }
  const uint64_t computed = regf::Marvin32(kHashSeed, payload);
  if (computed != hash) {
    return damaged(absl::StrFormat("checksum 0x%016x at 0x10, computed 0x%016x", hash, computed));
  }
  Snapshot snapshot;
  if (!snapshot.ParseFromArray(payload.data(), static_cast<int>(size))) {
    return damaged("its payload is no protocol buffer");
  }
  if (snapshot.format_version() > kSnapshotFormatVersion) {
    return absl::UnimplementedError(
        absl::StrCat("snapshot has format version ", snapshot.format_version(), ", this patchgate ",
                     kPatchgateVersion, " reads up to ", kSnapshotFormatVersion));
  }
  if (snapshot.format_version() == 0) return damaged("no format version");
  return snapshot;
}

}  // namespace patchgate
