// Fuzz target: a CBS.log or cabinet as it comes, or (first byte 0) a sequence of real phrases in
// real columns that the input chooses, so that the parser's states are reached. Aborts where
// reading in one piece and reading as a rotated file differ, or where a fact cannot be stored.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "servicing/cbs/log/cbs_log_reader.h"
#include "servicing/cbs/log/line_scanner.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::cbs {
namespace {

// Two bytes choose a line: its phrase, and what follows it.
std::string Compose(absl::string_view input) {
  constexpr absl::string_view kTails[] = {
      "",
      " [HRESULT = 0x80070bc9 - X]",
      " [HRESULT = 0x00000000 - S_OK]",
      "0x00000000, last forward execute state: S",
      "1_2 finalized. Reboot required: no [HRESULT = 0x00000000 - S_OK]",
      "1_2 initialized by client C, external",
      "started.  Session: 1_2, Package: P, Identifier: I",
      "complete.  Session: 1_2, Package: P, Identifier: I [HRESULT = 0x800f0922 - X]",
      "BlockTime: 1ms",
      "Processing complete. [HRESULT = 0x80070bc2 - X]",
      "Package: P completed startup processing, new state: Installed, original: Staged, targeted: "
      "Installed.  hr = 0x0",
      "CbsExecuteStateInitiateRollback | CbsExecuteStateFlagDriversFailed",
      "2023-05-23 16:02:36.000",
      "[l:1]'x'",
      "CSI Payload Corrupt\t(n)\t\t\ta\\r\\b",
      "Cannot repair member file [l:1]'x' of C, version 1 in the store",
  };
  constexpr absl::string_view kComponents[] = {"CBS    ", "CSI    00000001 ", "DEPLOY ", "       "};
  std::string text;
  for (size_t i = 0; i + 1 < input.size(); i += 2) {
    const auto a = static_cast<unsigned char>(input[i]),
               b = static_cast<unsigned char>(input[i + 1]);
    const auto literals = CandidateLiterals();
    absl::StrAppend(&text, "2023-05-23 10:02:36, ", b & 1 ? "Error" : "Info ", "                 ",
                    kComponents[b >> 5 & 3], literals[a % literals.size()], kTails[b >> 1 & 15],
                    "\r\n");
  }
  return text;
}

// What the text says, without how it was read.
std::string Facts(CbsLog log) {
  log.clear_files();
  log.clear_collection();
  const std::string bytes = log.SerializeAsString();
  CbsLog copy;
  if (!copy.ParseFromString(bytes)) std::abort();
  return bytes;
}

}  // namespace
}  // namespace patchgate::cbs

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using patchgate::cbs::CbsLogOptions;
  absl::string_view input(reinterpret_cast<const char*>(data), size);
  // Rotated logs are read within a limit; the comparison is of texts below it.
  constexpr size_t kMaxInput = size_t{1} << 20;
  if (size > kMaxInput) return 0;
  std::string text(input);
  if (!input.empty() && input[0] == 0) text = patchgate::cbs::Compose(input.substr(1));
  patchgate::CbsLog alone;
  patchgate::cbs::ReadCbsLogText("CBS.log", text, &alone);
  patchgate::evidence::MemorySource source;
  // A cabinet may unpack to more than the limit; its facts are then fewer.
  CbsLogOptions options;
  options.max_rotated_bytes = kMaxInput * 2;
  source.AddFile("Windows/Logs/CBS/CbsPersist_20260101000000.log", text);
  const patchgate::CbsLog rotated = patchgate::cbs::ReadCbsLog(source, options);
  const std::string facts = patchgate::cbs::Facts(alone);
  if (facts != patchgate::cbs::Facts(rotated) && !absl::StartsWith(text, "MSCF")) std::abort();
  return 0;
}
