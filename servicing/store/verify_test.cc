#include "servicing/store/verify.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/counting_source.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/files/file_memory.h"
#include "servicing/files/image_reader.h"
#include "servicing/registry/offline_registry.h"
#include "servicing/store/base_manifest.h"
#include "testdata/fake_images.h"
#include "testdata/fake_volume.h"
#include "testdata/healthy_store.h"
#include "testdata/store_builder.h"
#include "testdata/synthetic_store.h"

namespace patchgate::store {
namespace {

using evidence::MemorySource;
using testdata::StoreShape;
using testdata::SyntheticStore;
using ::testing::Contains;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr StoreDamageKind kIndexKinds[] = {
    MANIFEST_MISSING,
    MANIFEST_UNINDEXED,
    COMPONENT_IDENTITY_INVALID,
    COMPONENT_KEY_MISMATCH,
    COMPONENT_HASH_INVALID,
    COMPONENT_UNOWNED,
    DEPLOYMENT_MISSING,
    DEPLOYMENT_IDENTITY_INVALID,
    DEPLOYMENT_KEY_MISMATCH,
    CATALOG_KEY_MISSING,
    CATALOG_MISSING,
    CATALOG_UNINDEXED,
    PACKAGE_MANIFEST_MISSING,
    PACKAGE_CATALOG_MISSING,
    PACKAGE_UNINDEXED,
};
constexpr StoreDamageKind kManifestKinds[] = {
    MANIFEST_UNDECODABLE,  MANIFEST_HASH_MISMATCH, MANIFEST_IDENTITY_MISMATCH,
    CATALOG_HASH_MISMATCH, PAYLOAD_MISSING,
};
constexpr StoreDamageKind kPayloadKinds[] = {
    PAYLOAD_HASH_MISMATCH,
    PROJECTION_MISSING,
    PROJECTION_MISMATCH,
};

StoreShape SmallShape() {
  StoreShape shape;
  shape.components = 300;
  shape = shape.Scaled();
  shape.payload_bytes = 1 << 20;
  return shape;
}

StoreShape WithEachDamage(int count) {
  StoreShape shape = SmallShape();
  for (const auto& kinds :
       {std::vector<StoreDamageKind>(std::begin(kIndexKinds), std::end(kIndexKinds)),
        std::vector<StoreDamageKind>(std::begin(kManifestKinds), std::end(kManifestKinds)),
        std::vector<StoreDamageKind>(std::begin(kPayloadKinds), std::end(kPayloadKinds))}) {
    for (const StoreDamageKind kind : kinds) shape.damage.push_back({kind, count});
  }
  return shape;
}

struct Volume {
  MemorySource files;
  SyntheticStore store;
};

std::unique_ptr<Volume> Make(const StoreShape& shape) {
  auto volume = std::make_unique<Volume>();
  testdata::MemorySink sink(&volume->files);
  absl::StatusOr<SyntheticStore> store = testdata::WriteSyntheticStore(shape, &sink);
  EXPECT_TRUE(store.ok()) << store.status();
  if (store.ok()) volume->store = *std::move(store);
  return volume;
}

StoreVerification Verify(const evidence::Source& source, VerifyOptions options) {
  const registry::OfflineRegistry registry(source);
  options.examples = 1000;
  return store::Verify(source, registry, options);
}

VerifyOptions At(StoreLevel level, StoreScope scope = STORE_SCOPE_ALL, int jobs = 2) {
  VerifyOptions options;
  options.level = level;
  options.scope = scope;
  options.jobs = jobs;
  return options;
}

std::string Line(const StoreDamage& damage) {
  return absl::StrCat(StoreDamageKind_Name(damage.kind()), " ", damage.component(), " ",
                      damage.path());
}

template <typename Range>
std::vector<std::string> Lines(const Range& damage) {
  std::vector<std::string> lines;
  for (const StoreDamage& d : damage) lines.push_back(Line(d));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string Gaps(const StoreVerification& result) {
  std::string text;
  for (const Gap& gap : result.collection().gaps()) {
    absl::StrAppend(&text, gap.where(), ": ", gap.what(), "\n");
  }
  return text;
}

std::vector<std::string> Unverified(const StoreVerification& result) {
  std::vector<std::string> lines;
  for (const StoreUnverified& u : result.unverified()) {
    lines.push_back(absl::StrCat(u.path(), ": ", u.reason()));
  }
  return lines;
}

TEST(VerifyTest, FindsNothingInASoundStore) {
  const auto volume = Make(SmallShape());
  const StoreVerification result = Verify(volume->files, At(STORE_LEVEL_PAYLOAD));
  EXPECT_EQ(result.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(Gaps(result), "");
  EXPECT_THAT(Lines(result.damage()), IsEmpty());
  EXPECT_THAT(Unverified(result), IsEmpty());
  EXPECT_FALSE(result.cancelled());
  EXPECT_EQ(result.lcu_build(), "26100.7462");
  EXPECT_THAT(result.base_manifest(), HasSubstr("servicingstack"));

  const SyntheticStore& store = volume->store;
  const StoreCounts& counts = result.counts();
  EXPECT_EQ(counts.components(), store.components);
  EXPECT_EQ(counts.components_in_scope(), store.components);
  EXPECT_EQ(counts.manifests(), store.components);
  EXPECT_EQ(counts.manifests_decoded(), store.components);
  EXPECT_EQ(counts.manifests_plain(), store.plain_manifests);
  EXPECT_EQ(counts.deployments(), store.deployments);
  EXPECT_EQ(counts.catalogs(), store.catalogs);
  EXPECT_EQ(counts.families(), store.families);
  EXPECT_EQ(counts.packages(), store.packages);
  EXPECT_EQ(counts.winners(), store.winners);
  EXPECT_EQ(counts.payload_deleted(), store.payload_deleted);
  EXPECT_EQ(counts.payload_files(), store.payload_files);
  EXPECT_EQ(counts.projections(), store.projections);
  EXPECT_EQ(counts.projections_linked(), store.projections);
  EXPECT_GE(counts.bytes_read(), store.payload_bytes);
}

TEST(VerifyTest, FindsEachDamageOnceAndNothingElse) {
  const auto volume = Make(WithEachDamage(2));
  const StoreVerification result = Verify(volume->files, At(STORE_LEVEL_PAYLOAD));
  EXPECT_THAT(Lines(result.damage()), ElementsAreArray(Lines(volume->store.expected)));
  EXPECT_THAT(Unverified(result), IsEmpty());
  uint64_t total = 0;
  for (const StoreDamageCount& count : result.damage_counts()) total += count.total();
  EXPECT_EQ(total, volume->store.expected.size());
}

TEST(VerifyTest, FindsEachKindAlone) {
  for (const auto& shape : WithEachDamage(1).damage) {
    StoreShape one = SmallShape();
    one.damage = {shape};
    const auto volume = Make(one);
    const StoreVerification result = Verify(volume->files, At(STORE_LEVEL_PAYLOAD));
    EXPECT_THAT(Lines(result.damage()), ElementsAreArray(Lines(volume->store.expected)));
    EXPECT_EQ(result.damage_size(), 1);
  }
}

TEST(VerifyTest, LooksAsDeepAsAsked) {
  const auto volume = Make(WithEachDamage(1));
  const struct {
    StoreLevel level;
    size_t kinds;
  } kCases[] = {
      {STORE_LEVEL_INDEX, std::size(kIndexKinds)},
      {STORE_LEVEL_MANIFESTS, std::size(kIndexKinds) + std::size(kManifestKinds)},
      {STORE_LEVEL_PAYLOAD,
       std::size(kIndexKinds) + std::size(kManifestKinds) + std::size(kPayloadKinds)},
  };
  for (const auto& c : kCases) {
    const StoreVerification result = Verify(volume->files, At(c.level));
    std::set<StoreDamageKind> kinds;
    for (const StoreDamage& damage : result.damage()) kinds.insert(damage.kind());
    EXPECT_EQ(kinds.size(), c.kinds) << StoreLevel_Name(c.level);
    EXPECT_EQ(result.level(), c.level);
  }
}

TEST(VerifyTest, LooksAtWhatIsInScope) {
  const auto volume = Make(WithEachDamage(4));
  const auto count = [&](StoreScope scope, bool index_of_all) {
    VerifyOptions options = At(STORE_LEVEL_PAYLOAD, scope);
    options.index_of_all = index_of_all;
    return Verify(volume->files, options);
  };
  const StoreVerification all = count(STORE_SCOPE_ALL, false);
  const StoreVerification lcu = count(STORE_SCOPE_LCU, false);
  const StoreVerification boot = count(STORE_SCOPE_BOOT, false);
  EXPECT_GT(boot.damage_size(), 0);
  EXPECT_GT(lcu.damage_size(), boot.damage_size());
  EXPECT_GT(all.damage_size(), lcu.damage_size());
  EXPECT_LT(boot.counts().bytes_read(), lcu.counts().bytes_read());
  EXPECT_LT(lcu.counts().bytes_read(), all.counts().bytes_read());
  for (const StoreDamage& damage : boot.damage()) {
    EXPECT_TRUE(damage.roles().boot() || damage.roles().servicing_stack()) << Line(damage);
    EXPECT_THAT(Lines(all.damage()), Contains(Line(damage)));
  }
  for (const StoreDamage& damage : lcu.damage()) {
    const StoreRoles& roles = damage.roles();
    EXPECT_TRUE(roles.boot() || roles.servicing_stack() || roles.lcu()) << Line(damage);
  }
  // The index of everything, the payload of the boot path.
  const StoreVerification quick = count(STORE_SCOPE_BOOT, true);
  const auto at_index = [](const StoreVerification& result) {
    std::vector<std::string> lines;
    for (const StoreDamage& damage : result.damage()) {
      if (damage.kind() <= PACKAGE_UNINDEXED) lines.push_back(Line(damage));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  EXPECT_THAT(at_index(quick), ElementsAreArray(at_index(all)));
  EXPECT_THAT(Lines(quick.damage()), testing::IsSupersetOf(Lines(boot.damage())));
  const auto catalogs = [](const StoreVerification& result) {
    return std::count_if(
        result.damage().begin(), result.damage().end(),
        [](const StoreDamage& damage) { return damage.kind() == CATALOG_HASH_MISMATCH; });
  };
  EXPECT_EQ(catalogs(quick), catalogs(all));
  EXPECT_LT(quick.counts().bytes_read(), all.counts().bytes_read());
}

TEST(VerifyTest, TheResultDoesNotDependOnTheNumberOfJobs) {
  const auto volume = Make(WithEachDamage(3));
  const std::string one =
      Verify(volume->files, At(STORE_LEVEL_PAYLOAD, STORE_SCOPE_ALL, 1)).SerializeAsString();
  for (const int jobs : {2, 5}) {
    EXPECT_EQ(
        Verify(volume->files, At(STORE_LEVEL_PAYLOAD, STORE_SCOPE_ALL, jobs)).SerializeAsString(),
        one);
  }
}

TEST(VerifyTest, KeepsTheGraverOnesOfMany) {
  const auto volume = Make(WithEachDamage(4));
  VerifyOptions options = At(STORE_LEVEL_PAYLOAD);
  const registry::OfflineRegistry registry(volume->files);
  options.examples = 1;
  const StoreVerification result = store::Verify(volume->files, registry, options);
  EXPECT_EQ(result.damage_size(), result.damage_counts_size());
  for (const StoreDamageCount& count : result.damage_counts()) {
    EXPECT_EQ(count.total(), 4u);
    for (const StoreDamage& damage : result.damage()) {
      if (damage.kind() != count.kind()) continue;
      const StoreRoles& roles = damage.roles();
      EXPECT_EQ(roles.boot() || roles.servicing_stack() || roles.lcu(), count.graver() > 0)
          << Line(damage);
    }
  }
}

TEST(VerifyTest, SaysSoWhenTheHiveIsNoHelp) {
  StoreShape shape = SmallShape();
  shape.hive = testdata::ComponentsHive::kMissing;
  StoreVerification result = Verify(Make(shape)->files, At(STORE_LEVEL_PAYLOAD));
  EXPECT_EQ(result.collection().status(), Collection::UNREADABLE);
  EXPECT_THAT(Lines(result.damage()), IsEmpty());

  shape.hive = testdata::ComponentsHive::kTruncated;
  result = Verify(Make(shape)->files, At(STORE_LEVEL_INDEX));
  EXPECT_NE(Gaps(result), "");
  for (const StoreDamage& damage : result.damage()) {
    // What cannot be seen is not said to be missing, and what is there not to be too much.
    EXPECT_NE(damage.kind(), MANIFEST_UNINDEXED) << Line(damage);
    EXPECT_NE(damage.kind(), DEPLOYMENT_MISSING) << Line(damage);
    EXPECT_NE(damage.kind(), CATALOG_KEY_MISSING) << Line(damage);
  }
}

TEST(VerifyTest, ReadsADirtyHiveWithItsLog) {
  StoreShape shape = SmallShape();
  shape.hive = testdata::ComponentsHive::kDirty;
  const auto volume = Make(shape);
  StoreVerification result = Verify(volume->files, At(STORE_LEVEL_PAYLOAD));
  EXPECT_EQ(Gaps(result), "");
  EXPECT_THAT(Lines(result.damage()), IsEmpty());

  volume->files.Remove("Windows/System32/config/COMPONENTS.LOG1");
  volume->files.Remove("Windows/System32/config/COMPONENTS.LOG2");
  result = Verify(volume->files, At(STORE_LEVEL_INDEX));
  EXPECT_THAT(Gaps(result), HasSubstr("possibly stale"));
}

TEST(VerifyTest, ConcludesNothingFromFoldersThatAreNotThere) {
  for (const char* folder :
       {"Windows/WinSxS/Manifests", "Windows/WinSxS/Catalogs", "Windows/servicing/Packages"}) {
    const auto missing = Make(SmallShape());
    missing->files.Remove(folder);
    StoreVerification result = Verify(missing->files, At(STORE_LEVEL_PAYLOAD));
    EXPECT_THAT(Gaps(result), HasSubstr(absl::StrCat(folder, ": "))) << folder;
    EXPECT_THAT(Lines(result.damage()), IsEmpty()) << folder;

    const auto denied = Make(SmallShape());
    denied->files.AddError(folder, absl::PermissionDeniedError("access denied"));
    result = Verify(denied->files, At(STORE_LEVEL_PAYLOAD));
    EXPECT_THAT(Gaps(result), HasSubstr("access denied")) << folder;
    EXPECT_THAT(Lines(result.damage()), IsEmpty()) << folder;
  }
}

// The name of a payload file of the kernel's component.
std::string KernelFolder(const MemorySource& files) {
  const auto listing = files.List("Windows/WinSxS");
  for (const evidence::FileInfo& info : *listing) {
    if (files.Stat(absl::StrCat("Windows/WinSxS/", info.name, "/ntoskrnl.exe")).ok()) {
      return absl::StrCat("Windows/WinSxS/", info.name);
    }
  }
  return "";
}

TEST(VerifyTest, SaysWhatCouldNotBeRead) {
  const auto volume = Make(SmallShape());
  const std::string folder = KernelFolder(volume->files);
  ASSERT_NE(folder, "");
  volume->files.AddError(folder + "/ntoskrnl.exe", absl::DataLossError("input/output error"));
  const StoreVerification result = Verify(volume->files, At(STORE_LEVEL_PAYLOAD));
  EXPECT_THAT(Lines(result.damage()), IsEmpty());
  EXPECT_THAT(Unverified(result),
              testing::ElementsAre(folder + "/ntoskrnl.exe: input/output error"));
  EXPECT_EQ(result.unverified_total(), 1u);
  EXPECT_EQ(result.unverified_graver(), 1u);
}

// A volume on which one file grows whenever it has been read.
class ChangingSource : public evidence::Source {
 public:
  ChangingSource(const Source* files, std::string name) : files_(files), name_(std::move(name)) {}

  std::string description() const override { return "changing"; }
  absl::StatusOr<std::unique_ptr<evidence::File>> Open(absl::string_view path) const override {
    return files_->Open(path);
  }
  absl::StatusOr<evidence::FileInfo> Stat(absl::string_view path) const override {
    return files_->Stat(path);
  }
  absl::StatusOr<std::vector<evidence::FileInfo>> List(absl::string_view path) const override {
    return files_->List(path);
  }
  absl::StatusOr<std::unique_ptr<evidence::Stream>> OpenStream(
      absl::string_view path) const override {
    absl::StatusOr<std::unique_ptr<evidence::Stream>> stream = files_->OpenStream(path);
    if (!stream.ok() || !absl::EndsWith(path, name_)) return stream;
    return std::unique_ptr<evidence::Stream>(new Growing(*std::move(stream)));
  }

 private:
  class Growing : public evidence::Stream {
   public:
    explicit Growing(std::unique_ptr<evidence::Stream> stream) : stream_(std::move(stream)) {}
    const evidence::FileInfo& info() const override { return stream_->info(); }
    absl::StatusOr<size_t> Read(absl::Span<char> buffer) override { return stream_->Read(buffer); }
    absl::StatusOr<evidence::FileInfo> Now() const override {
      evidence::FileInfo info = stream_->info();
      info.modified += 1;
      return info;
    }

   private:
    std::unique_ptr<evidence::Stream> stream_;
  };

  const Source* files_;
  const std::string name_;
};

TEST(VerifyTest, SaysThatAFileChangedWhileItWasRead) {
  const auto volume = Make(SmallShape());
  const ChangingSource source(&volume->files, "/ntoskrnl.exe");
  const StoreVerification result = Verify(source, At(STORE_LEVEL_PAYLOAD));
  EXPECT_THAT(Lines(result.damage()), IsEmpty());
  ASSERT_GE(result.unverified_size(), 1);
  EXPECT_THAT(result.unverified(0).path(), HasSubstr("/ntoskrnl.exe"));
  EXPECT_THAT(result.unverified(0).reason(), HasSubstr("changed while it was read"));
}

TEST(VerifyTest, DoesNotTakeAWrongBaseForDamage) {
  const auto volume = Make(SmallShape());
  std::string stack;
  const auto listing = volume->files.List("Windows/WinSxS");
  for (const evidence::FileInfo& info : *listing) {
    const std::string path = absl::StrCat("Windows/WinSxS/", info.name);
    if (volume->files.Stat(path + "/wcp.dll").ok()) stack = path;
  }
  ASSERT_NE(stack, "");
  volume->files.Remove(stack + "/wcp.dll");
  const StoreVerification result = Verify(volume->files, At(STORE_LEVEL_MANIFESTS));
  EXPECT_THAT(Gaps(result), HasSubstr("no servicing stack has a base manifest"));
  EXPECT_THAT(Lines(result.damage()), IsEmpty());
  EXPECT_EQ(result.unverified_total(),
            volume->store.components - result.counts().manifests_plain());
}

TEST(VerifyTest, ConcludesNothingFromAVolumeWithoutPayload) {
  const auto volume = Make(SmallShape());
  std::vector<std::string> folders;
  const auto listing = volume->files.List("Windows/WinSxS");
  for (const evidence::FileInfo& info : *listing) {
    const bool stack = absl::StrContains(info.name, "servicingstack");
    if (absl::StrContains(info.name, "_31bf3856ad364e35_") && !stack) {
      volume->files.Remove(absl::StrCat("Windows/WinSxS/", info.name));
    } else if (stack) {
      // Another name: a base manifest, but no component's folder.
      const std::string bytes(
          (*volume->files.Open(absl::StrCat("Windows/WinSxS/", info.name, "/wcp.dll")))->bytes());
      volume->files.Remove(absl::StrCat("Windows/WinSxS/", info.name));
      volume->files.AddFile(
          "Windows/WinSxS/"
          "amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.26100.1_none_0/wcp.dll",
          bytes);
    } else if (absl::StrContains(info.name, "_6595b64144ccf1df_")) {
      volume->files.Remove(absl::StrCat("Windows/WinSxS/", info.name));
    }
  }
  const StoreVerification result = Verify(volume->files, At(STORE_LEVEL_PAYLOAD));
  EXPECT_THAT(Gaps(result), HasSubstr("no component has a folder here"));
  EXPECT_THAT(Lines(result.damage()), IsEmpty());
}

// The kernel's component in a healthy fake volume.
const testdata::PreparedComponent& Kernel() {
  const testdata::Update& update = testdata::December();
  for (const auto& component :
       testdata::HealthyStoreOf(update.revision, update.package).components) {
    if (absl::StrContains(component.key, "-os-kernel_")) return component;
  }
  ADD_FAILURE() << "no kernel";
  static const auto& none = *new testdata::PreparedComponent;
  return none;
}

std::string KernelPayload() { return testdata::PayloadPath(Kernel().key, "ntoskrnl.exe"); }

// The kinds that a verification finds, in words.
std::string Kinds(const StoreVerification& result) {
  std::vector<std::string> kinds;
  for (const StoreDamage& d : result.damage()) kinds.push_back(StoreDamageKind_Name(d.kind()));
  return absl::StrJoin(kinds, " ");
}

TEST(VerifyTest, NothingExcusesWhatTheHostRunsFrom) {
  const std::string key = absl::StrCat("DerivedData\\Components\\", Kernel().key);
  const std::string winner = absl::StrCat(R"(Microsoft\Windows\CurrentVersion\SideBySide\Winners\)",
                                          Kernel().family, "\\10.0");
  const std::string folder = absl::StrCat("Windows/WinSxS/", Kernel().key);
  const struct {
    const char* name;
    std::function<void(testdata::FakeVolume*)> hives;
    std::function<void(MemorySource*)> files;
    const char* kinds;
  } kCases[] = {
      {"the first bytes of a wrapper", nullptr,
       [&](MemorySource* files) { files->AddFile(KernelPayload(), "DCS\x01 and no kernel"); },
       "PAYLOAD_HASH_MISMATCH"},
      {"a delta beside it", nullptr,
       [&](MemorySource* files) {
         files->Remove(KernelPayload());
         files->AddFile(folder + "/f/ntoskrnl.exe", "PA30");
         files->AddFile(folder + "/r/ntoskrnl.exe", "PA30");
       },
       "PAYLOAD_MISSING"},
      {"a folder of its name", nullptr,
       [&](MemorySource* files) {
         files->Remove(KernelPayload());
         files->AddDirectory(KernelPayload());
       },
       "PAYLOAD_MISSING"},
      {"a file in place of the folder", nullptr,
       [&](MemorySource* files) {
         files->Remove(folder);
         files->AddFile(folder, "x");
       },
       "PAYLOAD_MISSING"},
      {"a file without contents", nullptr,
       [&](MemorySource* files) { files->AddFile(KernelPayload(), ""); }, "PAYLOAD_MISSING"},
      {"a winner that COMPONENTS does not know",
       [&](testdata::FakeVolume* volume) {
         volume->software()->AddKey(winner)->SetString("", "10.0.26100.7999");
       },
       [&](MemorySource* files) { files->Remove(folder); }, "PAYLOAD_MISSING"},
      {"CF says that its payload is gone",
       [&](testdata::FakeVolume* volume) {
         volume->components()->AddKey(key)->SetDword("CF", 0x40);
       },
       [&](MemorySource* files) {
         files->Remove(folder);
         files->AddFile("Windows/System32/ntoskrnl.exe", "another kernel");
       },
       "PROJECTION_MISMATCH"},
      {"no f! value",
       [&](testdata::FakeVolume* volume) {
         volume->components()->AddKey(key)->RemoveValue("f!ntoskrnl.exe");
       },
       [&](MemorySource* files) { files->AddFile(KernelPayload(), "another kernel"); },
       "PAYLOAD_HASH_MISMATCH"},
      {"a boot driver of another origin", nullptr,
       [&](MemorySource* files) { files->AddFile("Windows/System32/drivers/disk.sys", "x"); },
       "PROJECTION_MISMATCH"},
  };
  for (const auto& c : kCases) {
    testdata::FakeVolume volume;
    if (c.hives != nullptr) c.hives(&volume);
    MemorySource files = volume.Build();
    c.files(&files);
    const StoreVerification result = Verify(files, At(STORE_LEVEL_PAYLOAD, STORE_SCOPE_BOOT));
    EXPECT_EQ(Kinds(result), c.kinds) << c.name;
    for (const StoreDamage& damage : result.damage()) EXPECT_TRUE(damage.roles().boot()) << c.name;
  }
}

// "Windows/System32/hal.dll same 10.0.26100.7462"
std::vector<std::string> BootFiles(const StoreVerification& result) {
  std::vector<std::string> lines;
  for (const StoreBootFile& file : result.boot_files()) {
    const bool same = file.sha256() == file.payload_sha256();
    lines.push_back(absl::StrCat(file.destination(),
                                 file.payload_sha256().empty() ? " unread"
                                 : same                        ? " same"
                                                               : " other",
                                 " ", file.payload_version()));
  }
  return lines;
}

TEST(VerifyTest, TellsWhatTheHostShouldBootFrom) {
  const std::string revision = absl::StrCat("10.0.26100.", testdata::December().revision);
  const auto lines = [&](absl::string_view kernel) {
    return std::vector<std::string>{
        absl::StrCat("Windows/System32/ci.dll same ", revision),
        "Windows/System32/drivers/disk.sys same 10.0.26100.1",
        absl::StrCat("Windows/System32/hal.dll same ", revision),
        absl::StrCat("Windows/System32/ntoskrnl.exe ", kernel),
        absl::StrCat("Windows/System32/winload.efi same ", revision),
    };
  };
  const struct {
    const char* name;
    std::function<void(MemorySource*)> files;
    std::string kernel;
  } kCases[] = {
      {"sound", [](MemorySource*) {}, absl::StrCat("same ", revision)},
      {"of another version",
       [](MemorySource* files) {
         files->AddFile(KernelPayload(), testdata::ImageBytes({"ntoskrnl.exe", "10.0.26100.1742"}));
       },
       "other 10.0.26100.1742"},
      {"no image", [](MemorySource* files) { files->AddFile(KernelPayload(), "text"); }, "other "},
      {"not there", [](MemorySource* files) { files->Remove(KernelPayload()); }, "unread "},
      {"not readable",
       [](MemorySource* files) { files->AddError(KernelPayload(), absl::DataLossError("I/O")); },
       "unread "},
      {"in a folder that is not readable",
       [](MemorySource* files) {
         files->AddError(absl::StrCat("Windows/WinSxS/", Kernel().key),
                         absl::PermissionDeniedError("access denied"));
       },
       "unread "},
      {"in no folder",
       [](MemorySource* files) { files->Remove(absl::StrCat("Windows/WinSxS/", Kernel().key)); },
       "unread "},
  };
  for (const auto& c : kCases) {
    MemorySource files = testdata::FakeVolume().Build();
    c.files(&files);
    for (const StoreScope scope : {STORE_SCOPE_BOOT, STORE_SCOPE_ALL}) {
      const StoreVerification result = Verify(files, At(STORE_LEVEL_PAYLOAD, scope));
      EXPECT_THAT(BootFiles(result), ElementsAreArray(lines(c.kernel))) << c.name;
      for (const StoreBootFile& file : result.boot_files()) {
        if (!absl::EndsWith(file.destination(), "/ntoskrnl.exe")) continue;
        EXPECT_EQ(file.component(), Kernel().key) << c.name;
        EXPECT_EQ(file.payload(), KernelPayload()) << c.name;
        EXPECT_EQ(file.sha256().size(), 64u) << c.name;
      }
    }
    EXPECT_THAT(BootFiles(Verify(files, At(STORE_LEVEL_MANIFESTS))), IsEmpty()) << c.name;
  }
}

// What a verification read, and what it found.
std::string Reads(const evidence::Source& volume, int jobs, files::FileMemory* memory) {
  evidence::ReadCounter counter;
  const evidence::CountingSource source(volume, &counter);
  VerifyOptions options = At(STORE_LEVEL_PAYLOAD, STORE_SCOPE_ALL, jobs);
  options.memory = memory;
  const StoreVerification result = Verify(source, options);
  const ReadStatistics statistics = counter.Statistics();
  EXPECT_EQ(statistics.reads(), statistics.files()) << jobs;
  EXPECT_THAT(statistics.read_again(), IsEmpty()) << jobs;
  EXPECT_GE(statistics.bytes(), result.counts().bytes_read());
  return statistics.SerializeAsString() + result.SerializeAsString();
}

TEST(VerifyTest, ReadsNothingTwiceForAnyNumberOfJobs) {
  const auto synthetic = Make(WithEachDamage(2));
  MemorySource links = testdata::FakeVolume().Build();
  // Names that WinSxS gives one file in several components; some of them are examined, some not.
  links.AddFile(testdata::PayloadPath(Kernel().key, "ntoskrnl.exe"), "no kernel");
  for (const auto& component :
       testdata::HealthyStoreOf(testdata::December().revision, testdata::December().package)
           .components) {
    for (const char* name : {"notepad.exe", "cbscore.dll", "comctl32.dll", "hal.dll"}) {
      const std::string path = testdata::PayloadPath(component.key, name);
      if (links.Stat(path).ok()) links.AddLink(path, KernelPayload());
    }
  }
  for (const MemorySource* volume : {&synthetic->files, &links}) {
    const std::string one = Reads(*volume, 1, nullptr);
    for (int round = 0; round < 3; ++round) EXPECT_EQ(Reads(*volume, 4, nullptr), one);
  }
}

TEST(VerifyTest, ReadsNothingThatWasReadBefore) {
  const MemorySource volume = testdata::FakeVolume().Build();
  const std::string wcp = absl::StrCat("Windows/WinSxS/", testdata::StackFolder(), "/wcp.dll");
  const std::vector<std::string> paths = {wcp, KernelPayload(), "Windows/System32/ntoskrnl.exe",
                                          "Windows/System32/drivers/disk.sys",
                                          "Windows/System32/hal.dll"};
  for (const bool before : {true, false}) {
    evidence::ReadCounter counter;
    const evidence::CountingSource source(volume, &counter);
    files::FileMemory memory(KeepBaseManifest);
    files::ImageReader images(source, "", &memory);
    const auto look = [&] {
      for (const std::string& path : paths) {
        EXPECT_EQ(images.Read(path).collection().status(), Collection::COLLECTED) << path;
        EXPECT_TRUE(images.Read(path).is_image()) << path << images.Read(path).image_error();
      }
    };
    if (before) look();
    VerifyOptions options = At(STORE_LEVEL_PAYLOAD);
    options.memory = &memory;
    const StoreVerification result = Verify(source, options);
    if (!before) look();
    EXPECT_THAT(counter.Statistics().read_again(), IsEmpty()) << before;
    EXPECT_EQ(result.base_manifest(), wcp);
    EXPECT_EQ(BootFiles(result).size(), 5u);
    EXPECT_THAT(Lines(result.damage()), IsEmpty());
    if (!before) continue;
    const StoreVerification again = Verify(source, options);
    EXPECT_LT(again.counts().bytes_read(), result.counts().bytes_read());
    EXPECT_EQ(again.boot_files_size(), result.boot_files_size());
  }
}

TEST(VerifyTest, AFileWithoutContentsIsNone) {
  for (const char* folder :
       {"Windows/servicing/Packages", "Windows/WinSxS/Catalogs", "Windows/WinSxS/Manifests"}) {
    MemorySource files = testdata::FakeVolume().Build();
    const auto listing = files.List(folder);
    ASSERT_TRUE(listing.ok());
    size_t emptied = 0;
    for (const evidence::FileInfo& info : *listing) {
      if (info.is_directory || emptied == 2) continue;
      files.AddFile(absl::StrCat(folder, "/", info.name), "");
      ++emptied;
    }
    const StoreVerification result = Verify(files, At(STORE_LEVEL_INDEX));
    EXPECT_EQ(result.damage_size(), 2) << folder << " " << Kinds(result);
    for (const StoreDamage& damage : result.damage()) EXPECT_EQ(damage.found(), "0 bytes");
  }
}

TEST(VerifyTest, KnowsNothingWhenItIsCancelledAtOnce) {
  const auto volume = Make(SmallShape());
  Stop stop;
  stop.Cancel();
  VerifyOptions options = At(STORE_LEVEL_PAYLOAD);
  options.stop = &stop;
  const StoreVerification result = Verify(volume->files, options);
  EXPECT_TRUE(result.cancelled());
  EXPECT_THAT(Lines(result.damage()), IsEmpty());
}

TEST(VerifyTest, EndsWhenItIsCancelled) {
  const auto volume = Make(SmallShape());
  Stop stop;
  VerifyOptions options = At(STORE_LEVEL_PAYLOAD);
  options.stop = &stop;
  options.progress = [&](const Progress& progress) {
    if (progress.step == "manifests and payload") stop.Cancel();
  };
  const StoreVerification result = Verify(volume->files, options);
  EXPECT_TRUE(result.cancelled());
  EXPECT_EQ(result.counts().files_hashed(), 0u);
  EXPECT_THAT(Lines(result.damage()), IsEmpty());
  EXPECT_THAT(Unverified(result), IsEmpty());
}

}  // namespace
}  // namespace patchgate::store
