// A key of the running Windows' registry. Windows only.
#ifndef SERVICING_REGISTRY_LIVE_KEY_H_
#define SERVICING_REGISTRY_LIVE_KEY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/registry/registry.h"

namespace patchgate::registry {

// HKEY_LOCAL_MACHINE\<path>, the 64-bit view. What it returns, and its errors, stand at
// LiveRegistry. A key holds an open handle as long as it lives.
absl::StatusOr<std::unique_ptr<Key>> OpenLocalMachine(absl::string_view path);

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_LIVE_KEY_H_
