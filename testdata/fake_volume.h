// Whole Windows volumes for tests and the demo: hives, component store and servicing folder as they
// lie on a real disk (DOMAIN §1 to 4), small but complete enough that a healthy one is a GO.
//
//   FakeVolume volume;                                    // A healthy Windows 11 24H2.
//   volume.cbs()->AddKey("PackagesPending\\Package_1");   // Break it.
//   Snapshot snapshot = Collect(volume.Build(), now);
#ifndef TESTDATA_FAKE_VOLUME_H_
#define TESTDATA_FAKE_VOLUME_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/boot/bcd_builder.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive_builder.h"
#include "testdata/fake_images.h"
#include "testdata/fake_logs.h"

namespace patchgate::testdata {

class FakeVolume {
 public:
  static constexpr char kIdentifier[] = "916ae75edb30da0146730000dc1be027";
  static constexpr char kHardwareConfig[] = "{4c4c4544-0052-4b10-8034-b7c04f4e3733}";
  static constexpr char kPoqexec[] =
      "C:\\Windows\\System32\\poqexec.exe /display_progress \\SystemRoot\\WinSxS\\pending.xml";

  enum class LastUpdate {
    kDecember,  // 26100.7462, installed 2025-12-10, last boot 2025-12-15T06:20:00Z.
    kAugust,    // 26100.4946, installed 2025-08-13, last boot 2025-11-02.
  };

  // Healthy: Windows 11 24H2 with this cumulative update, and the logs that tell of it.
  explicit FakeVolume(LastUpdate last = LastUpdate::kDecember);

  // Roots of the hives.
  regf::HiveBuilder::Key* system() { return system_.root(); }
  regf::HiveBuilder::Key* software() { return software_.root(); }
  regf::HiveBuilder::Key* components() { return components_.root(); }
  regf::HiveBuilder::Key* drivers() { return drivers_.root(); }

  // Boot Configuration Data of the system partition, whose files lie in the root of the volume.
  boot::BcdBuilder* bcd() { return &bcd_; }

  // Keys that checks look at.
  regf::HiveBuilder::Key* cbs();              // …\Component Based Servicing
  regf::HiveBuilder::Key* side_by_side();     // …\SideBySide\Configuration
  regf::HiveBuilder::Key* current_version();  // …\Windows NT\CurrentVersion
  regf::HiveBuilder::Key* session_manager();
  regf::HiveBuilder::Key* service(absl::string_view name);
  regf::HiveBuilder::Key* control(absl::string_view name);  // CurrentControlSet\Control\<name>
  regf::HiveBuilder::Key* setup();
  regf::HiveBuilder::Key* ti_notification();

  // Steps in the life of an update, in the registry and in all logs. Times are UTC; what comes
  // first is told first. Pend begins an update and leaves it waiting for a restart; the next Finish
  // or RollBack ends it at the boot given.
  void Pend(const Update& update, FileTime t);
  void Finish(const Update& update, FileTime boot);
  void RollBack(const Update& update, FileTime boot);
  void Boot(FileTime t);

  FakeLogs* logs() { return &logs_; }

  // A service with its start type; its file is the volume's own.
  void AddDriver(const SystemDriver& driver);
  // Control\Class\<guid> with these filters.
  void AddClassFilters(absl::string_view guid, absl::string_view name,
                       const std::vector<std::string>& upper,
                       const std::vector<std::string>& lower);

  // CBS\Packages\<identity> with its state and install time. The volume has .mum and .cat of each
  // package that was ever staged and whose key is still there.
  regf::HiveBuilder::Key* AddPackage(absl::string_view identity, uint32_t state,
                                     FileTime installed);
  // CBS\SessionsPending\<id of `created`>.
  regf::HiveBuilder::Key* AddSession(FileTime created, uint32_t complete);
  // Windows\WinSxS\pending.xml with this identifier.
  void AddPendingXml(absl::string_view identifier, FileTime modified);
  // COMPONENTS\PendingXmlIdentifier, as Windows stores it.
  void SetPendingXmlIdentifier(absl::string_view identifier);

  // Everything that is not a hive; changes go into Build.
  evidence::MemorySource* files() { return &files_; }

  // The hives as files. A dirty one carries its last changes in its log.
  std::string BuildSystem() { return system_.Build(); }
  std::string BuildSoftware() { return software_.Build(); }
  std::string BuildComponents() { return components_.Build(); }
  std::string BuildDrivers() { return drivers_.Build(); }

  // The whole volume. Remove or replace files of the result for missing or damaged evidence.
  evidence::MemorySource Build();

 private:
  // The component store and all programs as this update brought them.
  void BringFiles(const Update& update);

  regf::HiveBuilder system_, software_, components_, drivers_;
  boot::BcdBuilder bcd_ = boot::HealthyBcd();
  evidence::MemorySource files_;
  FakeLogs logs_;
  uint32_t files_revision_ = 0;
  FileTime begun_ = 0;                 // Of the last pended update.
  const Update* installed_ = nullptr;  // The last one that was finished.
  FileTime installed_time_ = 0;
  std::map<std::string, FileTime> packages_;  // Ever staged, and when they came.
};

// Cumulative updates of 24H2: KB5063878, KB5072033, KB5074109.
const Update& August();
const Update& December();
const Update& January();

// Paths of the hives on a volume.
inline constexpr char kSystemHive[] = "Windows/System32/config/SYSTEM";
inline constexpr char kSoftwareHive[] = "Windows/System32/config/SOFTWARE";
inline constexpr char kComponentsHive[] = "Windows/System32/config/COMPONENTS";
inline constexpr char kDriversHive[] = "Windows/System32/config/DRIVERS";
inline constexpr char kReAgentXml[] = "Windows/System32/Recovery/ReAgent.xml";
inline constexpr char kBcdHive[] = "EFI/Microsoft/Boot/BCD";

// "2025-12-10T09:00:00Z" as FILETIME; the text must be right.
FileTime Time(absl::string_view rfc3339);

// Writes a volume below the existing directory `root`, with file times.
absl::Status WriteVolume(const evidence::MemorySource& volume, const std::string& root);

}  // namespace patchgate::testdata

#endif  // TESTDATA_FAKE_VOLUME_H_
