// Writes a CBS.log of a given size, in the mix of a host that is updated now and then: lines of
// CSI, of locks and of applicability, messages that span lines, and one line in a thousand that
// matters.
//
//   make_large_log FILE MEBIBYTES
//   make_large_log --literals    prints what the reader looks for, one a line
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/cbs/log/cbs_log_fixtures.h"
#include "servicing/cbs/log/line_scanner.h"

namespace patchgate::cbs {
namespace {

constexpr FileTime kSecond = kFileTimeTicksPerSecond;

void AddNoise(FileTime t, uint32_t kind, CbsLogBuilder* log) {
  switch (kind) {
    case 0:
      log->Csi(t, "Created NT transaction (seq 2) result 0x00000000, handle @0x1118");
      break;
    case 1:
      log->Csi(t,
               "Hashes for file member [l:24]'TieringEngineService.exe' do not match.\r\n"
               " Expected: {l:32 ml:33 b:4ccdb591ee16507879d8f12c0bdd40facbeef03bfc553a84270284d4"
               "930b433f}.\r\n"
               " Actual: {l:32 b:5c414ffba7a87742900f86440d855807dce84ca1f317366be3efb9bdf05af172}"
               ".");
      break;
    case 2:
      log->Line(t, "Lock: New lock added: CCbsPublicSessionClassFactory, level: 30, total lock:4");
      break;
    case 3:
      log->Line(t,
                "Appl: Evaluating package applicability for package Package_for_RollupFix~"
                "31bf3856ad364e35~amd64~~26100.7462.1.9, applicable state: Installed");
      break;
    case 4:
      log->Line(t,
                "Plan: Package: Microsoft-Windows-Foundation-Package~31bf3856ad364e35~amd64~~"
                "10.0.26100.1, current: Installed, pending: Default, start: Installed, applicable: "
                "Installed, targeted: Installed, limit: Installed");
      break;
    case 5:
      log->Line(t,
                "Failed to read DoqTime time value from registry. [HRESULT = 0x80070490 - "
                "ERROR_NOT_FOUND]");
      break;
    case 6:
      log->Csi(t,
               "(F) STATUS_OBJECT_NAME_NOT_FOUND #62038# from CCSDirectTransaction::OperateEnding "
               "at index 0 of 1 operations, disposition 0[gle=0xd0000034]",
               "Error");
      break;
    case 7:
      log->Line(t, "SetProgressMessage: progressMessageStage: 0, ExecuteState: ExecuteStateNone");
      break;
    default:
      log->Csi(t,
               "Warning: Unable to repair payload file ([l:12]'edgehtml.dll') for component "
               "([l:95 ml:140]'amd64_microsoft-windows-ie-htmlrendering_31bf3856ad364e35_"
               "11.0.19041.2728_none_cb86bda700fbbff0') from backups directory");
      break;
  }
}

int Run(const char* path, uint64_t bytes) {
  constexpr int kKinds = 9, kNoisePerUpdate = 13'000;
  constexpr absl::string_view kPackage =
      "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9";
  std::ofstream out(path, std::ios::binary);
  std::mt19937 random(20260113);
  FileTime t = 134'000'000'000'000'000;  // 2025
  uint64_t written = 0;
  while (written < bytes) {
    CbsLogBuilder log(-360);
    log.Boot(t).PendedUpdate(t + 60 * kSecond, kPackage, "KB5072033");
    for (int i = 0; i < kNoisePerUpdate; ++i) {
      if (i % 100 == 0) t += kSecond;
      AddNoise(t, static_cast<uint32_t>(random() % kKinds), &log);
    }
    log.Shutdown(t).Boot(t + 60 * kSecond).CompletedStartup(t + 90 * kSecond, kPackage);
    t += 3600 * kSecond;
    // The BOM belongs to the file's first line only.
    const std::string text = log.Text().substr(written == 0 ? 0 : 3);
    out << text;
    written += text.size();
  }
  out.close();
  return out ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace patchgate::cbs

int main(int argc, char** argv) {
  if (argc == 2 && absl::string_view(argv[1]) == "--literals") {
    for (const auto texts : {patchgate::cbs::CandidateLiterals(), patchgate::cbs::CandidateCodes(),
                             patchgate::cbs::CandidateErrors()}) {
      for (const absl::string_view text : texts) std::cout << text << "\n";
    }
    return EXIT_SUCCESS;
  }
  if (argc != 3) {
    std::cerr << "usage: make_large_log FILE MEBIBYTES | --literals\n";
    return EXIT_FAILURE;
  }
  return patchgate::cbs::Run(argv[1], std::strtoull(argv[2], nullptr, 10) << 20);
}
