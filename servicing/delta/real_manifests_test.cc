// Manifests of a real build, and malformed deltas that broke other decoders. They are not ours to
// publish: the folder is named by the environment variable PATCHGATE_TEST_DATA; without it the
// tests say that they were skipped.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/delta/dcm.h"
#include "servicing/delta/delta.h"
#include "servicing/delta/pa30_encoder.h"
#include "servicing/digest/digest.h"
#include "servicing/store/identity.h"
#include "servicing/xml/xml_stream.h"

namespace patchgate::delta {
namespace {

using testing::HasSubstr;

// The bytes of a file; empty if there is no such file.
std::string Read(absl::string_view name) {
  const char* folder = std::getenv("PATCHGATE_TEST_DATA");
  if (folder == nullptr) return "";
  std::ifstream file(absl::StrCat(folder, "/dcm/", name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

constexpr absl::string_view kBase = "base_manifest.bin";

struct RealManifest {
  const char* test;
  const char* key;
  size_t size;         // Of the XML.
  const char* sha256;  // The same; no header states one.
};

const RealManifest kManifests[] = {
    {"Driver", "amd64_dual_netvg63a.inf_31bf3856ad364e35_10.0.26100.1_none_9162a10543917fc7",
     52'889, "bbc5cf55df9876c5684f41aaefdced6ac56bdffc85906eef833ef4546ebeacb5"},
    {"Smallest", "amd64_microsoft-windows-core_31bf3856ad364e35_10.0.26100.1_none_a943f5e781a44c5c",
     415, "35e21bbbdb4854ff60fb599a00fd7562dc0b4491f138b1d7dd89fba5e4b568e9"},
    {"Font",
     "amd64_microsoft-windows-font-truetype-gadugi_31bf3856ad364e35_10.0.26100.1_none_"
     "e1326a4c8dcc8ee1",
     2'305, "4eeda2114f9d1ce154ae88434202a2d483c02cb98df30f3886d855108d31de1b"},
};

void PrintTo(const RealManifest& m, std::ostream* os) { *os << m.test; }

// The key name by the first assemblyIdentity.
class KeyFinder : public xml::Handler {
 public:
  bool OnStart(absl::string_view element, const std::vector<xml::Attribute>& attributes) override {
    if (element != "assemblyIdentity") return true;
    const auto get = [&](absl::string_view name) {
      return xml::Find(attributes, name).value_or(absl::string_view());
    };
    store::Identity identity;
    identity.name = get("name");
    identity.culture = get("language");
    identity.type = get("type");
    identity.version = get("version");
    identity.public_key_token = get("publicKeyToken");
    identity.architecture = get("processorArchitecture");
    identity.version_scope = get("versionScope");
    if (key.empty()) key = store::ComponentKey(identity);
    return true;
  }
  std::string key;
};

class RealManifestsTest : public testing::TestWithParam<RealManifest> {};

TEST_P(RealManifestsTest, DecodesToTheManifestOfItsName) {
  const std::string base = Read(kBase), file = Read(absl::StrCat(GetParam().key, ".manifest"));
  if (base.empty()) GTEST_SKIP() << "no real manifests: PATCHGATE_TEST_DATA is not set";
  ASSERT_EQ(CodingOf(file), ManifestCoding::kDcm);
  const absl::StatusOr<Pa30Header> header = ReadPa30Header(absl::string_view(file).substr(4));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->target_time, kManifestTime);
  EXPECT_EQ(header->file_type_set, 1u);
  EXPECT_EQ(header->file_type, kFileTypeRaw);
  EXPECT_EQ(header->flags, 0x20000u);
  EXPECT_EQ(header->target_size, GetParam().size);
  EXPECT_EQ(header->hash_algorithm, kHashNone);
  EXPECT_EQ(header->target_hash, "");

  Pa30Decoder decoder;
  std::string buffer;
  const absl::StatusOr<absl::string_view> text = DecodeManifest(file, base, &decoder, &buffer);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(text->size(), GetParam().size);
  EXPECT_EQ(digest::ToHex(digest::Sha256(*text)), GetParam().sha256);
  KeyFinder finder;
  EXPECT_EQ(xml::Parse(*text, &finder), absl::OkStatus());
  EXPECT_EQ(finder.key, GetParam().key);
}

TEST_P(RealManifestsTest, OurEncodingStartsTheSame) {
  const std::string base = Read(kBase), file = Read(absl::StrCat(GetParam().key, ".manifest"));
  if (base.empty()) GTEST_SKIP() << "no real manifests: PATCHGATE_TEST_DATA is not set";
  Pa30Decoder decoder;
  std::string buffer, again;
  ASSERT_TRUE(DecodeManifest(file, base, &decoder, &buffer).ok());
  const std::string ours = EncodeDcm(buffer, base);
  EXPECT_EQ(ours.substr(0, 24), file.substr(0, 24));
  EXPECT_LT(ours.size(), file.size() * 5 / 4);
  const absl::StatusOr<absl::string_view> text = DecodeManifest(ours, base, &decoder, &again);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_TRUE(again == buffer);
}

// Nothing in the header would tell; the size and the first bytes do in most cases, and a reader of
// the text must do the rest.
TEST_P(RealManifestsTest, EveryLengthIsRefused) {
  const std::string base = Read(kBase), file = Read(absl::StrCat(GetParam().key, ".manifest"));
  if (base.empty()) GTEST_SKIP() << "no real manifests: PATCHGATE_TEST_DATA is not set";
  Pa30Decoder decoder;
  std::string buffer;
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(DecodeManifest(file.substr(0, size), base, &decoder, &buffer).ok()) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(All, RealManifestsTest, testing::ValuesIn(kManifests),
                         [](const auto& info) { return info.param.test; });

// Both are of file type AMD64.
TEST(MalformedDeltasTest, FailCleanly) {
  for (const char* name : {"fuzz_crash_1.pa30", "fuzz_crash_2.pa30"}) {
    const std::string delta = Read(name);
    if (delta.empty()) GTEST_SKIP() << "no real manifests: PATCHGATE_TEST_DATA is not set";
    Pa30Decoder decoder;
    std::string target;
    const absl::Status status = decoder.Apply(delta, Read(kBase), 1 << 20, &target);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << name;
    EXPECT_THAT(status.message(), HasSubstr("file type 0x8 (AMD64)")) << name;
    // Their streams reach further if the file type is changed: the first bits of the bit stream are
    // padding, then file type set and file type.
    for (int bits = 0; bits < 256; ++bits) {
      std::string changed = delta;
      changed[13] = static_cast<char>(bits);
      EXPECT_FALSE(decoder.Apply(changed, Read(kBase), 1 << 20, &target).ok()) << name;
    }
  }
}

}  // namespace
}  // namespace patchgate::delta
