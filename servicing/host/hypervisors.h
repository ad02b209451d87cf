// Which hypervisor a virtual machine runs on, by what its firmware calls it.
#ifndef SERVICING_HOST_HYPERVISORS_H_
#define SERVICING_HOST_HYPERVISORS_H_

#include "absl/strings/string_view.h"

namespace patchgate::host {

// "Hyper-V", by the strings of SMBIOS type 1 and the first BIOS version; without regard to case.
// Empty if they are those of no hypervisor that is known here: of a physical machine, or, if all
// three are empty, of whatever did not say.
absl::string_view HypervisorOf(absl::string_view manufacturer, absl::string_view product,
                               absl::string_view bios_version);

}  // namespace patchgate::host

#endif  // SERVICING_HOST_HYPERVISORS_H_
