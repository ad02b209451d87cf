// Whole Windows volumes for tests and the demo: hives, component store and servicing folder as they
// lie on a real disk (DOMAIN §1 to 4), small but complete enough that a healthy one is a GO.
//
//   FakeVolume volume;                                    // A healthy Windows 11 24H2.
//   volume.cbs()->AddKey("PackagesPending\\Package_1");   // Break it.
//   Snapshot snapshot = Collect(volume.Build(), now);
#ifndef TESTDATA_FAKE_VOLUME_H_
#define TESTDATA_FAKE_VOLUME_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive_builder.h"

namespace patchgate::testdata {

class FakeVolume {
 public:
  static constexpr char kIdentifier[] = "916ae75edb30da0146730000dc1be027";
  static constexpr char kPoqexec[] =
      "C:\\Windows\\System32\\poqexec.exe /display_progress \\SystemRoot\\WinSxS\\pending.xml";

  // Healthy: Windows 11 24H2, 26100.7462, updated on 2025-12-10.
  FakeVolume();

  // Roots of the hives.
  regf::HiveBuilder::Key* system() { return system_.root(); }
  regf::HiveBuilder::Key* software() { return software_.root(); }
  regf::HiveBuilder::Key* components() { return components_.root(); }

  // Keys that checks look at.
  regf::HiveBuilder::Key* cbs();              // …\Component Based Servicing
  regf::HiveBuilder::Key* side_by_side();     // …\SideBySide\Configuration
  regf::HiveBuilder::Key* current_version();  // …\Windows NT\CurrentVersion
  regf::HiveBuilder::Key* session_manager();
  regf::HiveBuilder::Key* service(absl::string_view name);
  regf::HiveBuilder::Key* setup();
  regf::HiveBuilder::Key* ti_notification();

  // CBS\Packages\<identity> with its state and install time.
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

  // The whole volume. Remove or replace files of the result for missing or damaged evidence.
  evidence::MemorySource Build();

 private:
  regf::HiveBuilder system_, software_, components_;
  evidence::MemorySource files_;
};

// Paths of the hives on a volume.
inline constexpr char kSystemHive[] = "Windows/System32/config/SYSTEM";
inline constexpr char kSoftwareHive[] = "Windows/System32/config/SOFTWARE";
inline constexpr char kComponentsHive[] = "Windows/System32/config/COMPONENTS";

// "2025-12-10T09:00:00Z" as FILETIME; the text must be right.
FileTime Time(absl::string_view rfc3339);

// A named state of a host. The demo and the end-to-end tests run over all of them.
struct Scenario {
  const char* name;         // "failed-rollback"
  const char* description;  // One line.
  const char* outcome;      // "GO", "NO_GO", "INDETERMINATE"
  evidence::MemorySource (*build)();
};
const std::vector<Scenario>& Scenarios();

// Writes a volume below the existing directory `root`, with file times.
absl::Status WriteVolume(const evidence::MemorySource& volume, const std::string& root);

}  // namespace patchgate::testdata

#endif  // TESTDATA_FAKE_VOLUME_H_
