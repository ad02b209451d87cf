// The registry of the running Windows. Windows only.
#ifndef SERVICING_REGISTRY_LIVE_REGISTRY_H_
#define SERVICING_REGISTRY_LIVE_REGISTRY_H_

#include <map>
#include <memory>
#include <string>

#include "servicing/evidence/source.h"
#include "servicing/registry/registry.h"

namespace patchgate::registry {

// HKEY_LOCAL_MACHINE, read-only, always the 64-bit view. A hive that Windows has loaded (SYSTEM,
// SOFTWARE; COMPONENTS while servicing works; DRIVERS while devices are installed; the BCD store as
// BCD00000000) is read through its key; its HiveFacts say LOADED and nothing of its file, which is
// in use. One that is not loaded (COMPONENTS at rest) is read from its file on `volume`, with its
// logs replayed, as HiveFile reads it. It is never loaded: that would be a change, and would keep
// servicing from it (DOMAIN §3). So is one that was loaded from another folder than SYSTEM, as
// Control\hivelist says: somebody looks into another Windows under its name.
//
// Where neither can be read, as for a user who is no administrator, the hive says why.
//
// Which hives are loaded is found out once, when this is made. No handle is kept: while one is
// open, Windows cannot unload the hive. One that is unloaded later is kUnavailable from then on.
class LiveRegistry : public Registry {
 public:
  // While `servicing_is_at_work` it may load a hive at any moment, which it cannot while somebody
  // reads the file: those at rest are left alone then, and say so.
  explicit LiveRegistry(const evidence::Source& volume, bool servicing_is_at_work = false);
  ~LiveRegistry() override;

  // As Registry. CurrentControlSet is the one that Select\Current names, as offline. Values come
  // with their raw bytes, also where these do not fit their type, and with the name that was asked
  // for; keys with the time of their last write. Symbolic links are not followed.
  //
  // kPermissionDenied where the rights of this process do not suffice. Lists are taken whole before
  // they are visited; one that changes in each of several attempts is visited as it was seen last,
  // with kDataLoss. A value that keeps growing while it is read, or of more than 64 MiB, is
  // kDataLoss too, as is a key with a NUL in its name, which Win32 can list but not open.
  absl::StatusOr<std::unique_ptr<Key>> Open(HiveId hive, absl::string_view path) const override;
  HiveFacts Describe(HiveId hive) const override;
  HiveFacts Examine(HiveId hive) const override;
  // HKEY_LOCAL_MACHINE\BCD00000000: the store that this Windows was booted by.
  absl::StatusOr<std::unique_ptr<Key>> OpenBcd() const override;

 private:
  struct Slot;
  std::map<HiveId, std::unique_ptr<Slot>> slots_;
};

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_LIVE_REGISTRY_H_
