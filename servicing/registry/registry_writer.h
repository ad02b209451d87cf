// Writes keys of the registry of the Windows that runs a test. Windows only, for tests.
#ifndef SERVICING_REGISTRY_REGISTRY_WRITER_H_
#define SERVICING_REGISTRY_REGISTRY_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "servicing/registry/registry.h"

namespace patchgate::registry {

// HKEY_LOCAL_MACHINE\<path>, which comes into being; all are true if the system did it. `wow` is
// the 32-bit view.
bool WriteKey(absl::string_view path, bool wow = false);
bool WriteValue(absl::string_view path, absl::string_view name, uint32_t type,
                absl::string_view data, bool wow = false);
// A symbolic link to `target`, "\Registry\Machine\SOFTWARE\x".
bool WriteLink(absl::string_view path, absl::string_view target);
// `from`, and all that is below it.
bool CopyKey(const Key& from, const std::string& path);
bool DeleteTree(absl::string_view path);

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_REGISTRY_WRITER_H_
