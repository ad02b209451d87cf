// Where the library of the servicing stack lies.
#ifndef SERVICING_BOOT_STACK_LIBRARY_H_
#define SERVICING_BOOT_STACK_LIBRARY_H_

#include <string>

#include "servicing/cbs/cbs.pb.h"

namespace patchgate::boot {

// "Windows/WinSxS/amd64_microsoft-windows-servicingstack_…/wcp.dll": path on the volume of the
// wcp.dll that CBS will load (CBS\Version). Empty if no folder of the volume is registered, or more
// than one stack, which is a finding of its own and says nothing of which is loaded. Whether the
// file is there nobody looked.
std::string StackLibrary(const ServicingStack& stack);

}  // namespace patchgate::boot

#endif  // SERVICING_BOOT_STACK_LIBRARY_H_
