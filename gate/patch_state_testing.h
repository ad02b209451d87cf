// Snapshots of a host's patch level for tests, without a volume.
#ifndef GATE_PATCH_STATE_TESTING_H_
#define GATE_PATCH_STATE_TESTING_H_

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "servicing/base/utf16.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate {

// 64 hexadecimal digits that stand for a file's SHA-256.
inline std::string FileHash(absl::string_view bytes) {
  uint64_t hash = 14695981039346656037u;  // FNV-1a.
  for (const unsigned char c : bytes) hash = (hash ^ c) * 1099511628211u;
  return absl::StrFormat("%064x", hash);
}

//   PatchHostBuilder("26100", 7462).Set("ntdll.dll", "10.0.26100.6899").Build()
//
// A host at that level: UBR, one installed RollupFix package, and six probes, of which three carry
// the revision: ntoskrnl.exe, ci.dll and winload.efi, which it boots with; hal.dll, ntdll.dll and
// win32kfull.sys are older.
class PatchHostBuilder {
 public:
  PatchHostBuilder(const std::string& build, uint32_t revision) {
    snapshot_.set_source("memory");
    OsIdentity* os = snapshot_.mutable_os();
    Collected("SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", os->mutable_collection());
    os->set_current_build(build);
    os->set_ubr(revision);
    os->set_installation_type("Client");
    os->set_edition_id("Enterprise");
    Collected("SOFTWARE\\…\\Packages", snapshot_.mutable_cbs_packages()->mutable_collection());
    const std::string base = build == "26200" ? "26100" : build;
    const std::string version = absl::StrCat("10.0.", base, ".", revision);
    for (const char* name : {"ntoskrnl.exe", "ci.dll", "winload.efi"}) {
      Probe(Path(name), version, true);
    }
    Probe(Path("hal.dll"), absl::StrCat("10.0.", base, ".1"), true);
    Probe(Path("ntdll.dll"), absl::StrCat("10.0.", base, ".5"), false);
    Probe(Path("win32kfull.sys"), absl::StrCat("10.0.", base, ".6"), false);
    Rollup(absl::StrCat(base, ".", revision));
  }

  // The probe `name` of System32 has this version now; its bytes are "name version".
  PatchHostBuilder& Set(const std::string& name, const std::string& version) {
    SetFile(Path(name), version);
    return *this;
  }
  PatchHostBuilder& AllFiles(const std::string& version) {
    for (const auto& probe : snapshot_.probes().probes()) SetFile(probe.path(), version);
    return *this;
  }
  PatchHostBuilder& Probe(const std::string& path, const std::string& version, bool boot_critical,
                          bool lcu = true) {
    auto* probe = snapshot_.mutable_probes()->add_probes();
    probe->set_path(path);
    probe->set_lcu(lcu);
    probe->set_boot_critical(boot_critical);
    probe->set_why("test");
    SetFile(path, version);
    return *this;
  }
  // The build in the versions of all files and of the package.
  PatchHostBuilder& Rebase(const std::string& base) {
    const std::string build = snapshot_.os().current_build();
    for (auto& [path, image] : images_) {
      const std::string old = absl::StrCat("10.0.", build, ".");
      std::string version = image.file_version();
      if (absl::StartsWith(version, old)) {
        SetFile(path, absl::StrCat("10.0.", base, ".", version.substr(old.size())));
      }
    }
    return Rollup(absl::StrCat(base, ".", snapshot_.os().ubr()));
  }
  PatchHostBuilder& Build(const std::string& build) {
    snapshot_.mutable_os()->set_current_build(build);
    return *this;
  }
  PatchHostBuilder& Ubr(uint32_t ubr) {
    snapshot_.mutable_os()->set_ubr(ubr);
    return *this;
  }
  PatchHostBuilder& NoUbr() {
    snapshot_.mutable_os()->clear_ubr();
    return *this;
  }
  PatchHostBuilder& LcuVer(const std::string& version) {
    snapshot_.mutable_os()->set_lcu_ver(version);
    return *this;
  }
  PatchHostBuilder& Server() {
    snapshot_.mutable_os()->set_installation_type("Server");
    return *this;
  }
  PatchHostBuilder& Rollup(const std::string& build) {
    NoRollup();
    return Package(build, 112);
  }
  PatchHostBuilder& NoRollup() {
    snapshot_.mutable_cbs_packages()->clear_packages();
    return *this;
  }
  PatchHostBuilder& Package(const std::string& build, uint32_t state) {
    return AddPackage(absl::StrCat("Package_for_RollupFix~31bf3856ad364e35~amd64~~", build, ".1.9"),
                      state);
  }
  // In place of the one before.
  PatchHostBuilder& StackPackage(const std::string& build) {
    auto* packages = snapshot_.mutable_cbs_packages()->mutable_packages();
    for (int i = packages->size() - 1; i >= 0; --i) {
      if (absl::StartsWith(packages->Get(i).identity(), "Package_for_ServicingStack")) {
        packages->DeleteSubrange(i, 1);
      }
    }
    return AddPackage(
        absl::StrCat("Package_for_ServicingStack~31bf3856ad364e35~amd64~~", build, ".1.0"), 112);
  }
  PatchHostBuilder& Stack(const std::string& version) {
    snapshot_.mutable_servicing_stack()->clear_versions();
    return SecondStack(version);
  }
  PatchHostBuilder& SecondStack(const std::string& version) {
    ServicingStackVersion* stack = snapshot_.mutable_servicing_stack()->add_versions();
    stack->set_version(version);
    stack->set_folder("%SystemRoot%\\WinSxS\\amd64_microsoft-windows-servicingstack_x");
    stack->mutable_on_disk()->set_source(
        "Windows\\WinSxS\\amd64_microsoft-windows-servicingstack_x");
    return *this;
  }
  // Where on the volume the last one's folder is; empty if it is not there.
  PatchHostBuilder& StackFolder(const std::string& folder) {
    auto* versions = snapshot_.mutable_servicing_stack()->mutable_versions();
    versions->rbegin()->mutable_on_disk()->set_source(folder);
    return *this;
  }
  PatchHostBuilder& Wcp(const std::string& version) {
    SetFile("Windows/WinSxS/amd64_microsoft-windows-servicingstack_x/wcp.dll", version);
    return *this;
  }
  // The store's winner for the probe `name`; by default with the bytes that Set would give.
  PatchHostBuilder& Store(const std::string& name, const std::string& version,
                          std::string bytes = "") {
    if (bytes.empty()) bytes = absl::StrCat(name, " ", version, " of the store");
    StoreBootFile* file = snapshot_.mutable_store_verification()->add_boot_files();
    file->set_component(absl::StrCat("amd64_microsoft-windows-", name, "_", version));
    file->set_destination(Path(name));
    file->set_payload(absl::StrCat("Windows/WinSxS/", file->component(), "/", name));
    file->set_sha256(FileHash(bytes));
    file->set_payload_sha256(FileHash(bytes));
    file->set_payload_version(version);
    return *this;
  }
  // The payload's version could not be read; that of the component is in its key.
  PatchHostBuilder& StoreWithoutVersion(const std::string& name, const std::string& version) {
    Store(name, version);
    auto* files = snapshot_.mutable_store_verification()->mutable_boot_files();
    files->rbegin()->clear_payload_version();
    files->rbegin()->set_component(
        absl::StrCat("amd64_microsoft-windows-x_31bf3856ad364e35_", version, "_none_0123456789"));
    return *this;
  }
  PatchHostBuilder& AbsentFile(const std::string& path) {
    ImageFacts& image = images_[path];
    image.mutable_collection()->set_source(path);
    image.mutable_collection()->set_status(Collection::ABSENT);
    return *this;
  }
  PatchHostBuilder& Unreadable(const std::string& name, const std::string& reason) {
    Collection* collection = Clear(name);
    collection->set_status(Collection::UNREADABLE);
    collection->set_reason(reason);
    return *this;
  }
  PatchHostBuilder& Absent(const std::string& name) {
    Clear(name)->set_status(Collection::ABSENT);
    return *this;
  }
  PatchHostBuilder& NoImage(const std::string& name) {
    Clear(name)->set_status(Collection::COLLECTED);
    images_[Path(name)].set_image_error("no MZ signature at 0x0");
    images_[Path(name)].set_sha256(FileHash("text"));
    return *this;
  }
  PatchHostBuilder& NoFiles() {
    for (auto& [path, image] : images_) {
      image.Clear();
      image.mutable_collection()->set_source(path);
      image.mutable_collection()->set_status(Collection::ABSENT);
    }
    return *this;
  }
  PatchHostBuilder& NoProbes() {
    snapshot_.clear_probes();
    images_.clear();
    return *this;
  }
  Snapshot Build() const {
    Snapshot snapshot = snapshot_;
    std::map<std::string, const ImageFacts*> sorted;
    for (const auto& [path, image] : images_) sorted[UpcaseUtf8(path)] = &image;
    for (const auto& [path, image] : sorted) *snapshot.add_images() = *image;
    return snapshot;
  }

 private:
  static std::string Path(const std::string& name) {
    return absl::StrCat("Windows/System32/", name);
  }
  static void Collected(const char* source, Collection* collection) {
    collection->set_status(Collection::COLLECTED);
    collection->set_source(source);
  }
  PatchHostBuilder& AddPackage(std::string identity, uint32_t state) {
    CbsPackage* package = snapshot_.mutable_cbs_packages()->add_packages();
    package->set_identity(std::move(identity));
    package->set_current_state(state);
    return *this;
  }
  Collection* Clear(const std::string& name) {
    ImageFacts& image = images_[Path(name)];
    image.Clear();
    image.mutable_collection()->set_source(Path(name));
    return image.mutable_collection();
  }
  void SetFile(const std::string& path, const std::string& version) {
    ImageFacts& image = images_[path];
    image.Clear();
    Collected(path.c_str(), image.mutable_collection());
    const std::string name = path.substr(path.rfind('/') + 1);
    image.set_size(4096);
    image.set_sha256(FileHash(absl::StrCat(name, " ", version)));
    image.set_is_image(true);
    image.set_machine(0x8664);
    image.set_file_version(version);
  }

  Snapshot snapshot_;
  std::map<std::string, ImageFacts> images_;
};

}  // namespace patchgate::gate

#endif  // GATE_PATCH_STATE_TESTING_H_
