#include "servicing/cbs/log/line_scanner.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::cbs {
namespace {

using absl::StrCat;
using absl::string_view;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kHead[] = "2023-05-23 10:02:36, Info                  CBS    ";

struct Scanned {
  std::vector<std::string> lines;  // "level component message"
  LineScanner scanner;
};

Scanned Scan(const std::vector<string_view>& pieces) {
  Scanned out;
  const auto sink = [&](const LogLine& line) {
    out.lines.push_back(StrCat(line.date, "|", string_view(&line.level, 1), "|",
                               static_cast<int>(line.component), "|", line.message));
  };
  for (const string_view piece : pieces) out.scanner.Feed(piece, sink);
  out.scanner.Finish(sink);
  return out;
}

TEST(LineScannerTest, GivesDateLevelComponentAndMessage) {
  const Scanned s =
      Scan({"2023-05-23 10:02:36, Info                  CBS    Reboot mark set\r\n"
            "2023-05-23 10:02:37, Error                 CSI    0000031b@2023/5/23:16:"
            "17:26.297 (F) Hydration failed for component x\r\n"
            "2023-05-23 10:02:38, Warning               DEPLOY [Pnp] Corrupt file: a\n"
            "2023-05-23 10:02:39, Info                         arbiter: Servicing "
            "stack state needed repair and can't continue\n"});
  EXPECT_THAT(s.lines,
              ElementsAre("2023-05-23 10:02:36|I|1|Reboot mark set",
                          "2023-05-23 10:02:37|E|2|Hydration failed for component x",
                          "2023-05-23 10:02:38|W|3|[Pnp] Corrupt file: a",
                          "2023-05-23 10:02:39|I|0|arbiter: Servicing stack state needed repair "
                          "and can't continue"));
  EXPECT_EQ(s.scanner.lines(), 4u);
  EXPECT_EQ(s.scanner.first_date(), "2023-05-23 10:02:36");
  EXPECT_EQ(s.scanner.last_date(), "2023-05-23 10:02:39");
  EXPECT_EQ(s.scanner.csi_date(), "2023-05-23 10:02:37");
  EXPECT_EQ(s.scanner.csi_utc(), "2023/5/23:16:17:26.297");
  EXPECT_EQ(s.scanner.unended_bytes(), 0u);
}

TEST(LineScannerTest, FindsEveryLiteral) {
  for (const string_view literal : CandidateLiterals()) {
    EXPECT_EQ(Scan({kHead, literal, "\n"}).lines.size(), 1u) << literal;
    EXPECT_EQ(Scan({kHead, literal, " and more\r\n"}).lines.size(), 1u) << literal;
    EXPECT_THAT(Scan({kHead, "x", literal, "\n"}).lines, IsEmpty()) << literal;
    EXPECT_THAT(Scan({kHead, literal.substr(0, literal.size() - 1)}).lines, IsEmpty()) << literal;
  }
  for (const string_view code : CandidateCodes()) {
    EXPECT_EQ(Scan({kHead, "x [HRESULT = ", code, " - NAME]\n"}).lines.size(), 1u) << code;
    EXPECT_EQ(Scan({kHead, "x[gle=", code, "]\n"}).lines.size(), 1u) << code;
    EXPECT_THAT(Scan({kHead, "x ", code, "\n"}).lines, IsEmpty()) << code;
  }
  for (const string_view text : CandidateErrors()) {
    EXPECT_EQ(
        Scan({"2023-05-23 10:02:36, Error                 CBS    x ", text, "\n"}).lines.size(), 1u)
        << text;
  }
}

// However a text is cut into pieces, it gives the same lines.
TEST(LineScannerTest, PiecesDoNotMatter) {
  std::string text = "\xEF\xBB\xBF";
  const std::string lines[] = {
      StrCat(kHead, "Reboot mark set\r\n"),
      StrCat(kHead, "noise\n"),
      " continuation\r\n",
      StrCat(kHead, "Session: ", std::string(LineScanner::kMaxLine, 's'), "\r\n"),
      std::string("\0\0\0", 3),
      StrCat(kHead, "Startup: x"),
      std::string("\0", 1),
      "\n\n\r\n",
      StrCat(kHead, std::string(LineScanner::kMaxLine - sizeof(kHead) + 1, 'l'), "\r\n"),
      StrCat(kHead, "Reboot mark cleared")};
  std::mt19937 random(1);
  for (int i = 0; i < 40; ++i) text += lines[random() % std::size(lines)];
  const Scanned whole = Scan({text});
  EXPECT_GT(whole.lines.size(), 5u);
  for (int round = 0; round < 200; ++round) {
    std::vector<string_view> pieces;
    for (size_t at = 0; at < text.size();) {
      const size_t size = round < 100 ? random() % 100'000 : random() % 500;
      pieces.push_back(string_view(text).substr(at, size));
      at += size;
    }
    const Scanned cut = Scan(pieces);
    ASSERT_EQ(cut.lines, whole.lines);
    EXPECT_EQ(cut.scanner.lines(), whole.scanner.lines());
    EXPECT_EQ(cut.scanner.size(), text.size());
    EXPECT_EQ(cut.scanner.long_lines(), whole.scanner.long_lines());
    EXPECT_EQ(cut.scanner.nul_bytes(), whole.scanner.nul_bytes());
    EXPECT_EQ(cut.scanner.first_nul(), whole.scanner.first_nul());
    EXPECT_EQ(cut.scanner.unended_bytes(), whole.scanner.unended_bytes());
  }
}

TEST(LineScannerTest, ALineOfNothingButNulsIsLinear) {
  const Scanned s = Scan({std::string(20'000'000, '\0')});
  EXPECT_EQ(s.scanner.nul_bytes(), 20'000'000u);
  EXPECT_EQ(s.scanner.lines(), 0u);
}

}  // namespace
}  // namespace patchgate::cbs
