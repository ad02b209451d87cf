#include "servicing/store/store_reader.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/registry/offline_registry.h"

namespace patchgate::store {
namespace {

using evidence::MemorySource;

constexpr char kComponents[] = "Windows/System32/config/COMPONENTS";

TEST(ReadStoreQueues, CountsEntriesAndKeepsTheNewestTime) {
  MemorySource volume;
  volume.AddFile("Windows/WinSxS/Temp/PendingDeletes/$$DeleteMe.a.dll.1", "x", 50);
  volume.AddDirectory("Windows/WinSxS/Temp/PendingDeletes/folder", 70);
  volume.AddFile("Windows/WinSxS/Temp/PendingDeletes/folder/below.dll", "x", 90);
  volume.AddDirectory("Windows/WinSxS/Temp/InFlight");
  StoreFolders folders;
  ReadStoreQueues(volume, &folders);
  ASSERT_EQ(folders.queues_size(), 3);

  const StoreQueue& deletes = folders.queues(0);
  EXPECT_EQ(deletes.name(), "PendingDeletes");
  EXPECT_EQ(deletes.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(deletes.collection().source(), "Windows/WinSxS/Temp/PendingDeletes");
  EXPECT_EQ(deletes.entries(), 2u);
  EXPECT_EQ(deletes.newest_filetime(), 70u);

  EXPECT_EQ(folders.queues(1).name(), "PendingRenames");
  EXPECT_EQ(folders.queues(1).collection().status(), Collection::ABSENT);
  EXPECT_EQ(folders.queues(1).entries(), 0u);

  EXPECT_EQ(folders.queues(2).name(), "InFlight");
  EXPECT_EQ(folders.queues(2).collection().status(), Collection::COLLECTED);
  EXPECT_EQ(folders.queues(2).entries(), 0u);
  EXPECT_EQ(folders.queues(2).newest_filetime(), 0u);
}

TEST(ReadStoreQueues, WhatCannotBeListedIsNotEmpty) {
  MemorySource volume;
  volume.AddDirectory("Windows/WinSxS/Temp/InFlight");
  volume.AddError("Windows/WinSxS/Temp/InFlight", absl::PermissionDeniedError("access denied"));
  volume.AddFile("Windows/WinSxS/Temp/PendingDeletes", "a file where a folder belongs");
  StoreFolders folders;
  ReadStoreQueues(volume, &folders);
  EXPECT_EQ(folders.queues(0).collection().status(), Collection::UNREADABLE);
  EXPECT_EQ(folders.queues(2).collection().status(), Collection::UNREADABLE);
  EXPECT_EQ(folders.queues(2).collection().reason(), "access denied");
}

LastStack Read(regf::HiveBuilder& builder) {
  MemorySource volume;
  volume.AddFile(kComponents, builder.Build());
  return ReadLastStack(registry::OfflineRegistry(volume));
}

TEST(ReadLastStack, ReadsTheVersion) {
  regf::HiveBuilder builder;
  builder.root()
      ->AddKey("ServicingStackVersions")
      ->SetString("LastWCPVersionToAccessStore", "10.0.22621.2567 (WinBuild.160101.0800)")
      ->set_last_written(42);
  const LastStack facts = Read(builder);
  EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.collection().source(), "COMPONENTS\\ServicingStackVersions");
  EXPECT_EQ(facts.collection().modified_filetime(), 42u);
  EXPECT_EQ(facts.last_wcp_version(), "10.0.22621.2567 (WinBuild.160101.0800)");
}

TEST(ReadLastStack, WithoutTheKeyOrTheValue) {
  regf::HiveBuilder builder;
  EXPECT_EQ(Read(builder).collection().status(), Collection::ABSENT);
  builder.root()->AddKey("ServicingStackVersions")->SetString("10.0.22621.2567", "x");
  const LastStack facts = Read(builder);
  EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.last_wcp_version(), "");
  EXPECT_TRUE(facts.collection().gaps().empty());
}

TEST(ReadLastStack, AValueOfAnotherTypeIsAGap) {
  regf::HiveBuilder builder;
  builder.root()->AddKey("ServicingStackVersions")->SetDword("LastWCPVersionToAccessStore", 10);
  const LastStack facts = Read(builder);
  EXPECT_EQ(facts.last_wcp_version(), "");
  ASSERT_EQ(facts.collection().gaps_size(), 1);
  EXPECT_EQ(facts.collection().gaps(0).where(),
            "COMPONENTS\\ServicingStackVersions\\LastWCPVersionToAccessStore");
}

TEST(ReadLastStack, WithoutTheHiveNothingIsKnown) {
  EXPECT_EQ(ReadLastStack(registry::OfflineRegistry(MemorySource())).collection().status(),
            Collection::UNREADABLE);
}

}  // namespace
}  // namespace patchgate::store
