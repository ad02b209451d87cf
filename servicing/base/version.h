// The version of patchgate itself.
#ifndef SERVICING_BASE_VERSION_H_
#define SERVICING_BASE_VERSION_H_

namespace patchgate {

inline constexpr char kPatchgateVersion[] = "0.1.0";

}  // namespace patchgate

#endif  // SERVICING_BASE_VERSION_H_
