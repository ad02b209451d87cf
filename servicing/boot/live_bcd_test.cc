// The boot store of the running Windows, written into the registry of the Windows it runs on: made
// for Wine.
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "servicing/boot/bcd_builder.h"
#include "servicing/boot/bcd_reader.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive.h"
#include "servicing/registry/hive_file.h"
#include "servicing/registry/live_registry.h"
#include "servicing/registry/registry_writer.h"

namespace patchgate::boot {
namespace {

TEST(LiveBcd, AsTheHiveFile) {
  evidence::MemorySource volume;
  volume.AddFile("EFI/Microsoft/Boot/BCD", HealthyBcd().Build());
  const BcdStore stored = ReadBcd(volume, nullptr);
  const auto open = registry::OpenHiveFile(volume, "EFI/Microsoft/Boot/BCD");
  ASSERT_TRUE(open.ok()) << open.status();
  ASSERT_TRUE(registry::CopyKey(*registry::RootKey(*open->hive), "BCD00000000"));

  const registry::LiveRegistry registry(volume);
  BcdStore loaded = ReadLoadedBcd(registry, /*is_efi=*/true);
  EXPECT_EQ(loaded.collection().status(), Collection::COLLECTED) << loaded.collection().reason();
  EXPECT_TRUE(loaded.collection().gaps().empty());
  EXPECT_GT(loaded.collection().modified_filetime(), 133000000000000000u);
  EXPECT_EQ(loaded.hive().state(), HiveFacts::LOADED);
  EXPECT_EQ(loaded.root_name(), "BCD00000000");

  // All that does not lie in the keys apart, they are one.
  loaded.set_root_name(stored.root_name());
  *loaded.mutable_collection() = stored.collection();
  *loaded.mutable_hive() = stored.hive();
  EXPECT_EQ(loaded.objects_size(), 14);
  EXPECT_EQ(loaded.SerializeAsString(), stored.SerializeAsString());
  registry::DeleteTree("BCD00000000");
}

}  // namespace
}  // namespace patchgate::boot
