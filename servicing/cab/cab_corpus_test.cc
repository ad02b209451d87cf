// The cabinets that libmspack tests itself with: every method, every layout of the headers, and
// those that once crashed it.

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "servicing/cab/cab.h"

namespace patchgate::cab {
namespace {

// External files lie in the one or the other place, by how the test is run.
std::string Read(absl::string_view name) {
  for (const char* folder : {"external", ".."}) {
    std::ifstream file(absl::StrCat(folder, "/libmspack/test/test_files/cabd/", name),
                       std::ios::binary);
    if (file) return std::string(std::istreambuf_iterator<char>(file), {});
  }
  ADD_FAILURE() << name << " is not in the runfiles";
  return "";
}

struct CorpusCase {
  const char* file;
  absl::StatusCode code = absl::StatusCode::kOk;
  const char* text = "";  // Of all files, its beginning.
};

TEST(CabCorpusTest, All) {
  constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
  const CorpusCase kCases[] = {
      {"mszip_lzx_qtm.cab", absl::StatusCode::kOk,
       "If you can read this, the MSZIP decompressor is working!\n"},
      {"normal_2files_1folder.cab", absl::StatusCode::kOk, "#include <stdio.h>"},
      {"normal_2files_2folders.cab", absl::StatusCode::kOk, "This is compressed with MS-ZIP"},
      {"normal_255c_filename.cab", absl::StatusCode::kOk, "Hello!"},
      {"reserve_HFD.cab", absl::StatusCode::kOk, "TEST"},
      {"multi_basic_pt2.cab", kDataLoss},
      {"bad_folderindex.cab", kDataLoss},
      {"partial_nodata.cab", kDataLoss},
      {"cve-2010-2800-mszip-infinite-loop.cab", kDataLoss},
      {"cve-2014-9556-qtm-infinite-loop.cab", kDataLoss},
      {"cve-2014-9732-folders-segfault.cab", kDataLoss},
      {"cve-2015-4470-mszip-over-read.cab", kDataLoss},
      {"cve-2015-4471-lzx-under-read.cab", kDataLoss},
      {"cve-2017-11423-fname-overread.cab", kDataLoss},
      {"cve-2018-18584-qtm-max-size-block.cab", kDataLoss},
      {"lzx-main-tree-no-lengths.cab", kDataLoss},
      {"lzx-premature-matches.cab", kDataLoss},
  };
  for (const CorpusCase& c : kCases) {
    SCOPED_TRACE(c.file);
    const std::string cab = Read(c.file);
    std::string all;
    const absl::Status status =
        ExtractCab(cab, 1'000'000, [&](absl::string_view, absl::string_view piece) {
          all.append(piece.data(), piece.size());
          return true;
        });
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_EQ(all.substr(0, absl::string_view(c.text).size()), c.text);
  }
}

TEST(CabCorpusTest, EachMethodGivesItsFile) {
  std::string all;
  ASSERT_EQ(ExtractCab(Read("mszip_lzx_qtm.cab"), 1'000'000,
                       [&](absl::string_view name, absl::string_view piece) {
                         absl::StrAppend(&all, name, " ", piece.size(), "\n");
                         return true;
                       }),
            absl::OkStatus());
  EXPECT_EQ(all, "mszip.txt 57\nlzx.txt 187\nqtm.txt 59\n");
}

// The methods whose blocks no test can write by hand.
TEST(CabCorpusTest, EveryByteChanged) {
  const std::string cab = Read("mszip_lzx_qtm.cab");
  for (size_t i = 0; i < cab.size(); ++i) {
    for (const char mask : {'\x01', '\x10', '\xFF'}) {
      std::string bad = cab;
      bad[i] = static_cast<char>(bad[i] ^ mask);
      (void)ExtractCab(bad, 1'000'000, [](absl::string_view, absl::string_view) { return true; });
    }
  }
}

}  // namespace
}  // namespace patchgate::cab
