// Every byte of a small log is changed, to see that nothing crashes or hangs (sanitizers watch) and
// that what becomes of it can be stored.

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "servicing/cbs/log/cbs_log_fixtures.h"
#include "servicing/cbs/log/cbs_log_reader.h"

namespace patchgate::cbs {
namespace {

std::string SmallLog() {
  constexpr FileTime kTime = 134'127'720'000'000'000;
  CbsLogBuilder b(-360);
  b.PendedUpdate(kTime, "P~1~amd64~~1.0", "KB1").Boot(kTime).FailedStartup(kTime, "P");
  b.StoreCheck(kTime, "Detect only", 0,
               {{"CSI Payload Corrupt", "a\\b"}, {"CBS MUM Missing", "c"}});
  b.Csi(kTime, "[SR] Cannot repair member file [l:9]'ntdll.dll' of Ntdll, in the store");
  b.Csi(kTime, "[SR] Could not reproject corrupted file [l:2]'a:'\\[l:1]'b'; source");
  b.Csi(kTime, "(F) Hydration failed for component C, version 1 on file F with X[gle=0x800719e4]");
  b.Line(kTime, "[Pnp] Corrupt file: C:\\a.sys", "Info", "DEPLOY");
  b.Line(kTime, "[Pnp] Repaired file: C:\\a.sys", "Info", "DEPLOY");
  return b.Text();
}

void ReadOne(absl::string_view text) {
  CbsLog log, copy;
  ReadCbsLogText("CBS.log", text, &log);
  ASSERT_TRUE(copy.ParseFromString(log.SerializeAsString()));
}

TEST(MutationTest, EveryByteChanged) {
  const std::string text = SmallLog();
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'\0', '\xFF'}) {
      std::string changed = text;
      changed[i] = c;
      ReadOne(changed);
    }
  }
}

TEST(MutationTest, EveryByteLeftOut) {
  const std::string text = SmallLog();
  for (size_t i = 0; i < text.size(); ++i) ReadOne(text.substr(0, i) + text.substr(i + 1));
}

TEST(MutationTest, EveryCut) {
  const std::string text = SmallLog();
  for (size_t size = 0; size < text.size(); ++size) ReadOne(text.substr(0, size));
}

}  // namespace
}  // namespace patchgate::cbs
