// Fuzz target of the manifest reader.
//
// Random bytes are seldom XML, so an input is a list of edits to a sound manifest: byte 0 chooses
// it. Each edit has 4 bytes: 16 bits of offset, what to do there (store a byte, insert one, take 16
// bytes out, insert a piece of a manifest) and the byte or the number of the piece. Byte 0 = 0xFF
// takes what follows as the manifest itself, 0xFE as destination and name of a file, separated by
// a NUL.
//
// Inputs of more than 64 KiB say nothing that smaller ones do not, and are refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/base/little_endian.h"
#include "servicing/store/identity.h"
#include "servicing/store/manifest.h"

namespace patchgate::store {
namespace {

constexpr size_t kLargestInput = 64 << 10;

constexpr absl::string_view kSeeds[] = {
    // A component of Windows.
    R"(<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0">
  <assemblyIdentity name="Contoso-Windows-Sample" version="10.0.26100.1" processorArchitecture="wow64" language="en-US" buildType="release" publicKeyToken="31bf3856ad364e35" versionScope="nonSxS" />
  <file name="sample.dll" destinationPath="$(runtime.system32)\en-US\" sourceName="sample.dll" writeableType="dynamic">
    <asmv2:hash xmlns:asmv2="urn:schemas-microsoft-com:asm.v2" xmlns:dsig="http://www.w3.org/2000/09/xmldsig#">
      <dsig:Transforms>
        <dsig:Transform Algorithm="urn:schemas-microsoft-com:HashTransforms.Identity" />
      </dsig:Transforms>
      <dsig:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha256" />
      <dsig:DigestValue>AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=</dsig:DigestValue>
    </asmv2:hash>
  </file>
</assembly>)",
    // A side-by-side assembly.
    R"(<assembly xmlns="urn:schemas-microsoft-com:asm.v1" xmlns:v3="urn:schemas-microsoft-com:asm.v3">
  <assemblyIdentity type="win32" name="Contoso.Sample" version="1.0.0.0" processorArchitecture="x86" publicKeyToken="31bf3856ad364e35"/>
  <file name="sample.dll" hash="00" hashalg="SHA1" v3:sourceName=""><hash/></file>
  <dependency><dependentAssembly><assemblyIdentity name="Other" version="1.0.0.0"/></dependentAssembly></dependency>
</assembly>)",
};

constexpr absl::string_view kPieces[] = {
    "<file name='a'>",  "</file>", "<hash>", "</hash>", "<assemblyIdentity name='a' version='1'/>",
    "<DigestValue>",    "]]>",     "<!--",   "-->",     "<![CDATA[",
    "<!DOCTYPE a [",    "&amp;",   "&#x0;",  "xmlns:",  "$(runtime.bootDrive)\\..\\",
    "</DigestValue>\n",
};

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckPath(const absl::optional<std::string>& path) {
  if (!path) return;
  Require(!path->empty() && path->front() != '/' && path->back() != '/');
  for (const absl::string_view bad : {"..", "//", "\\", ":", "$("}) {
    // Two dots may stand inside a name, but are no part of their own.
    const std::string part = bad == ".." ? "/../" : std::string(bad);
    Require(("/" + *path + "/").find(part) == std::string::npos);
  }
}

// Whatever the manifest says, what is read of it must be fit for use, and the same when read again.
void Read(absl::string_view xml) {
  Manifest manifest;
  manifest.files.resize(3);
  const absl::Status status = ReadManifest(xml, &manifest);
  if (!status.ok()) {
    Require(!status.message().empty() && manifest.identity.empty() && manifest.files.empty());
    return;
  }
  Require(!manifest.identity.empty() && !manifest.key.empty());
  Require(manifest.files.size() <= xml.size() / absl::string_view("<file name='a'/>").size());
  for (const ManifestFile& file : manifest.files) {
    Require(!file.name.empty() && (file.sha256.empty() || file.sha256.size() == 32));
    CheckPath(ProjectedPath(file.destination, file.name, ArchitectureOfKey(manifest.key)));
  }
  Manifest again;
  Require(ReadManifest(xml, &again).ok());
  Require(again.key == manifest.key && again.files.size() == manifest.files.size());
  for (size_t i = 0; i < again.files.size(); ++i) {
    Require(again.files[i].sha256 == manifest.files[i].sha256);
    Require(again.files[i].writable == manifest.files[i].writable);
  }
}

void Apply(absl::string_view edit, std::string* xml) {
  const size_t at = LoadLe16(edit.data()) % (xml->size() + 1);
  switch (edit[2] & 3) {
    case 0:
      if (at < xml->size()) (*xml)[at] = edit[3];
      break;
    case 1:
      xml->insert(at, 1, edit[3]);
      break;
    case 2:
      xml->erase(at, 16);
      break;
    case 3:
      const absl::string_view piece =
          kPieces[static_cast<unsigned char>(edit[3]) % (sizeof(kPieces) / sizeof(kPieces[0]))];
      xml->insert(at, piece.data(), piece.size());
      break;
  }
}

}  // namespace
}  // namespace patchgate::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchgate::store;  // NOLINT: the entry point cannot be in the namespace.
  if (size == 0 || size > kLargestInput) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0xFF) {
    Read(rest);
    return 0;
  }
  if (data[0] == 0xFE) {
    const size_t end = rest.find('\0');
    if (end == absl::string_view::npos) return 0;
    for (const char* architecture : {"amd64", "wow64", "?"}) {
      CheckPath(ProjectedPath(rest.substr(0, end), rest.substr(end + 1), architecture));
    }
    return 0;
  }
  std::string xml(kSeeds[data[0] % (sizeof(kSeeds) / sizeof(kSeeds[0]))]);
  for (size_t at = 0; at + 4 <= rest.size(); at += 4) Apply(rest.substr(at, 4), &xml);
  Read(xml);
  return 0;
}
