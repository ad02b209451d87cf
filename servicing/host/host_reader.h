// Reads the identity and set-up state of a Windows installation from its registry.
#ifndef SERVICING_HOST_HOST_READER_H_
#define SERVICING_HOST_HOST_READER_H_

#include "servicing/host/host.pb.h"
#include "servicing/registry/registry.h"

namespace patchgate::host {

// SOFTWARE\Microsoft\Windows NT\CurrentVersion (DOMAIN §1.6).
OsIdentity ReadOsIdentity(const registry::Registry& registry);

// SYSTEM\Setup (DOMAIN §2.3).
SetupState ReadSetupState(const registry::Registry& registry);

// SYSTEM\Select and the control sets that exist (DOMAIN §2.1).
ControlSetFacts ReadControlSets(const registry::Registry& registry);

// Session Manager\BootExecute (DOMAIN §2.2).
BootExecute ReadBootExecute(const registry::Registry& registry);

// Start types of wuauserv, UsoSvc, BITS, CryptSvc, msiserver and AppXSvc (DOMAIN §2.5).
UpdateServices ReadUpdateServices(const registry::Registry& registry);

}  // namespace patchgate::host

#endif  // SERVICING_HOST_HOST_READER_H_
