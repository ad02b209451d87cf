// The checks, one function and one file each: sessions_pending.cc holds SessionsPending. Their ids,
// in gate/checks/all_checks.cc, name their records in manifests/checks.
#ifndef GATE_CHECKS_CHECKS_H_
#define GATE_CHECKS_CHECKS_H_

#include "gate/check.h"

namespace patchgate::gate::checks {

// Component Based Servicing, from the registry.
Finding ComponentDetect(const CheckInput& input);
Finding DriverOperations(const CheckInput& input);
Finding ExclusiveSession(const CheckInput& input);
Finding PackageState(const CheckInput& input);
Finding PackagesPending(const CheckInput& input);
Finding PostponedOnlineActions(const CheckInput& input);
Finding RebootInProgress(const CheckInput& input);
Finding RebootPending(const CheckInput& input);
Finding ReservesRebootPending(const CheckInput& input);
Finding ServicingInProgress(const CheckInput& input);
Finding ServicingStackRegistration(const CheckInput& input);
Finding SessionsPending(const CheckInput& input);
Finding TrustedInstallerInterrupted(const CheckInput& input);
Finding TrustedInstallerStart(const CheckInput& input);

// The installation.
Finding FeatureUpdateFailed(const CheckInput& input);
Finding ImageState(const CheckInput& input);
Finding OsIdentityKnown(const CheckInput& input);
Finding RestartMarksSet(const CheckInput& input);
Finding SetupInProgress(const CheckInput& input);
Finding UpdateRestartRequired(const CheckInput& input);
Finding UpdateServicesDisabled(const CheckInput& input);

// The evidence itself.
Finding ControlSet(const CheckInput& input);
Finding HiveDamage(const CheckInput& input);
Finding HiveDirty(const CheckInput& input);
Finding RequiredFolders(const CheckInput& input);

// A pending servicing transaction.
Finding BootExecuteCommands(const CheckInput& input);
Finding ComponentsFlags(const CheckInput& input);
Finding PendingFileRenames(const CheckInput& input);
Finding PendingTransaction(const CheckInput& input);
Finding PendingXmlContents(const CheckInput& input);
Finding PendingXmlVariants(const CheckInput& input);
Finding SetupExecuteCommands(const CheckInput& input);
Finding StoreCorruptionFlag(const CheckInput& input);
Finding LastStackNewer(const CheckInput& input);
Finding TempQueues(const CheckInput& input);
Finding FailedUpdate(const CheckInput& input);
Finding UnfinishedUpdate(const CheckInput& input);
Finding UpdateLoop(const CheckInput& input);
Finding Contradictions(const CheckInput& input);
Finding StartupServicing(const CheckInput& input);
Finding TransactionRefused(const CheckInput& input);
Finding RestartStuck(const CheckInput& input);
Finding StackState(const CheckInput& input);
Finding CorruptionReported(const CheckInput& input);
Finding Logs(const CheckInput& input);

// What the logs say of single parts of servicing.
Finding HydrationFailures(const CheckInput& input);
Finding PoqexecFailures(const CheckInput& input);
Finding SessionJournalUnfinished(const CheckInput& input);
Finding SfcResult(const CheckInput& input);
Finding TransactionLogFull(const CheckInput& input);

// What the host's disks and boots say.
Finding BootFilesSpace(const CheckInput& input);
Finding DiskErrors(const CheckInput& input);
Finding FailedBoots(const CheckInput& input);

// The component store, as it was verified.
Finding CatalogDamaged(const CheckInput& input);
Finding CatalogMissing(const CheckInput& input);
Finding ComponentMetadata(const CheckInput& input);
Finding ManifestDamaged(const CheckInput& input);
Finding ManifestMissing(const CheckInput& input);
Finding ManifestUnindexed(const CheckInput& input);
Finding PackageFiles(const CheckInput& input);
Finding PayloadDamaged(const CheckInput& input);
Finding PayloadMissing(const CheckInput& input);
Finding ProjectedFiles(const CheckInput& input);
Finding StoreVerified(const CheckInput& input);
Finding BootDriverMissing(const CheckInput& input);
Finding BootDriverInvalid(const CheckInput& input);
Finding BootRequiredDrivers(const CheckInput& input);
Finding BootClassFilters(const CheckInput& input);
Finding BootThirdPartyDrivers(const CheckInput& input);
Finding BootOrphanDrivers(const CheckInput& input);
Finding BcdStoreSound(const CheckInput& input);
Finding BcdBootManager(const CheckInput& input);
Finding BcdDefaultLoader(const CheckInput& input);
Finding BcdLoaderVolume(const CheckInput& input);
Finding BcdDisplayOrder(const CheckInput& input);
Finding BcdRecoverySequence(const CheckInput& input);
Finding BcdSafeMode(const CheckInput& input);
Finding BcdTestSigning(const CheckInput& input);
Finding BcdOneTimeBoot(const CheckInput& input);
Finding BcdSetupLoaders(const CheckInput& input);
Finding BootFilesSound(const CheckInput& input);
Finding MixedBootVersions(const CheckInput& input);
Finding EspSpace(const CheckInput& input);
Finding DiskSpace(const CheckInput& input);
Finding HostPlatform(const CheckInput& input);
Finding SecureBoot(const CheckInput& input);
Finding BitLockerProfile(const CheckInput& input);
Finding VirtualizationBasedSecurity(const CheckInput& input);
Finding RecoveryEnvironmentEnabled(const CheckInput& input);

// The patch level, claimed and measured.
Finding ClaimedVsMeasured(const CheckInput& input);
Finding ClaimsAgree(const CheckInput& input);
Finding HostBusy(const CheckInput& input);
Finding HostRights(const CheckInput& input);
Finding DriversHive(const CheckInput& input);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_CHECKS_H_
