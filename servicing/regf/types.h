// Registry value types by number; see DOMAIN §3.9 and the Windows SDK.
#ifndef SERVICING_REGF_TYPES_H_
#define SERVICING_REGF_TYPES_H_

#include <cstdint>
#include <string>

namespace patchgate::regf {

enum ValueType : uint32_t {
  kRegNone = 0,
  kRegSz = 1,
  kRegExpandSz = 2,
  kRegBinary = 3,
  kRegDword = 4,
  kRegDwordBigEndian = 5,
  kRegLink = 6,
  kRegMultiSz = 7,
  kRegResourceList = 8,
  kRegFullResourceDescriptor = 9,
  kRegResourceRequirementsList = 10,
  kRegQword = 11,
};

// "REG_SZ"; for a number without a name, "0x80000012".
std::string ValueTypeName(uint32_t type);

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_TYPES_H_
