// Identities of components and deployments, and the key names that Windows derives from them. The
// name of every key, folder and manifest of the component store can be recomputed from an identity:
// where the two differ, one of them is damaged.
#ifndef SERVICING_STORE_IDENTITY_H_
#define SERVICING_STORE_IDENTITY_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace patchgate::store {

// "Microsoft-Windows-Foo, Culture=neutral, Version=10.0.26100.1, PublicKeyToken=31bf3856ad364e35,
// ProcessorArchitecture=amd64, versionScope=NonSxS", taken apart. The parts are views of the text.
struct Identity {
  absl::string_view name;
  absl::string_view culture;  // "neutral" or a language; empty counts as neutral.
  absl::string_view type;     // "win32", "dualModeDriver"; mostly empty.
  absl::string_view version;  // Four parts.
  absl::string_view public_key_token;
  absl::string_view architecture;   // "amd64", "wow64", "x86", "msil", "arm64".
  absl::string_view version_scope;  // "NonSxS" or empty.
};

// The identity in `text`, an `identity` or `appid` value as COMPONENTS stores it: ASCII without a
// NUL. kInvalidArgument, with offset and text, if it has no name or version, an attribute that is
// not known or stands twice, or characters that no identity has. No allocation.
absl::StatusOr<Identity> ParseIdentity(absl::string_view text);

// As COMPONENTS writes it: name, Culture, Type, Version, PublicKeyToken, ProcessorArchitecture,
// versionScope; those that an identity lacks are left out, culture excepted, and a version scope of
// any case is "NonSxS".
std::string FormatIdentity(const Identity& identity);

// The 64-bit hash that ends a key name (DOMAIN §3.7).
uint64_t IdentityHash(const Identity& identity);

// Name of the key in DerivedData\Components, of the folder in WinSxS and, with ".manifest", of the
// manifest: "amd64_microsoft-windows-foo_31bf3856ad364e35_10.0.26100.1_none_0123456789abcdef".
std::string ComponentKey(const Identity& identity);

// Name of the key in CanonicalData\Deployments: no architecture, no culture, and a shorter name.
std::string DeploymentKey(const Identity& identity);

// Name of the key in SOFTWARE\…\SideBySide\Winners that all versions of a component share: the
// component key without its version, hashed without it (two keys of real hives come out).
std::string FamilyKey(const Identity& identity);

// The component key's parts that need no identity. Empty if `key` is not of that form.
absl::string_view VersionOfKey(absl::string_view key);       // "10.0.26100.1"
absl::string_view ArchitectureOfKey(absl::string_view key);  // "amd64"

// "10.0.26100.8037", perhaps with more behind a blank, for comparing: "10.0.22621.2567
// (WinBuild.160101.0800)". nullopt for anything else.
absl::optional<std::array<uint32_t, 4>> ParseVersion(absl::string_view text);

}  // namespace patchgate::store

#endif  // SERVICING_STORE_IDENTITY_H_
