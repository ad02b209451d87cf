#include "testdata/healthy_store.h"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servicing/pe/format.h"
#include "servicing/store/identity.h"
#include "testdata/fake_images.h"

namespace patchgate::testdata {
namespace {

std::string KeyOf(const HealthyStore::Deployment& deployment) {
  return store::DeploymentKey(*store::ParseIdentity(deployment.deployment.identity));
}

HealthyStore::Deployment MakeDeployment(const char* name, const std::string& version,
                                        absl::string_view package, bool installed = true) {
  HealthyStore::Deployment made;
  made.deployment.identity = IdentityOf({name, version});
  made.deployment.packages = {{std::string(package), installed}};
  made.catalog_bytes = CatalogBytes(name);
  return made;
}

uint16_t MachineOf(absl::string_view architecture) {
  return architecture == "wow64" || architecture == "x86" ? pe::kMachineI386 : pe::kMachineAmd64;
}

class Maker {
 public:
  explicit Maker(HealthyStore* store) : store_(store) {}

  // One component of a deployment. Its files are made up from their names and its version.
  ComponentSpec& Add(size_t deployment, const IdentityParts& name,
                     std::vector<ComponentFile> files) {
    specs_.emplace_back();
    ComponentSpec& spec = specs_.back();
    spec.identity = IdentityOf(name);
    spec.deployments = {KeyOf(store_->deployments[deployment])};
    for (ComponentFile& file : files) {
      if (!file.bytes.empty()) continue;
      file.bytes = IsImageName(file.name)
                       ? ImageBytes({file.name, name.version, MachineOf(name.architecture)})
                       : PayloadBytes(absl::StrCat(spec.identity, file.name), 300);
    }
    spec.files = std::move(files);
    return spec;
  }

  void Finish() {
    for (ComponentSpec& spec : specs_) store_->components.push_back(Prepare(std::move(spec)));
  }

 private:
  HealthyStore* store_;
  std::vector<ComponentSpec> specs_;
};

std::unique_ptr<HealthyStore> Make(uint32_t revision, absl::string_view package) {
  auto store = std::make_unique<HealthyStore>();
  const std::string lcu = absl::StrCat("10.0.26100.", revision);
  const std::string first = "10.0.26100.1", before = "10.0.26100.1742";
  enum { kStack, kLcu, kFeatures, kOcr };
  store->deployments = {
      MakeDeployment("Microsoft-Windows-ServicingStack-Deployment", kStackVersion, kStackPackage),
      MakeDeployment("Microsoft-Windows-RollupFix-Deployment050", lcu, package),
      MakeDeployment("Microsoft-Windows-Client-Features-Deployment", first, kFeaturesPackage),
      MakeDeployment("Microsoft-Windows-LanguageFeatures-OCR-de-de-Deployment", first, kOcrPackage,
                     /*installed=*/false),
  };

  Maker maker(store.get());
  maker.Add(kStack, {"Microsoft-Windows-ServicingStack", kStackVersion},
            {{"wcp.dll", kStoreOnly, "", WcpDll()},
             {"cbscore.dll"},
             {"TiWorker.exe"},
             {"poqexec.exe", kSystem32}});
  maker.Add(kStack, {"Microsoft-Windows-ServicingStack.Resources", kStackVersion, "amd64", "en-US"},
            {{"CbsMsg.dll.mui"}});
  maker.Add(kStack, {"Microsoft-Windows-TrustedInstaller", kStackVersion},
            {{"TrustedInstaller.exe", kWindows, "servicing"}});
  maker.Add(kLcu, {"Microsoft-Windows-OS-Kernel", lcu}, {{"ntoskrnl.exe", kSystem32}});
  maker.Add(kLcu, {"Microsoft-Windows-HAL", lcu}, {{"hal.dll", kSystem32}});
  maker.Add(kLcu, {"Microsoft-Windows-CodeIntegrity", lcu}, {{"ci.dll", kSystem32}});
  maker.Add(kLcu, {"Microsoft-Windows-BootEnvironment-Windows", lcu}, {{"winload.efi", kSystem32}});
  maker.Add(kFeatures, {"dual_disk.inf", first, "amd64", "", "dualModeDriver"},
            {{"disk.inf"}, {"disk.sys", kDrivers}});
  maker.Add(kLcu, {"Microsoft-Windows-Notepad", lcu},
            {{"notepad.exe", kSystem32, "", "", /*with_deltas=*/true}});
  ComponentSpec& superseded =
      maker.Add(kFeatures, {"Microsoft-Windows-Notepad", before}, {{"notepad.exe", kSystem32}});
  superseded.flags = 0x40;
  superseded.winner = false;
  maker.Add(kLcu, {"Microsoft-Windows-Notepad", lcu, "wow64"}, {{"notepad.exe", kSystem32}});
  maker.Add(kFeatures, {"Microsoft-Windows-Notepad.Resources", first, "amd64", "de-DE"},
            {{"notepad.exe.mui", kSystem32, "de-DE"}});
  maker
      .Add(kLcu,
           {"Microsoft.Windows.Common-Controls", absl::StrCat("6.0.26100.", revision), "amd64", "",
            "win32", "6595b64144ccf1df", ""},
           {{"comctl32.dll"}})
      .plain_manifest = true;
  maker.Add(kFeatures, {"Microsoft-Windows-Foundation-Settings", first}, {}).flags = 0x80;
  maker
      .Add(kOcr, {"Microsoft-Windows-OCR-Recognizer-German", first, "amd64", "de-DE"},
           {{"MsOcrRes.orp", kSystem32, "OCR"},
            {"Windows.Media.Ocr.Recognizer.German.dll", kSystem32}})
      .winner = false;
  maker.Finish();
  return store;
}

}  // namespace

const std::string& StackFolder() {
  static const auto& folder = *new std::string(store::ComponentKey(
      *store::ParseIdentity(IdentityOf({"Microsoft-Windows-ServicingStack", kStackVersion}))));
  return folder;
}

const HealthyStore& HealthyStoreOf(uint32_t revision, absl::string_view package) {
  static auto& mutex = *new std::mutex;
  static auto& made =
      *new std::map<std::pair<uint32_t, std::string>, std::unique_ptr<HealthyStore>>;
  const std::lock_guard<std::mutex> lock(mutex);
  std::unique_ptr<HealthyStore>& store = made[{revision, std::string(package)}];
  if (store == nullptr) store = Make(revision, package);
  return *store;
}

void AddHealthyStore(const HealthyStore& store, StoreBuilder* builder) {
  for (const HealthyStore::Deployment& d : store.deployments) {
    StoreBuilder::Deployment deployment = d.deployment;
    deployment.catalog = builder->AddCatalog(d.catalog_bytes);
    builder->AddDeployment(deployment);
  }
  for (const PreparedComponent& component : store.components) builder->AddComponent(component);
}

}  // namespace patchgate::testdata
