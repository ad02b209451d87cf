#include "servicing/boot/bcd_names.h"

#include "absl/types/span.h"
#include "servicing/boot/bcd_format.h"

namespace patchgate::boot {
namespace {

struct Name {
  uint32_t id;
  const char* name;
};

// Numbers and meanings of most: Microsoft's reference of the BCD WMI provider, enumerations
// BcdLibraryElementTypes, BcdBootMgrElementTypes, BcdOSLoaderElementTypes, BcdResumeElementTypes,
// BcdMemDiagElementTypes and BcdDeviceObjectElementTypes
// (learn.microsoft.com/previous-versions/windows/desktop/bcd/bcd-enumerations). The spelling, and
// the numbers that are not in there: bcdedit's own, from its reference (learn.microsoft.com,
// "BCDEdit /set") and geoffchappell.com/notes/windows/boot/bcd/elements.htm.

constexpr Name kLibrary[] = {
    {0x11000001, "device"},
    {0x11000043, "bootstatdevice"},
    {0x11000083, "recoveryosdevice"},
    {0x11000084, "windowssyspart"},
    {0x12000002, "path"},
    {0x12000004, "description"},
    {0x12000005, "locale"},
    {0x12000016, "targetname"},
    {0x12000019, "busparams"},
    {0x1200001D, "key"},
    {0x1200001F, "hostipv6"},
    {0x12000030, "loadoptions"},
    {0x12000044, "bootstatfilepath"},
    {0x1200004A, "fontpath"},
    {0x12000088, "additionalcipolicy"},
    {0x14000006, "inherit"},
    {0x14000008, "recoverysequence"},
    {0x15000007, "truncatememory"},
    {0x1500000C, "firstmegabytepolicy"},
    {0x1500000D, "relocatephysical"},
    {0x1500000E, "avoidlowmemory"},
    {0x15000011, "debugtype"},
    {0x15000012, "debugaddress"},
    {0x15000013, "debugport"},
    {0x15000014, "baudrate"},
    {0x15000015, "channel"},
    {0x15000018, "debugstart"},
    {0x1500001A, "hostip"},
    {0x1500001B, "port"},
    {0x15000022, "emsport"},
    {0x15000023, "emsbaudrate"},
    {0x15000042, "keyringaddress"},
    {0x15000047, "configaccesspolicy"},
    {0x1500004B, "integrityservices"},
    {0x1500004C, "volumebandid"},
    {0x15000051, "initialconsoleinput"},
    {0x15000052, "graphicsresolution"},
    {0x15000065, "displaymessage"},
    {0x15000066, "displaymessageoverride"},
    {0x1500006D, "bootuxfadeframes"},
    {0x15000073, "aliaswindowskey"},
    {0x15000075, "performancefrequency"},
    {0x15000076, "securebootrawpolicy"},
    {0x15000079, "bootuxtransitiontime"},
    {0x1500007D, "booterrorux"},
    {0x1500007F, "measuredbootlogformat"},
    {0x15000080, "displayrotation"},
    {0x15000081, "logcontrol"},
    {0x15000086, "enabletxtmle"},
    {0x15000088, "linearaddress57"},
    {0x16000009, "recoveryenabled"},
    {0x1600000B, "badmemoryaccess"},
    {0x1600000F, "traditionalkseg"},
    {0x16000010, "bootdebug"},
    {0x16000017, "noumex"},
    {0x1600001C, "dhcp"},
    {0x1600001E, "vm"},
    {0x16000020, "bootems"},
    {0x16000031, "attemptnonbcdstart"},
    {0x16000040, "advancedoptions"},
    {0x16000041, "optionsedit"},
    {0x16000045, "preservebootstat"},
    {0x16000046, "graphicsmodedisabled"},
    {0x16000048, "nointegritychecks"},
    {0x16000049, "testsigning"},
    {0x16000050, "extendedinput"},
    {0x16000053, "restartonfailure"},
    {0x16000054, "highestmode"},
    {0x16000060, "isolatedcontext"},
    {0x16000067, "nobootuxlogo"},
    {0x16000068, "nobootuxtext"},
    {0x16000069, "nobootuxprogress"},
    {0x1600006A, "nobootuxfade"},
    {0x1600006B, "bootuxreservepooldebug"},
    {0x1600006C, "bootuxdisabled"},
    {0x1600006E, "bootuxdumpstats"},
    {0x1600006F, "bootuxshowstats"},
    {0x16000071, "multibootsystem"},
    {0x16000072, "nokeyboard"},
    {0x16000074, "bootshutdowndisabled"},
    {0x1600007A, "mobilegraphics"},
    {0x1600007B, "forcefipscrypto"},
    {0x1600007E, "flightsigning"},
    {0x16000082, "nofirmwaresync"},
    {0x16000085, "enableuwfbootfilter"},
    {0x16000087, "numlock"},
    {0x1700000A, "badmemorylist"},
    {0x17000077, "allowedinmemorysettings"},
};

constexpr Name kBootManager[] = {
    {0x21000022, "bcddevice"},
    {0x22000023, "bcdfilepath"},
    {0x22000026, "passwordoverride"},
    {0x22000027, "pinpassphraseoverride"},
    {0x22000040, "fverecoveryurl"},
    {0x22000041, "fverecoverymessage"},
    {0x23000003, "default"},
    {0x23000006, "resumeobject"},
    {0x24000001, "displayorder"},
    {0x24000002, "bootsequence"},
    {0x24000007, "startupsequence"},
    {0x24000010, "toolsdisplayorder"},
    {0x25000004, "timeout"},
    {0x26000005, "resume"},
    {0x26000020, "displaybootmenu"},
    {0x26000021, "noerrordisplay"},
    {0x26000024, "hormenabled"},
    {0x26000025, "hiberboot"},
    {0x26000028, "processcustomactionsfirst"},
    {0x26000031, "persistbootsequence"},
    {0x26000032, "skipstartupsequence"},
    {0x26000042, "flightedbootmgr"},
    {0x27000030, "customactions"},
};

// 0x25000080 is BcdOSLoaderInteger_SafeBoot.
constexpr Name kOsLoader[] = {
    {0x21000001, "osdevice"},
    {0x21000005, "fveunlockdevice"},
    {0x21000138, "imcdevice"},
    {0x21000150, "systemdatadevice"},
    {0x21000151, "osarcdevice"},
    {0x21000153, "osdatadevice"},
    {0x21000154, "bspdevice"},
    {0x21000155, "bspfilepath"},
    {0x22000002, "systemroot"},
    {0x22000011, "kernel"},
    {0x22000012, "hal"},
    {0x22000013, "dbgtransport"},
    {0x22000053, "evstore"},
    {0x220000F1, "hypervisorpath"},
    {0x220000F9, "hypervisorbusparams"},
    {0x22000110, "hypervisorusekey"},
    {0x22000112, "hypervisorproductskutype"},
    {0x22000117, "hypervisorloadoptions"},
    {0x2200012D, "kernelbusparams"},
    {0x22000132, "kerneltargetname"},
    {0x22000136, "kernelkey"},
    {0x22000137, "imchivename"},
    {0x22000140, "mfgmode"},
    {0x23000003, "resumeobject"},
    {0x25000020, "nx"},
    {0x25000021, "pae"},
    {0x25000031, "removememory"},
    {0x25000032, "increaseuserva"},
    {0x25000033, "perfmem"},
    {0x25000050, "clustermodeaddressing"},
    {0x25000052, "restrictapiccluster"},
    {0x25000055, "x2apicpolicy"},
    {0x25000061, "numproc"},
    {0x25000063, "configflags"},
    {0x25000066, "groupsize"},
    {0x25000071, "msi"},
    {0x25000072, "pciexpress"},
    {0x25000080, "safeboot"},
    {0x250000A6, "tscsyncpolicy"},
    {0x250000C0, "forcefailure"},
    {0x250000C1, "driverloadfailurepolicy"},
    {0x250000C2, "bootmenupolicy"},
    {0x250000E0, "bootstatuspolicy"},
    {0x250000F0, "hypervisorlaunchtype"},
    {0x250000F3, "hypervisordebugtype"},
    {0x250000F4, "hypervisordebugport"},
    {0x250000F5, "hypervisorbaudrate"},
    {0x250000F6, "hypervisorchannel"},
    {0x250000F7, "bootux"},
    {0x250000FA, "hypervisornumproc"},
    {0x250000FB, "hypervisorrootprocpernode"},
    {0x250000FD, "hypervisorhostip"},
    {0x250000FE, "hypervisorhostport"},
    {0x250000FF, "hypervisordebugpages"},
    {0x25000100, "tpmbootentropy"},
    {0x25000113, "hypervisorrootproc"},
    {0x25000115, "hypervisoriommupolicy"},
    {0x25000118, "hypervisormsrfilterpolicy"},
    {0x25000119, "hypervisormmionxpolicy"},
    {0x2500011A, "hypervisorschedulertype"},
    {0x25000120, "xsavepolicy"},
    {0x25000121, "xsaveaddfeature0"},
    {0x25000122, "xsaveaddfeature1"},
    {0x25000123, "xsaveaddfeature2"},
    {0x25000124, "xsaveaddfeature3"},
    {0x25000125, "xsaveaddfeature4"},
    {0x25000126, "xsaveaddfeature5"},
    {0x25000127, "xsaveaddfeature6"},
    {0x25000128, "xsaveaddfeature7"},
    {0x25000129, "xsaveremovefeature"},
    {0x2500012A, "xsaveprocessorsmask"},
    {0x2500012B, "xsavedisable"},
    {0x2500012C, "kerneldebugtype"},
    {0x2500012E, "kerneldebugaddress"},
    {0x2500012F, "kerneldebugport"},
    {0x25000130, "claimedtpmcounter"},
    {0x25000131, "kernelchannel"},
    {0x25000133, "kernelhostip"},
    {0x25000134, "kernelport"},
    {0x25000139, "kernelbaudrate"},
    {0x25000142, "vsmlaunchtype"},
    {0x25000144, "hypervisorenforcedcodeintegrity"},
    {0x26000004, "stampdisks"},
    {0x26000010, "detecthal"},
    {0x26000022, "winpe"},
    {0x26000024, "nocrashautoreboot"},
    {0x26000025, "lastknowngood"},
    {0x26000026, "oslnointegritychecks"},
    {0x26000027, "osltestsigning"},
    {0x26000030, "nolowmem"},
    {0x26000040, "vga"},
    {0x26000041, "quietboot"},
    {0x26000042, "novesa"},
    {0x26000043, "novga"},
    {0x26000051, "usephysicaldestination"},
    {0x26000054, "uselegacyapicmode"},
    {0x26000060, "onecpu"},
    {0x26000062, "maxproc"},
    {0x26000064, "maxgroup"},
    {0x26000065, "groupaware"},
    {0x26000070, "usefirmwarepcisettings"},
    {0x26000081, "safebootalternateshell"},
    {0x26000090, "bootlog"},
    {0x26000091, "sos"},
    {0x260000A0, "debug"},
    {0x260000A1, "halbreakpoint"},
    {0x260000A2, "useplatformclock"},
    {0x260000A3, "forcelegacyplatform"},
    {0x260000A4, "useplatformtick"},
    {0x260000A5, "disabledynamictick"},
    {0x260000B0, "ems"},
    {0x260000C3, "onetimeadvancedoptions"},
    {0x260000C4, "onetimeoptionsedit"},
    {0x260000E1, "disableelamdrivers"},
    {0x260000F2, "hypervisordebug"},
    {0x260000F8, "hypervisordisableslat"},
    {0x260000FC, "hypervisoruselargevtlb"},
    {0x26000114, "hypervisordhcp"},
    {0x26000116, "hypervisorusevapic"},
    {0x26000135, "kerneldhcp"},
    {0x26000141, "event"},
    {0x26000145, "dtrace"},
};

constexpr Name kResumeLoader[] = {
    {0x21000001, "filedevice"}, {0x21000005, "associatedosdevice"}, {0x22000002, "filepath"},
    {0x25000007, "bootux"},     {0x25000008, "bootmenupolicy"},     {0x26000003, "customsettings"},
    {0x26000004, "pae"},        {0x26000006, "debugoptionenabled"}, {0x26000024, "hormenabled"},
};

constexpr Name kMemoryTester[] = {
    {0x25000001, "passcount"},
    {0x25000002, "testmix"},
    {0x25000003, "failurecount"},
};

// ntldr and setupldr of Windows XP.
constexpr Name kLegacyLoader[] = {
    {0x22000001, "bpbstring"},
};

constexpr Name kDeviceOptions[] = {
    {0x31000003, "ramdisksdidevice"},      {0x32000004, "ramdisksdipath"},
    {0x35000001, "ramdiskimageoffset"},    {0x35000002, "ramdisktftpclientport"},
    {0x35000005, "ramdiskimagelength"},    {0x35000007, "ramdisktftpblocksize"},
    {0x35000008, "ramdisktftpwindowsize"}, {0x36000006, "exportascd"},
    {0x36000009, "ramdiskmcenabled"},      {0x3600000A, "ramdiskmctftpfallback"},
    {0x3600000B, "ramdisktftpvarwindow"},
};

// Of templates; recoveryos is seen on loaders of the recovery environment too.
constexpr Name kTemplate[] = {
    {0x42000002, "applicationrelativepath"},
    {0x42000003, "ramdiskdevicerelativepath"},
    {0x45000001, "devicetype"},
    {0x46000004, "omitosloaderelements"},
    {0x46000010, "recoveryos"},
    {0x47000006, "elementstomigrate"},
};

constexpr Name kObjectTypes[] = {
    {object_type::kFirmwareBootManager, "firmware boot manager"},
    {object_type::kBootManager, "Windows boot manager"},
    {object_type::kFirmwareApplication, "firmware application"},
    {object_type::kOsLoader, "operating system loader"},
    {object_type::kResumeLoader, "resume loader"},
    {object_type::kMemoryTester, "memory tester"},
    {0x10300006, "ntldr"},
    {0x10300007, "setupldr"},
    {0x10300008, "boot sector"},
    {0x10400009, "startup module"},
    {0x1040000A, "boot application"},
    {object_type::kInheritable, "settings"},
    {0x20200001, "settings of firmware boot managers"},
    {0x20200002, "settings of boot managers"},
    {object_type::kLoaderSettings, "settings of loaders"},
    {object_type::kResumeSettings, "settings of resume loaders"},
    {0x20200005, "settings of memory testers"},
    {0x20300000, "settings of devices"},
    {object_type::kDeviceOptions, "device options"},
};

struct Object {
  const char* guid;
  const char* name;
};

// The aliases that bcdedit lists in its help ("bcdedit /? ID").
constexpr Object kObjects[] = {
    {guid::kBootManager, "bootmgr"},
    {guid::kFirmwareBootManager, "fwbootmgr"},
    {guid::kMemoryTester, "memdiag"},
    {guid::kGlobalSettings, "globalsettings"},
    {guid::kLoaderSettings, "bootloadersettings"},
    {guid::kResumeSettings, "resumeloadersettings"},
    {guid::kHypervisorSettings, "hypervisorsettings"},
    {guid::kDebuggerSettings, "dbgsettings"},
    {guid::kEmsSettings, "emssettings"},
    {guid::kBadMemory, "badmemory"},
    {guid::kRamdiskOptions, "ramdiskoptions"},
    {"{466f5a88-0af2-4f76-9038-095b170dc21c}", "ntldr"},
    {"{313e8eed-7098-4586-a9bf-309c61f8d449}", "kerneldbgsettings"},
};

absl::string_view Find(absl::Span<const Name> table, uint32_t id) {
  for (const Name& row : table) {
    if (row.id == id) return row.name;
  }
  return "";
}

// The application that an object is, or that its settings are for: the low 20 bits of its type.
// Empty for one without elements of its own.
absl::Span<const Name> ApplicationTable(uint32_t application) {
  switch (application) {
    case 1:
    case 2:
      return kBootManager;
    case 3:
      return kOsLoader;
    case 4:
      return kResumeLoader;
    case 5:
      return kMemoryTester;
    case 6:
    case 7:
      return kLegacyLoader;
    default:
      return {};
  }
}

// For settings that any application inherits: a name only if all that know the element agree.
absl::string_view CommonName(uint32_t element) {
  absl::string_view common;
  for (uint32_t application = 2; application <= 6; ++application) {
    const absl::string_view name = Find(ApplicationTable(application), element);
    if (name.empty()) continue;
    if (!common.empty() && common != name) return "";
    common = name;
  }
  return common;
}

}  // namespace

absl::string_view ElementName(uint32_t element, uint32_t object_type) {
  switch (ClassOf(element)) {
    case ElementClass::kLibrary:
      return Find(kLibrary, element);
    case ElementClass::kApplication:
      if (object_type == object_type::kInheritable) return CommonName(element);
      return Find(ApplicationTable(object_type & 0xFFFFF), element);
    case ElementClass::kDevice:
      return Find(kDeviceOptions, element);
    case ElementClass::kTemplate:
      return Find(kTemplate, element);
    default:
      return "";
  }
}

absl::string_view ObjectTypeName(uint32_t type) { return Find(kObjectTypes, type); }

absl::string_view ObjectName(absl::string_view guid) {
  for (const Object& object : kObjects) {
    if (guid == object.guid) return object.name;
  }
  return "";
}

}  // namespace patchgate::boot
