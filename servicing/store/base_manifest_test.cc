#include "servicing/store/base_manifest.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/digest/digest.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/pe/pe_builder.h"

namespace patchgate::store {
namespace {

using testing::HasSubstr;

constexpr char kFolder[] =
    "Windows/WinSxS/amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.26100.4930_none_"
    "a52d0a0a3a5a6e5d";
constexpr char kPath[] =
    "Windows/WinSxS/amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.26100.4930_none_"
    "a52d0a0a3a5a6e5d/wcp.dll";

TEST(BaseManifestTest, Reads) {
  pe::PeBuilder wcp;
  wcp.AddResource(16, 1, 0x409, "version").AddResource(614, 1, 0x409, "<assembly/>");
  wcp.AddResource(614, 2, 0x409, "another");
  evidence::MemorySource source;
  source.AddFile(kPath, wcp.Build());
  const auto base = ReadBaseManifest(source, kFolder);
  ASSERT_TRUE(base.ok()) << base.status();
  EXPECT_EQ(base->path, kPath);
  EXPECT_EQ(base->bytes, "<assembly/>");
  EXPECT_EQ(base->sha256, digest::Sha256("<assembly/>"));
}

TEST(BaseManifestTest, Errors) {
  struct Case {
    const char* name;
    std::string file;
    absl::StatusCode code;
    const char* message;
  };
  const std::string sound = pe::PeBuilder().AddResource(614, 1, 0x409, "<assembly/>").Build();
  for (const Case& c : {
           Case{"empty file", "", absl::StatusCode::kInvalidArgument, "no PE image: 0 bytes"},
           Case{"no image", "text", absl::StatusCode::kInvalidArgument, "no PE image: 4 bytes"},
           Case{"cut off", sound.substr(0, 0x420), absl::StatusCode::kDataLoss,
                "section header at 0x1b0: raw data at 0x400"},
           Case{"no resources", pe::PeBuilder().Build(), absl::StatusCode::kNotFound,
                "the image has no resource directory"},
           Case{"no such type", pe::PeBuilder().AddResource(10, 1, 0, "x").Build(),
                absl::StatusCode::kNotFound, "resource directory at 0x400: no entry 614"},
           Case{"no such id", pe::PeBuilder().AddResource(614, 2, 0, "x").Build(),
                absl::StatusCode::kNotFound, "resource directory at 0x418: no entry 1"},
           Case{"empty resource", pe::PeBuilder().AddResource(614, 1, 0, "").Build(),
                absl::StatusCode::kDataLoss, "resource 614, 1: empty"},
           Case{"too large",
                pe::PeBuilder().AddResource(614, 1, 0, std::string((16 << 20) + 1, 'x')).Build(),
                absl::StatusCode::kResourceExhausted, "16777217 bytes, more than 16777216"},
       }) {
    SCOPED_TRACE(c.name);
    evidence::MemorySource source;
    source.AddFile(kPath, c.file);
    const auto base = ReadBaseManifest(source, kFolder);
    EXPECT_EQ(base.status().code(), c.code);
    EXPECT_THAT(base.status().message(), HasSubstr(c.message));
    EXPECT_THAT(base.status().message(), HasSubstr(kPath));
  }
}

TEST(BaseManifestTest, FileCannotBeOpened) {
  evidence::MemorySource source;
  const auto absent = ReadBaseManifest(source, kFolder);
  EXPECT_EQ(absent.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(absent.status().message(), HasSubstr(kPath));
  source.AddError(kPath, absl::PermissionDeniedError("refused"));
  EXPECT_EQ(ReadBaseManifest(source, kFolder).status().code(), absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace patchgate::store
