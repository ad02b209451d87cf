// Writes a pending.xml of a given size, with the operations of DOMAIN §4.2 in a mix as a cumulative
// update has it: make_large_pending_xml MEGABYTES FILE

#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace {

constexpr char kHead[] =
    "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\r\n"
    "<PendingTransaction Version=\"3.1\" WcpVersion=\"10.0.26100.7295 (WinBuild.160101.0800)\" "
    "Identifier=\"916ae75edb30da0146730000dc1be027\">\r\n"
    "  <Transactions></Transactions>\r\n  <ChangeList></ChangeList>\r\n"
    "  <POQ postAction=\"reboot\">\r\n    <BeginTransaction id=\"1\"/>\r\n";
constexpr char kTail[] =
    "  </POQ>\r\n  <POQ></POQ>\r\n  <InstallerQueue Length=\"0x00000000\"></InstallerQueue>\r\n"
    "</PendingTransaction>\r\n";

// One component: its folder, two files linked into place, a key.
std::string Component(uint64_t number) {
  const std::string folder = absl::StrFormat(
      "\\SystemRoot\\WinSxS\\amd64_microsoft-windows-component%d_31bf3856ad364e35_"
      "10.0.26100.7462_none_%016x",
      number, number * 0x9E3779B97F4A7C15);
  std::string text = absl::StrFormat(
      "    <CreateDirectory path=\"%s\"/>\r\n    <SetFileInformation path=\"%s\" "
      "securityDescriptor=\"binary base64:%060d\" flags=\"0x00000040\"/>\r\n",
      folder, folder, number);
  for (int i = 0; i < 2; ++i) {
    absl::StrAppendFormat(
        &text,
        "    <MoveFile source=\"\\SystemRoot\\WinSxS\\Temp\\InFlight\\%016x\\file%d.dll\" "
        "destination=\"%s\\file%d.dll\"/>\r\n"
        "    <HardlinkFile source=\"%s\\file%d.dll\" "
        "destination=\"\\??\\C:\\Windows\\System32\\component%d-file%d.dll\"/>\r\n",
        number, i, folder, i, folder, i, number, i);
  }
  absl::StrAppendFormat(&text,
                        "    <CreateKey path=\"\\Registry\\Machine\\SOFTWARE\\Component%d\"/>\r\n"
                        "    <SetKeyValue path=\"\\Registry\\Machine\\SOFTWARE\\Component%d\" "
                        "name=\"Version\" type=\"0x00000001\" encoding=\"base64\" "
                        "value=\"MQAwAC4AMAAuADIANgAxADAAMAAuADcANAA2ADIAAAA=\"/>\r\n",
                        number, number);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t megabytes = 0;
  if (argc != 3 || !absl::SimpleAtoi(argv[1], &megabytes)) {
    std::cerr << "usage: make_large_pending_xml MEGABYTES FILE\n";
    return 2;
  }
  std::ofstream file(argv[2], std::ios::binary);
  file << kHead;
  uint64_t size = sizeof(kHead) + sizeof(kTail);
  for (uint64_t number = 0; size < megabytes << 20; ++number) {
    const std::string text = Component(number);
    file << text;
    size += text.size();
  }
  file << kTail;
  file.close();
  if (!file) std::cerr << argv[2] << ": cannot be written\n";
  return file ? 0 : 1;
}
