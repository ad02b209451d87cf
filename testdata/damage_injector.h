// Damages a store while it is written: files on their way to the volume, keys and values of the
// hives before they are built. See synthetic_store.h for what each kind of damage is.
#ifndef TESTDATA_DAMAGE_INJECTOR_H_
#define TESTDATA_DAMAGE_INJECTOR_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/store/store.pb.h"
#include "testdata/file_sink.h"
#include "testdata/random.h"
#include "testdata/store_builder.h"

namespace patchgate::testdata {

// Passes files on, those at some paths changed or not at all.
class DamagingSink : public FileSink {
 public:
  explicit DamagingSink(FileSink* out) : out_(out) {}

  // The file or link at `path` does not get there. Links to it do.
  void Drop(const std::string& path) { changes_[path] = nullptr; }
  // The file at `path` has other bytes; links to it have them, too. A link there becomes a file of
  // its own, made from no bytes.
  void Change(const std::string& path, std::function<std::string(std::string)> change) {
    changes_[path] = std::move(change);
  }

  void AddDirectory(absl::string_view path, FileTime modified) override;
  void AddFile(absl::string_view path, std::string bytes, FileTime modified) override;
  void AddLink(absl::string_view path, absl::string_view existing) override;

 private:
  struct Dropped {
    std::string bytes;
    FileTime modified;
  };

  FileSink* const out_;
  std::map<std::string, std::function<std::string(std::string)>, std::less<>> changes_;
  std::map<std::string, Dropped, std::less<>> dropped_;
};

// What can be damaged.
struct DamageCandidates {
  struct Component {
    std::string key;
    std::string identity;
    StoreRoles roles;
    bool superseded = false;
    std::vector<std::string> deployments;
    std::function<PreparedComponent()> make;
    // Names of files that may go or change: they are stored, and no manifest is decoded with them.
    std::vector<std::string> payload;
    // With no delta beside it, which would stand in for the file.
    std::vector<std::string> lonely_payload;
    std::vector<std::string> projections;  // Paths.
  };
  struct Deployment {
    std::string key;
    std::string identity;
    StoreRoles roles;
    std::string catalog;  // Thumbprint.
    bool only_one_of_catalog = false;
  };
  struct Package {
    std::string identity;
    StoreRoles roles;
  };
  std::vector<Component> components;
  std::vector<Deployment> deployments;
  std::vector<Package> packages;
  std::string lcu_version, lcu_build;  // Of what is added.
};

class DamageInjector {
 public:
  // All must outlive it; the hives' keys are those below which a StoreBuilder adds.
  DamageInjector(uint64_t seed, const DamageCandidates& candidates,
                 regf::HiveBuilder::Key* components, DamagingSink* sink)
      : random_(seed, 0xDA3A6E), candidates_(candidates), hive_(components), sink_(sink) {}

  // Plans `count` findings of a kind. Before anything is written. kResourceExhausted if there are
  // too few victims.
  absl::Status Plan(StoreDamageKind kind, int count);

  // Does to hives and volume what is not done while files are written. After everything is.
  void Finish(FileTime modified);

  // By kind and path.
  std::vector<StoreDamage> Expected() const;

 private:
  template <typename Candidate, typename Eligible>
  const Candidate* Choose(const std::vector<Candidate>& candidates, const Eligible& eligible);
  absl::Status PlanOne(StoreDamageKind kind, int number);
  bool PlanComponent(StoreDamageKind kind, int number);
  bool PlanFile(StoreDamageKind kind, int number);
  bool PlanManifest(StoreDamageKind kind, int number);
  bool PlanDeployment(StoreDamageKind kind, int number);
  bool PlanCatalog(StoreDamageKind kind);
  bool PlanPackage(StoreDamageKind kind);
  void PlanStranger(StoreDamageKind kind, int number);
  void Expect(StoreDamageKind kind, absl::string_view component, absl::string_view path);
  // To be done to a key of the COMPONENTS hive at the end.
  void Edit(const std::string& path, std::function<void(regf::HiveBuilder::Key*)> edit);

  struct Stranger {
    std::string path, bytes;
  };

  Random random_;
  int turn_ = 0;  // Which role's it is.
  const DamageCandidates& candidates_;
  regf::HiveBuilder::Key* const hive_;
  DamagingSink* const sink_;
  std::set<std::string> used_;  // Keys, thumbprints and packages that were damaged.
  std::vector<std::pair<std::string, std::function<void(regf::HiveBuilder::Key*)>>> edits_;
  std::vector<std::pair<std::string, std::string>> removed_keys_;  // Parent and name.
  std::vector<Stranger> strangers_;
  std::vector<StoreDamage> expected_;
};

}  // namespace patchgate::testdata

#endif  // TESTDATA_DAMAGE_INJECTOR_H_
