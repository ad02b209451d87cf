#include "testdata/store_builder.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "servicing/base/little_endian.h"
#include "servicing/delta/pa30_encoder.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/pe/version_builder.h"
#include "servicing/pe/version_format.h"
#include "servicing/store/identity.h"
#include "testdata/base_manifest.h"
#include "testdata/random.h"

namespace patchgate::testdata {

using absl::StrAppend;
using absl::StrCat;
using regf::HiveBuilder;

namespace {

constexpr char kWinSxS[] = "Windows/WinSxS/";
constexpr char kPackages[] = "Windows/servicing/Packages/";
constexpr uint32_t kPayloadDeleted = 0x40;

absl::string_view View(const digest::Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Identities come from the code that calls.
store::Identity Parse(absl::string_view identity) {
  const absl::StatusOr<store::Identity> parsed = store::ParseIdentity(identity);
  if (!parsed.ok()) std::abort();
  return *parsed;
}

// Up to `limit` characters of `name` with '_' and 16 hex digits; shorter ones as they are. The hash
// of Windows is not known: this is one of our own.
std::string Shortened(absl::string_view name, size_t limit) {
  if (name.size() <= limit) return std::string(name);
  return StrCat(name.substr(0, limit), "_",
                absl::Hex(SeedOf(absl::AsciiStrToLower(name)), absl::kZeroPad16));
}

bool IsDeleted(const ComponentSpec& spec) {
  return (spec.flags.value_or(0) & kPayloadDeleted) != 0;
}

// "nonSxS" in manifests, "NonSxS" in COMPONENTS.
void AppendIdentity(const store::Identity& identity, std::string* xml) {
  StrAppend(xml, "  <assemblyIdentity name=\"", identity.name, "\" version=\"", identity.version,
            "\" processorArchitecture=\"", identity.architecture, "\" language=\"",
            identity.culture.empty() ? "neutral" : identity.culture,
            "\" buildType=\"release\" publicKeyToken=\"", identity.public_key_token, "\"");
  if (!identity.type.empty()) StrAppend(xml, " type=\"", identity.type, "\"");
  if (!identity.version_scope.empty()) StrAppend(xml, " versionScope=\"nonSxS\"");
  StrAppend(xml, " />\r\n");
}

void AppendFile(const ComponentFile& file, std::string* xml) {
  StrAppend(xml, "  <file name=\"", file.name, "\"");
  if (file.place.destination != nullptr) {
    StrAppend(xml, " destinationPath=\"", file.place.destination, file.subfolder,
              file.subfolder.empty() ? "" : "\\", "\"");
  }
  StrAppend(xml, " sourceName=\"", file.name, "\" importPath=\"$(build.nttree)\\\">\r\n",
            "    <securityDescriptor name=\"WRP_FILE_DEFAULT_SDDL\" />\r\n"
            "    <asmv2:hash xmlns:asmv2=\"urn:schemas-microsoft-com:asm.v2\">\r\n"
            "      <dsig:Transforms xmlns:dsig=\"http://www.w3.org/2000/09/xmldsig#\">\r\n"
            "        <dsig:Transform Algorithm=\"urn:schemas-microsoft-com:"
            "HashTransforms.Identity\" />\r\n"
            "      </dsig:Transforms>\r\n"
            "      <dsig:DigestMethod xmlns:dsig=\"http://www.w3.org/2000/09/xmldsig#\""
            " Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha256\" />\r\n"
            "      <dsig:DigestValue xmlns:dsig=\"http://www.w3.org/2000/09/xmldsig#\">",
            absl::Base64Escape(View(digest::Sha256(file.bytes))),
            "</dsig:DigestValue>\r\n    </asmv2:hash>\r\n  </file>\r\n");
}

void AppendRegistryKeys(const store::Identity& identity, int count, std::string* xml) {
  if (count == 0) return;
  Random random(store::IdentityHash(identity));
  StrAppend(xml, "  <registryKeys>\r\n");
  for (int i = 0; i < count; ++i) {
    StrAppend(xml, "    <registryKey keyName=\"HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\",
              identity.name, "\\", absl::Hex(random.Below(0x10000)), "\">\r\n",
              "      <registryValue name=\"Enabled\" valueType=\"REG_DWORD\" value=\"0x0000000",
              random.Below(2), "\" />\r\n",
              "      <registryValue name=\"Identifier\" valueType=\"REG_SZ\" value=\"{",
              absl::Hex(random.Next(), absl::kZeroPad16), "}\" />\r\n    </registryKey>\r\n");
  }
  StrAppend(xml, "  </registryKeys>\r\n");
}

std::string ManifestXml(const ComponentSpec& spec) {
  const store::Identity identity = Parse(spec.identity);
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n"
      "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v3\" manifestVersion=\"1.0\">\r\n";
  AppendIdentity(identity, &xml);
  for (const ComponentFile& file : spec.files) AppendFile(file, &xml);
  AppendRegistryKeys(identity, spec.registry_keys, &xml);
  StrAppend(&xml, "</assembly>\r\n");
  return xml;
}

}  // namespace

std::string IdentityOf(const IdentityParts& parts) {
  store::Identity identity;
  identity.name = parts.name;
  identity.version = parts.version;
  identity.architecture = parts.architecture;
  identity.culture = parts.culture;
  identity.type = parts.type;
  identity.public_key_token = parts.public_key_token;
  identity.version_scope = parts.version_scope;
  return store::FormatIdentity(identity);
}

std::string ManifestPath(absl::string_view component_key) {
  return StrCat(kWinSxS, "Manifests/", component_key, ".manifest");
}
std::string PayloadPath(absl::string_view component_key, absl::string_view file) {
  return StrCat(kWinSxS, component_key, "/", file);
}
std::string CatalogPath(absl::string_view thumbprint) {
  return StrCat(kWinSxS, "Catalogs/", thumbprint, ".cat");
}
std::string PackageManifestPath(absl::string_view package) {
  return StrCat(kPackages, package, ".mum");
}
std::string PackageCatalogPath(absl::string_view package) {
  return StrCat(kPackages, package, ".cat");
}

std::string ProjectionPath(const PreparedComponent& component, size_t file) {
  const ComponentFile& f = component.spec.files[file];
  if (!component.spec.winner || IsDeleted(component.spec) || f.place.folder == nullptr) return "";
  const bool is_64_bit = component.architecture == "amd64" || component.architecture == "arm64";
  return StrCat(is_64_bit ? f.place.folder : f.place.folder32, "/", f.subfolder,
                f.subfolder.empty() ? "" : "/", f.name);
}

std::string PackageManifest(absl::string_view package) {
  std::vector<std::string> parts = absl::StrSplit(package, '~');
  parts.resize(5);
  for (std::string& part : parts) {
    part = absl::StrReplaceAll(part, {{"&", "&amp;"}, {"'", "&apos;"}});
  }
  return StrCat(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
      "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v3\" manifestVersion=\"1.0\">\r\n"
      "  <assemblyIdentity name=\"",
      parts[0], "\" version=\"", parts[4], "\" processorArchitecture=\"", parts[2],
      "\" language=\"", parts[3].empty() ? "neutral" : parts[3],
      "\" buildType=\"release\" publicKeyToken=\"", parts[1], "\" />\r\n  <package identifier=\"",
      parts[0], "\" releaseType=\"Update\" />\r\n</assembly>\r\n");
}

std::string CatalogBytes(absl::string_view name, size_t size) {
  // ContentInfo of PKCS #7, signedData; what follows is noise.
  std::string bytes("\x30\x82\x00\x00\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02", 15);
  bytes += Random(SeedOf(name)).Bytes(size > bytes.size() ? size - bytes.size() : 0);
  const size_t length = bytes.size() - 4;
  bytes[2] = static_cast<char>(length >> 8);
  bytes[3] = static_cast<char>(length);
  return bytes;
}

std::string PayloadBytes(absl::string_view name, size_t size) {
  std::string bytes = Random(SeedOf(name)).Bytes(size);
  if (size >= 2) bytes.replace(0, 2, "MZ");
  return bytes;
}

const std::string& WcpDll() {
  static const auto& dll = *new std::string([] {
    pe::VersionInfo version;
    version.file_version = StoreBuilder::Options().stack_version;
    return pe::PeBuilder()
        .AddResource(kBaseManifestResource, 1, 0x409, BaseManifest())
        .AddResource(pe::kVersionResourceType, pe::kVersionResourceId, 0x409,
                     pe::BuildVersionResource(version))
        .Build();
  }());
  return dll;
}

std::string StoredManifest(absl::string_view xml, bool plain) {
  if (plain) return std::string(xml);
  thread_local delta::Pa30Encoder encoder(BaseManifest());
  return encoder.EncodeDcm(xml);
}

PreparedComponent Prepare(ComponentSpec spec) {
  PreparedComponent component;
  const store::Identity identity = Parse(spec.identity);
  component.key = store::ComponentKey(identity);
  component.family = store::FamilyKey(identity);
  component.version = std::string(identity.version);
  component.architecture = std::string(identity.architecture);
  component.manifest = ManifestXml(spec);
  component.stored_manifest = StoredManifest(component.manifest, spec.plain_manifest);
  component.manifest_hash = digest::Sha256(component.manifest);
  component.spec = std::move(spec);
  return component;
}

StoreBuilder::StoreBuilder(HiveBuilder::Key* components, HiveBuilder::Key* software,
                           FileSink* files, Options options)
    : options_(std::move(options)),
      files_(files),
      components_(components->AddKey("DerivedData\\Components")),
      deployments_(components->AddKey("CanonicalData\\Deployments")),
      catalogs_(components->AddKey("CanonicalData\\Catalogs")),
      families_(components->AddKey(StrCat("DerivedData\\VersionedIndex\\", options_.stack_version,
                                          " (WinBuild.160101.0800)\\ComponentFamilies"))),
      winners_(software->AddKey("Microsoft\\Windows\\CurrentVersion\\SideBySide\\Winners")),
      packages_(software->AddKey(
          "Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages")) {}

std::string StoreBuilder::AddCatalog(std::string bytes) {
  const std::string thumbprint = digest::ToHex(digest::Sha256(bytes));
  catalogs_->AddKey(thumbprint);
  files_->AddFile(CatalogPath(thumbprint), std::move(bytes), options_.modified);
  return thumbprint;
}

std::string StoreBuilder::AddDeployment(const Deployment& deployment) {
  const std::string key = store::DeploymentKey(Parse(deployment.identity));
  HiveBuilder::Key* hive_key = deployments_->AddKey(key);
  hive_key->SetBinary("appid", deployment.identity);
  hive_key->SetString("CatalogThumbprint", deployment.catalog);
  for (const Deployment::Package& package : deployment.packages) {
    const std::string name = StrCat("CBS_", Shortened(absl::AsciiStrToLower(package.identity), 60));
    std::string data(8, '\0');
    StoreLe32(&data[0], static_cast<uint32_t>(package.identity.size()));
    data += package.identity;
    hive_key->SetBinary(StrCat("p!", name), data);
    hive_key->SetBinary(StrCat(package.installed ? "i!" : "s!", name), data);
  }
  catalogs_->AddKey(deployment.catalog)->SetBinary(StrCat("c!", key), "");
  return key;
}

HiveBuilder::Key* StoreBuilder::AddComponent(const PreparedComponent& component) {
  const ComponentSpec& spec = component.spec;
  HiveBuilder::Key* key = components_->AddKey(component.key);
  key->SetBinary("identity", spec.identity);
  key->SetBinary("S256H", View(component.manifest_hash));
  if (spec.flags.has_value()) key->SetDword("CF", *spec.flags);
  for (const std::string& deployment : spec.deployments) {
    key->SetBinary(StrCat("c!", deployment), "");
  }
  for (const ComponentFile& file : spec.files) {
    key->SetDword(StrCat("f!", Shortened(file.name, 25)), file.with_deltas ? 0x41 : 1);
  }
  families_->AddKey(component.family);
  if (spec.winner) {
    const std::vector<absl::string_view> parts = absl::StrSplit(component.version, '.');
    winners_->AddKey(component.family)
        ->AddKey(StrCat(parts[0], ".", parts[1]))
        ->SetString("", component.version)
        ->SetBinary(component.version, "\x01");
  }
  files_->AddFile(ManifestPath(component.key), component.stored_manifest, options_.modified);
  if (!IsDeleted(spec) && !spec.files.empty()) AddPayload(component);
  return key;
}

void StoreBuilder::AddPayload(const PreparedComponent& component) {
  files_->AddDirectory(StrCat(kWinSxS, component.key), options_.modified);
  for (size_t i = 0; i < component.spec.files.size(); ++i) {
    const ComponentFile& file = component.spec.files[i];
    const std::string path = PayloadPath(component.key, file.name);
    files_->AddFile(path, file.bytes, options_.modified);
    const std::string projection = ProjectionPath(component, i);
    if (!projection.empty()) files_->AddLink(projection, path);
    if (!file.with_deltas) continue;
    for (const char* folder : {"r/", "f/"}) {
      const std::string delta = PayloadPath(component.key, StrCat(folder, file.name));
      files_->AddFile(delta, StrCat("PA30", Random(SeedOf(delta)).Bytes(60)), options_.modified);
    }
  }
}

HiveBuilder::Key* StoreBuilder::AddPackage(absl::string_view package, uint32_t state) {
  AddPackageFiles(package, options_.modified, files_);
  return packages_->AddKey(package)
      ->SetDword("CurrentState", state)
      ->SetDword("InstallTimeHigh", static_cast<uint32_t>(options_.modified >> 32))
      ->SetDword("InstallTimeLow", static_cast<uint32_t>(options_.modified))
      ->SetString("InstallClient", "DISM Package Manager Provider")
      ->SetString("InstallName", StrCat(package, ".mum"))
      ->SetDword("SelfUpdate", 0)
      ->SetDword("Visibility", 2)
      ->set_last_written(options_.modified);
}

void StoreBuilder::AddPackageFiles(absl::string_view package, FileTime modified, FileSink* files) {
  files->AddFile(PackageManifestPath(package), PackageManifest(package), modified);
  files->AddFile(PackageCatalogPath(package), CatalogBytes(package), modified);
}

}  // namespace patchgate::testdata
