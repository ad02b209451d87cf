#include "testdata/base_manifest.h"

namespace patchgate::testdata {

absl::string_view BaseManifest() {
  return R"xml(<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0">
  <assemblyIdentity name="Microsoft-Windows-" version="10.0.26100." processorArchitecture="amd64" language="neutral" buildType="release" publicKeyToken="31bf3856ad364e35" versionScope="nonSxS" />
  <file name=".dll" destinationPath="$(runtime.system32)\" sourceName=".dll" importPath="$(build.nttree)\">
    <securityDescriptor name="WRP_FILE_DEFAULT_SDDL" />
    <asmv2:hash xmlns:asmv2="urn:schemas-microsoft-com:asm.v2">
      <dsig:Transforms xmlns:dsig="http://www.w3.org/2000/09/xmldsig#">
        <dsig:Transform Algorithm="urn:schemas-microsoft-com:HashTransforms.Identity" />
      </dsig:Transforms>
      <dsig:DigestMethod xmlns:dsig="http://www.w3.org/2000/09/xmldsig#" Algorithm="http://www.w3.org/2000/09/xmldsig#sha256" />
      <dsig:DigestValue xmlns:dsig="http://www.w3.org/2000/09/xmldsig#"></dsig:DigestValue>
    </asmv2:hash>
  </file>
  <file name=".sys" destinationPath="$(runtime.drivers)\" sourceName=".sys" importPath="$(build.nttree)\" />
  <file name=".exe" destinationPath="$(runtime.windows)\" sourceName=".exe" importPath="$(build.nttree)\" />
  <file name=".dll.mui" destinationPath="$(runtime.system32)\en-US\" sourceName=".dll.mui" />
  <assemblyIdentity name=".Resources" version="10.0." processorArchitecture="wow64" language="en-US" type="win32" />
  <registryKeys>
    <registryKey keyName="HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\">
      <registryValue name="Enabled" valueType="REG_DWORD" value="0x00000001" />
      <registryValue name="Path" valueType="REG_EXPAND_SZ" value="%SystemRoot%\system32\" />
      <registryValue name="" valueType="REG_SZ" value="" />
      <securityDescriptor name="WRP_REGKEY_DEFAULT_SDDL" />
    </registryKey>
    <registryKey keyName="HKEY_CLASSES_ROOT\CLSID\{}\InprocServer32" />
    <registryKey keyName="HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\" />
  </registryKeys>
  <memberships>
    <categoryMembership>
      <id name="Microsoft.Windows.Categories.Services" version="10.0." publicKeyToken="31bf3856ad364e35" typeName="Service" />
      <categoryInstance subcategory="">
        <serviceData name="" displayName="@%SystemRoot%\system32\.dll,-100" errorControl="normal" imagePath="system32\drivers\.sys" start="boot" type="kernelDriver" />
      </categoryInstance>
    </categoryMembership>
  </memberships>
  <trustInfo>
    <security>
      <accessControl>
        <securityDescriptorDefinitions>
          <securityDescriptorDefinition name="WRP_FILE_DEFAULT_SDDL" sddl="O:SYG:SYD:P(A;;FA;;;SY)(A;;GRGX;;;BA)(A;;GRGX;;;BU)" operationHint="replace" />
          <securityDescriptorDefinition name="WRP_REGKEY_DEFAULT_SDDL" sddl="O:SYG:SYD:P(A;CI;GA;;;SY)(A;CI;GR;;;BA)(A;CI;GR;;;BU)" operationHint="replace" />
        </securityDescriptorDefinitions>
      </accessControl>
    </security>
  </trustInfo>
  <localization>
    <resources culture="en-US">
      <stringTable>
        <string id="displayName" value="" />
        <string id="description" value="" />
      </stringTable>
    </resources>
  </localization>
</assembly>
)xml";
}

}  // namespace patchgate::testdata
