// Runs against the registry of the Windows it runs on, and writes keys there: made for Wine, where
// every test has a registry of its own.
#include "servicing/registry/live_registry.h"

#include <windows.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/log_builder.h"
#include "servicing/registry/registry_writer.h"
#include "servicing/registry/section_reader.h"

namespace patchgate::registry {
namespace {

using evidence::MemorySource;
using regf::HiveBuilder;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kTest[] = "PatchgateTest";  // Below SOFTWARE.

std::string Below(absl::string_view path) { return absl::StrCat("SOFTWARE\\", kTest, path); }

std::string Dword(uint32_t value) {
  std::string bytes(4, '\0');
  StoreLe32(&bytes[0], value);
  return bytes;
}

class LiveRegistryTest : public testing::Test {
 protected:
  void SetUp() override { CleanUp(); }
  void TearDown() override { CleanUp(); }

  absl::StatusOr<std::unique_ptr<Key>> Open(absl::string_view path) const {
    return LiveRegistry(volume_).Open(HiveId::kSoftware, absl::StrCat(kTest, path));
  }

  MemorySource volume_;

 private:
  static void CleanUp() {
    DeleteTree(Below(""));
    DeleteTree("COMPONENTS");
  }
};

TEST_F(LiveRegistryTest, RawBytesOfEveryType) {
  const struct {
    const char* name;
    uint32_t type;
    std::string data;
  } cases[] = {
      {"none", REG_NONE, ""},
      {"none with data", REG_NONE, "abc"},
      {"string", REG_SZ, Utf8ToUtf16Le(std::string("text\0", 5))},
      {"string without NUL", REG_SZ, Utf8ToUtf16Le("text")},
      {"string of odd size", REG_SZ, "abc"},
      {"string with NULs", REG_SZ, Utf8ToUtf16Le(std::string("a\0b\0", 4))},
      {"empty string", REG_SZ, ""},
      {"expand", REG_EXPAND_SZ, Utf8ToUtf16Le(std::string("%SystemRoot%\0", 13))},
      {"binary", REG_BINARY, std::string("\0\1\2\xff", 4)},
      {"dword", REG_DWORD, Dword(77)},
      {"dword of 3 bytes", REG_DWORD, "abc"},
      {"big-endian dword", REG_DWORD_BIG_ENDIAN, "abcd"},
      {"link type", REG_LINK, Utf8ToUtf16Le("\\Registry")},
      {"multi", REG_MULTI_SZ, Utf8ToUtf16Le(std::string("a\0b\0\0", 5))},
      {"multi with empty strings", REG_MULTI_SZ,
       Utf8ToUtf16Le(std::string("\\??\\C:\\a\0\0\\??\\C:\\b\0\\??\\C:\\c\0\0", 29))},
      {"multi of odd size", REG_MULTI_SZ, std::string("a\0\0", 3)},
      {"resource list", REG_RESOURCE_LIST, "abc"},
      {"full resource descriptor", REG_FULL_RESOURCE_DESCRIPTOR, "abc"},
      {"resource requirements", REG_RESOURCE_REQUIREMENTS_LIST, "abc"},
      {"qword", REG_QWORD, "12345678"},
      {"unknown type", 0xFFFF0001, "abc"},
      {"", REG_SZ, Utf8ToUtf16Le("the default value")},
      {"Gr\xc3\xbc\xc3\x9f\xe2\x82\xac", REG_BINARY, "umlauts"},
      {"511 bytes", REG_BINARY, std::string(511, 'x')},
      {"512 bytes", REG_BINARY, std::string(512, 'x')},
      {"513 bytes", REG_BINARY, std::string(513, 'x')},
      {"100 KB", REG_BINARY, std::string(100 << 10, 'y')},
      {"3 MB", REG_BINARY, std::string(3 << 20, 'z')},
  };
  std::map<std::string, Value> expected;
  for (const auto& c : cases) {
    ASSERT_TRUE(WriteValue(Below(""), c.name, c.type, c.data)) << c.name;
    expected[c.name] = {c.name, c.type, c.data};
  }
  const auto key = Open("");
  ASSERT_TRUE(key.ok()) << key.status();
  for (const auto& c : cases) {
    const auto value = (*key)->Get(c.name);
    ASSERT_TRUE(value.ok()) << c.name << value.status();
    EXPECT_EQ(value->type, c.type) << c.name;
    EXPECT_TRUE(value->data == c.data) << c.name << ": " << value->data.size();
  }
  size_t seen = 0;
  const absl::Status status = (*key)->VisitValues([&](const Value& value) {
    ++seen;
    const auto it = expected.find(value.name);
    EXPECT_NE(it, expected.end()) << value.name;
    if (it == expected.end()) return true;
    EXPECT_EQ(value.type, it->second.type) << value.name;
    EXPECT_TRUE(value.data == it->second.data) << value.name;
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(seen, expected.size());

  EXPECT_TRUE(absl::IsNotFound((*key)->Get("nothing").status()));
  EXPECT_TRUE((*key)->Get("DWORD").ok());  // As Windows compares names.
  // Not the value "dword".
  EXPECT_TRUE(absl::IsDataLoss((*key)->Get(absl::string_view("dword\0x", 7)).status()));
}

TEST_F(LiveRegistryTest, PairsOfRenamesSurvive) {
  const std::string pairs("\\??\\C:\\a\0\0\\??\\C:\\b\0!\\??\\C:\\c\0\0", 30);
  ASSERT_TRUE(
      WriteValue(Below(""), "PendingFileRenameOperations", REG_MULTI_SZ, Utf8ToUtf16Le(pairs)));
  const auto value = (*Open(""))->Get("PendingFileRenameOperations");
  ASSERT_TRUE(value.ok());
  EXPECT_THAT(RawMultiString(value->data),
              testing::ElementsAre("\\??\\C:\\a", "", "\\??\\C:\\b", "!\\??\\C:\\c"));
}

TEST_F(LiveRegistryTest, KeysAndTimes) {
  std::set<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = absl::StrCat("Package_", i, "~31bf3856ad364e35~amd64~~10.0.", i, ".1");
    expected.insert(name);
    ASSERT_TRUE(WriteKey(Below(absl::StrCat("\\Packages\\", name))));
  }
  ASSERT_TRUE(WriteValue(Below("\\Packages\\Package_7~31bf3856ad364e35~amd64~~10.0.7.1\\Owners"),
                         "x", REG_DWORD, Dword(7)));
  const auto packages = Open("\\packages");
  ASSERT_TRUE(packages.ok()) << packages.status();
  EXPECT_EQ((*packages)->id(), 0u);
  std::set<std::string> seen;
  const absl::Status status = (*packages)->VisitSubkeys([&](const Key& key) {
    seen.insert(key.name());
    if (key.name() == "Package_7~31bf3856ad364e35~amd64~~10.0.7.1") {
      EXPECT_EQ(*AsDword(*(*key.Open("Owners"))->Get("x")), 7u);
    }
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(seen, expected);
  int visited = 0;
  EXPECT_TRUE((*packages)->VisitSubkeys([&](const Key&) { return ++visited < 3; }).ok());
  EXPECT_EQ(visited, 3);

  HKEY key = nullptr;
  ASSERT_EQ(
      RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\PatchgateTest\\Packages", 0, KEY_READ, &key),
      ERROR_SUCCESS);
  FILETIME time = {0, 0};
  RegQueryInfoKeyW(key, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                   nullptr, nullptr, &time);
  RegCloseKey(key);
  const FileTime written = static_cast<uint64_t>(time.dwHighDateTime) << 32 | time.dwLowDateTime;
  EXPECT_GT(written, 133000000000000000u);
  EXPECT_EQ((*packages)->last_written(), written);

  EXPECT_TRUE(absl::IsNotFound(Open("\\nothing").status()));
  EXPECT_TRUE(absl::IsNotFound(Open("\\Packages\\nothing\\below").status()));
  EXPECT_TRUE(absl::IsDataLoss((*packages)->Open(absl::string_view("a\0b", 3)).status()));
  // Itself, with a handle of its own.
  const auto again = (*packages)->Open("");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->last_written(), written);
}

TEST_F(LiveRegistryTest, ThirtyTwoBitViewIsNotSeen) {
  ASSERT_TRUE(WriteValue(Below("\\Only64"), "x", REG_DWORD, Dword(64)));
  ASSERT_TRUE(WriteValue(Below("\\Only32"), "x", REG_DWORD, Dword(32), /*wow=*/true));
  const auto key = Open("\\Only64");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(*AsDword(*(*key)->Get("x")), 64u);
  EXPECT_TRUE(absl::IsNotFound(Open("\\Only32").status()));
  EXPECT_TRUE(
      LiveRegistry(volume_).Open(HiveId::kSoftware, "WOW6432Node\\PatchgateTest\\Only32").ok());
}

TEST_F(LiveRegistryTest, LinksAreReportedNotFollowed) {
  ASSERT_TRUE(WriteValue(Below("\\Target\\Sub"), "x", REG_DWORD, Dword(1)));
  ASSERT_TRUE(WriteLink(Below("\\Link"),
                        absl::StrCat("\\Registry\\Machine\\Software\\", kTest, "\\Target")));
  for (const char* path : {"\\Link", "\\Link\\Sub"}) {
    const absl::Status status = Open(path).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("is a symbolic link"));
  }
  // Windows makes links of this name at every boot.
  ASSERT_TRUE(WriteLink(Below("\\Current"),
                        absl::StrCat("\\Registry\\Machine\\Software\\", kTest, "\\Target")));
  std::vector<std::string> seen;
  const absl::Status status = (*Open(""))->VisitSubkeys([&](const Key& key) {
    seen.push_back(key.name());
    return true;
  });
  EXPECT_THAT(seen, testing::ElementsAre("Target"));
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("1 of the subkeys"));
}

TEST_F(LiveRegistryTest, ChangeWhileItIsRead) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(WriteKey(Below(absl::StrCat("\\Keep", i))));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      WriteKey(Below("\\A"));  // Before all others: each index moves by one.
      WriteValue(Below(""), "grows", REG_BINARY, std::string(1 + i % 5000, 'x'));
      DeleteTree(Below("\\A"));
    }
  });
  for (int round = 0; round < 200; ++round) {
    int kept = 0;
    bool changed = false;
    const absl::Status status = (*Open(""))->VisitSubkeys([&](const Key& key) {
      kept += key.name() != "A";
      return true;
    });
    changed = !status.ok();
    EXPECT_TRUE(status.ok() || absl::IsDataLoss(status)) << status;
    if (!changed) {
      EXPECT_EQ(kept, 50) << round;
    }
    const auto value = (*Open(""))->Get("grows");
    if (value.ok()) {
      EXPECT_EQ(value->data, std::string(value->data.size(), 'x'));
    }
  }
  stop = true;
  writer.join();
}

TEST_F(LiveRegistryTest, CurrentControlSetIsTheSelectedOne) {
  const LiveRegistry registry(volume_);
  const auto select = registry.Open(HiveId::kSystem, "Select");
  ASSERT_TRUE(select.ok()) << select.status();
  const uint32_t was = *AsDword(*(*select)->Get("Current"));
  ASSERT_TRUE(WriteValue("SYSTEM\\ControlSet001\\PatchgateTest", "Which", REG_DWORD, Dword(1)));
  ASSERT_TRUE(WriteValue("SYSTEM\\ControlSet002\\PatchgateTest", "Which", REG_DWORD, Dword(2)));
  for (const uint32_t current : {1u, 2u}) {
    ASSERT_TRUE(WriteValue("SYSTEM\\Select", "Current", REG_DWORD, Dword(current)));
    const auto key = registry.Open(HiveId::kSystem, "currentcontrolset\\PatchgateTest");
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(*AsDword(*(*key)->Get("Which")), current);
  }
  ASSERT_TRUE(WriteValue("SYSTEM\\Select", "Current", REG_DWORD, Dword(7)));
  const absl::Status status =
      registry.Open(HiveId::kSystem, "CurrentControlSet\\PatchgateTest").status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("ControlSet007"));
  WriteValue("SYSTEM\\Select", "Current", REG_DWORD, Dword(was));
}

TEST_F(LiveRegistryTest, FactsOfALoadedHive) {
  const LiveRegistry registry(volume_);
  for (const HiveId hive : {HiveId::kSystem, HiveId::kSoftware}) {
    const HiveFacts facts = registry.Examine(hive);
    EXPECT_EQ(facts.name(), HiveName(hive));
    EXPECT_EQ(facts.state(), HiveFacts::LOADED);
    EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
    EXPECT_EQ(facts.collection().source(), absl::StrCat("HKLM\\", HiveName(hive)));
    EXPECT_EQ(facts.collection().modified_filetime(), (*registry.Open(hive, ""))->last_written());
    EXPECT_EQ(facts.damage_total(), 0u);
  }
  Collection section;
  const SectionReader reader(registry, HiveId::kSystem, "Select", &section);
  EXPECT_EQ(section.status(), Collection::COLLECTED);
  EXPECT_EQ(section.source(), "SYSTEM\\Select");
}

// At rest the hive is a file; what its log holds belongs to it.
// Servicing could not load a hive whose file somebody reads.
TEST_F(LiveRegistryTest, HivesAtRestAreLeftAloneWhileServicingWorks) {
  volume_.AddFile("Windows/System32/config/COMPONENTS", regf::HiveBuilder().Build());
  EXPECT_TRUE(LiveRegistry(volume_).Open(HiveId::kComponents, "").ok());
  const LiveRegistry busy(volume_, /*servicing_is_at_work=*/true);
  const absl::Status status = busy.Open(HiveId::kComponents, "").status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("servicing is at work"));
  EXPECT_EQ(busy.Examine(HiveId::kComponents).collection().status(), Collection::UNREADABLE);
  EXPECT_TRUE(busy.Open(HiveId::kSoftware, "").ok());
}

TEST_F(LiveRegistryTest, ComponentsFromItsFile) {
  constexpr char kPath[] = "Windows/System32/config/COMPONENTS";
  HiveBuilder before, after;
  before.root()->SetDword("NextQueueEntryIndex", 0);
  after.root()->SetDword("NextQueueEntryIndex", 5);
  const std::string old_state = before.Build(), new_state = after.Build();
  volume_.AddFile(kPath, regf::Dirty(old_state, 8, 7));
  volume_.AddFile(absl::StrCat(kPath, ".LOG1"),
                  regf::NewLog(new_state, 8, regf::DiffStates({old_state, new_state}, 8)));
  const LiveRegistry registry(volume_);
  const HiveFacts facts = registry.Examine(HiveId::kComponents);
  EXPECT_EQ(facts.state(), HiveFacts::REPLAYED);
  EXPECT_EQ(facts.collection().source(), kPath);
  const auto root = registry.Open(HiveId::kComponents, "");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_EQ(*AsDword(*(*root)->Get("NextQueueEntryIndex")), 5u);

  // Loaded, its key is what counts.
  ASSERT_TRUE(WriteValue("COMPONENTS", "NextQueueEntryIndex", REG_DWORD, Dword(9)));
  EXPECT_EQ(*AsDword(*(*root)->Get("NextQueueEntryIndex")), 5u);
  const LiveRegistry busy(volume_);
  EXPECT_EQ(busy.Describe(HiveId::kComponents).state(), HiveFacts::LOADED);
  EXPECT_EQ(*AsDword(*(*busy.Open(HiveId::kComponents, ""))->Get("NextQueueEntryIndex")), 9u);
  // Unloaded again: nothing that was looked for later is "absent".
  ASSERT_TRUE(DeleteTree("COMPONENTS"));
  const absl::Status status = busy.Open(HiveId::kComponents, "CanonicalData").status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("is loaded no more"));
}

TEST_F(LiveRegistryTest, ComponentsMissingInUseOrDamaged) {
  constexpr char kPath[] = "Windows/System32/config/COMPONENTS";
  EXPECT_EQ(LiveRegistry(volume_).Describe(HiveId::kComponents).collection().status(),
            Collection::ABSENT);
  const struct {
    const char* name;
    absl::Status error;
    const char* reason;
  } cases[] = {
      {"in use", absl::PermissionDeniedError("COMPONENTS: in use by another program"),
       "COMPONENTS: in use by another program, and it is not loaded as HKLM\\COMPONENTS"},
      {"damaged", absl::DataLossError("COMPONENTS: read error"), "COMPONENTS: read error"},
  };
  for (const auto& c : cases) {
    volume_.AddFile(kPath, "");
    volume_.AddError(kPath, c.error);
    const LiveRegistry registry(volume_);
    const HiveFacts facts = registry.Examine(HiveId::kComponents);
    EXPECT_EQ(facts.collection().status(), Collection::UNREADABLE) << c.name;
    EXPECT_EQ(facts.collection().reason(), c.reason) << c.name;
    const absl::Status status = registry.Open(HiveId::kComponents, "CanonicalData").status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_EQ(std::string(status.message()), absl::StrCat("hive COMPONENTS: ", c.reason));
    volume_.Remove(kPath);
  }
}

// Loaded by hand from another disk: it says nothing of this Windows.
TEST_F(LiveRegistryTest, ComponentsOfAnotherWindows) {
  constexpr char kList[] = "SYSTEM\\ControlSet001\\Control\\hivelist";
  constexpr char kOwn[] = "\\Device\\HarddiskVolume3\\Windows\\System32\\config\\";
  const auto list = [&](absl::string_view hive, absl::string_view file) {
    return WriteValue(kList, absl::StrCat("\\REGISTRY\\MACHINE\\", hive), REG_SZ,
                      Utf8ToUtf16Le(file));
  };
  ASSERT_TRUE(WriteValue("SYSTEM\\Select", "Current", REG_DWORD, Dword(1)));
  ASSERT_TRUE(WriteValue("COMPONENTS", "StoreDirty", REG_DWORD, Dword(1)));
  ASSERT_TRUE(list("SYSTEM", absl::StrCat(kOwn, "SYSTEM")));
  HiveBuilder at_rest;
  volume_.AddFile("Windows/System32/config/COMPONENTS", at_rest.Build());

  ASSERT_TRUE(
      list("COMPONENTS", "\\Device\\HarddiskVolume3\\WINDOWS\\system32\\config\\COMPONENTS"));
  EXPECT_EQ(LiveRegistry(volume_).Describe(HiveId::kComponents).state(), HiveFacts::LOADED);

  ASSERT_TRUE(
      list("COMPONENTS", "\\Device\\HarddiskVolume9\\Windows\\System32\\config\\COMPONENTS"));
  const LiveRegistry registry(volume_);
  EXPECT_EQ(registry.Describe(HiveId::kComponents).state(), HiveFacts::CLEAN);
  EXPECT_TRUE(
      absl::IsNotFound((*registry.Open(HiveId::kComponents, ""))->Get("StoreDirty").status()));

  volume_.AddError("Windows/System32/config/COMPONENTS", absl::PermissionDeniedError("denied"));
  EXPECT_THAT(LiveRegistry(volume_).Describe(HiveId::kComponents).collection().reason(),
              StartsWith("denied, and what is loaded as HKLM\\COMPONENTS is another one: "
                         "\\Device\\HarddiskVolume9\\"));
  DeleteTree(kList);
}

TEST_F(LiveRegistryTest, NoBootStoreIsLoaded) {
  const absl::Status status = LiveRegistry(volume_).OpenBcd().status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
}

}  // namespace
}  // namespace patchgate::registry
