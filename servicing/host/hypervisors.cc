#include "servicing/host/hypervisors.h"

#include "absl/strings/match.h"

namespace patchgate::host {
namespace {

// Each field is a beginning; an empty one matches everything.
struct Hypervisor {
  const char* manufacturer;
  const char* product;
  const char* bios_version;
  const char* name;
};

// Sources: [M] measured on a real SYSTEM hive, [D] DOMAIN §2.7, [V] the DMI strings that systemd's
// and Red Hat's detection (virt-what) agree on.
constexpr Hypervisor kHypervisors[] = {
    {"VMware", "", "", "VMware"},                                 // [M] "VMware, Inc.", "VMware7,1"
    {"Microsoft Corporation", "Virtual Machine", "", "Hyper-V"},  // [D], [V]; Surface is none.
    {"QEMU", "", "", "KVM"},                  // [V] "Standard PC (Q35 + ICH9, 2009)"
    {"", "KVM", "", "KVM"},                   // [V] "Red Hat", "KVM"
    {"Red Hat", "RHEV", "", "KVM"},           // [V] "RHEV Hypervisor"
    {"Red Hat", "OpenStack", "", "KVM"},      // [V] "OpenStack Compute"
    {"OpenStack Foundation", "", "", "KVM"},  // [V] "OpenStack Nova"
    {"oVirt", "", "", "KVM"},                 // [V] "oVirt Node", "RHEL"
    {"Nutanix", "AHV", "", "KVM"},            // [V]; Nutanix makes machines too.
    {"innotek GmbH", "", "", "VirtualBox"},   // [V] "VirtualBox"
    {"", "VirtualBox", "", "VirtualBox"},     // [V]
    {"", "", "VBOX", "VirtualBox"},           // [M] "VBOX   - 1"
    {"Xen", "", "", "Xen"},                   // [V] "HVM domU"
    {"Parallels", "", "", "Parallels"},       // [V]
    {"Bochs", "", "", "Bochs"},               // [V]
    {"BHYVE", "", "", "bhyve"},               // [V]
    {"", "BHYVE", "", "bhyve"},               // [V]
    {"", "Google Compute Engine", "", "Google Compute Engine"},  // [V]
    {"Amazon EC2", "", "", "Amazon EC2"},                        // [V]
};

}  // namespace

absl::string_view HypervisorOf(absl::string_view manufacturer, absl::string_view product,
                               absl::string_view bios_version) {
  // Amazon rents out whole machines too: "c5.metal", "m5zn.metal", "u-6tb1.metal",
  // "c7i.metal-24xl".
  if (absl::StartsWithIgnoreCase(manufacturer, "Amazon EC2") &&
      absl::StrContains(product, ".metal")) {
    return "";
  }
  for (const Hypervisor& h : kHypervisors) {
    if (absl::StartsWithIgnoreCase(manufacturer, h.manufacturer) &&
        absl::StartsWithIgnoreCase(product, h.product) &&
        absl::StartsWithIgnoreCase(bios_version, h.bios_version)) {
      return h.name;
    }
  }
  return "";
}

}  // namespace patchgate::host
