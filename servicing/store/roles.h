// What a part of the component store is to the host: damage to the servicing stack, the boot path
// or the current cumulative update is graver than to anything else.
#ifndef SERVICING_STORE_ROLES_H_
#define SERVICING_STORE_ROLES_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "servicing/cbs/cbs.pb.h"
#include "servicing/registry/registry.h"
#include "servicing/store/store.pb.h"

namespace patchgate::store {

class Roles {
 public:
  // Reads the boot-start services and CBS\Version; what cannot be read becomes a gap of `section`,
  // and fewer parts have a role. `more_boot_files` are names of files that count as booted from,
  // too.
  Roles(const registry::Registry& registry, const CbsPackages& packages,
        const std::vector<std::string>& more_boot_files, Collection* section);

  // "26100.7462", of the newest installed cumulative update; empty if there is none.
  const std::string& lcu_build() const { return lcu_build_; }
  // "10.0.26100.7295", as CBS\Version names them; mostly one.
  const std::vector<std::string>& stack_versions() const { return stack_versions_; }

  // Of a component by its key; without the boot role, which depends on its files.
  StoreRoles OfComponent(absl::string_view key) const;
  // Whether the host boots from a file of this name: a kernel, loader or boot-start driver.
  bool IsBootFile(absl::string_view name) const;
  // Whether it is the kernel's component or another one that has such a file whatever COMPONENTS
  // says: the boot path must not depend on a few f! values being there.
  static bool IsBootComponent(absl::string_view component_key);
  // Whether a component of this architecture may bring boot files at all.
  static bool MayBoot(absl::string_view component_key);
  // Of a deployment by its version, of a package by its identity.
  StoreRoles OfVersion(absl::string_view version) const;
  StoreRoles OfPackage(absl::string_view identity) const;

 private:
  void ReadBootServices(const registry::Registry& registry, Collection* section);

  std::string lcu_build_;
  std::vector<std::string> stack_versions_;
  absl::flat_hash_set<std::string> boot_files_;  // Upper-cased names.
};

}  // namespace patchgate::store

#endif  // SERVICING_STORE_ROLES_H_
