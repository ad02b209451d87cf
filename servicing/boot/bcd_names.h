// Names of objects and elements of Boot Configuration Data.
#ifndef SERVICING_BOOT_BCD_NAMES_H_
#define SERVICING_BOOT_BCD_NAMES_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace patchgate::boot {

// The element as bcdedit calls it: "osdevice". The names of application elements depend on the type
// of the object that has them: 0x23000003 is "default" of a boot manager and "resumeobject" of a
// loader. Empty if it has no name, or none of its own for this type of object.
absl::string_view ElementName(uint32_t element, uint32_t object_type);

// What an object of this type is: "operating system loader". Empty if unknown.
absl::string_view ObjectTypeName(uint32_t type);

// The object as bcdedit calls it, without its braces: "bootmgr". `guid` is lower case, with braces.
// Empty for one that has no name of its own.
absl::string_view ObjectName(absl::string_view guid);

}  // namespace patchgate::boot

#endif  // SERVICING_BOOT_BCD_NAMES_H_
