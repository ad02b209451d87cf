#include "servicing/cbs/pending_xml_reader.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/utf16.h"
#include "servicing/cbs/boot_critical.h"
#include "servicing/cbs/pending_sources.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/text/mutations.h"

namespace patchgate::cbs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHead[] =
    "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\r\n"
    "<PendingTransaction Version=\"3.1\" WcpVersion=\"10.0.22621.2567 (WinBuild.160101.0800)\" "
    "Identifier=\"916ae75edb30da0146730000dc1be027\">";
constexpr char kTail[] = "</PendingTransaction>\r\n";
constexpr char kIdentifier[] = "916ae75edb30da0146730000dc1be027";

std::string Poq(absl::string_view operations) {
  return absl::StrCat(kHead, "<POQ postAction=\"reboot\">", operations, "</POQ><POQ/>", kTail);
}

std::string Operation(absl::string_view kind, absl::string_view source,
                      absl::string_view destination) {
  return absl::StrCat("<", kind, " source=\"", source, "\" destination=\"", destination, "\"/>");
}

PendingXml Read(absl::string_view bytes, const evidence::Source* volume = nullptr) {
  PendingXml facts;
  ReadPendingXmlBytes(bytes, volume, &facts);
  return facts;
}

std::string Operations(const PendingXml& facts) {
  return absl::StrJoin(facts.operations(), " ", [](std::string* out, const PendingOperation& o) {
    absl::StrAppend(out, o.kind(), "=", o.count());
  });
}

// Both lists of DOMAIN §4.2.
TEST(PendingXml, CountsWhatIsInIt) {
  const PendingXml facts = Read(absl::StrCat(
      kHead,
      "<Transactions><Transaction><Install Application=\"a\"/></Transaction><Transaction/>"
      "</Transactions><ChangeList><Change Family=\"f\" New=\"n\"/></ChangeList>"
      "<POQ postAction=\"reboot\"><BeginTransaction id=\"1\"/>"
      "<CreateFile path=\"\\??\\C:\\a\" fileAttribute=\"0x80\"/><DeleteFile path=\"\\??\\C:\\b\"/>"
      "<MoveFile source=\"\\??\\C:\\c\" destination=\"\\??\\C:\\d\"/>"
      "<HardlinkFile source=\"\\??\\C:\\d\" destination=\"\\??\\C:\\e\"/>"
      "<HardLinkFile source=\"\\??\\C:\\d\" destination=\"\\??\\C:\\f\"/>"
      "<SetFileInformation path=\"\\??\\C:\\e\" securityDescriptor=\"s\" flags=\"1\"/>"
      "<CreateKey path=\"\\Registry\\Machine\\x\"/><SetKeyValue path=\"k\" name=\"n\"/>"
      "<DeleteKeyValue path=\"k\" name=\"n\"/></POQ>"
      "<POQ><CopyFile/><CreateDirectory/><DeleteKey/><SetKeySecurity/><FlushFileBuffers/>"
      "<DecompressFile/><SetKeyInfos/><CheckpointTransaction/><New><MoveFile/></New><New/></POQ>"
      "<InstallerQueue Length=\"0x2\"><Action Installer=\"i\"/><Action/></InstallerQueue>"
      "<RollbackInformation><AdminHints><MoveFile/></AdminHints></RollbackInformation>",
      kTail));
  EXPECT_EQ(facts.identifier(), kIdentifier);
  EXPECT_EQ(Operations(facts),
            "BeginTransaction=1 CopyFile=1 CreateDirectory=1 CreateFile=1 CreateKey=1 "
            "DecompressFile=1 DeleteFile=1 DeleteKey=1 DeleteKeyValue=1 FlushFileBuffers=1 "
            "HardlinkFile=2 MoveFile=2 SetFileInformation=1 SetKeyInfos=1 SetKeySecurity=1 "
            "SetKeyValue=1");
  EXPECT_EQ(facts.operations_total(), 18u);
  EXPECT_EQ(facts.unknown_elements(), 3u);
  EXPECT_THAT(facts.unknown_examples(), ElementsAre("CheckpointTransaction", "New"));
  EXPECT_EQ(facts.transactions(), 2u);
  EXPECT_EQ(facts.changes(), 1u);
  EXPECT_EQ(facts.installer_actions(), 2u);
  EXPECT_TRUE(facts.whole());
  EXPECT_THAT(facts.collection().gaps(), IsEmpty());
}

TEST(PendingXml, DamageKeepsWhatStandsBefore) {
  const std::string link = "<HardlinkFile source=\"\\??\\C:\\d\" destination=\"\\??\\C:\\e\"/>";
  const std::string sound = Poq(link + link);
  const std::string deep = absl::StrCat(kHead, "<POQ>", link, link,
                                        absl::StrJoin(std::vector<std::string>(1'000, "<a>"), ""));
  const struct {
    const char* name;
    std::string bytes;
    const char* gap;
    bool whole;
  } cases[] = {
      {"cut off", sound.substr(0, sound.find("</POQ>")), "no element found", false},
      {"cut off in a tag", sound.substr(0, sound.find("</POQ>")) + "<MoveFile sou",
       "unclosed token", false},
      {"zeros at the end", sound.substr(0, sound.find("</POQ>")) + std::string(4096, '\0'),
       "not well-formed", false},
      {"zeros behind the end", sound + std::string(512, '\0'), "line ", true},
      {"two roots", sound + "<a/>", "junk after document element", true},
      {"too deep", deep, "nested deeper than 128", false},
      {"huge attribute",
       absl::StrCat(kHead, "<POQ>", link, link, "<MoveFile source=\"", std::string(3 << 20, 'x'),
                    "\"/></POQ>", kTail),
       "single token is longer", false},
  };
  for (const auto& c : cases) {
    const PendingXml facts = Read(c.bytes);
    EXPECT_EQ(facts.identifier(), kIdentifier) << c.name;
    EXPECT_EQ(Operations(facts), "HardlinkFile=2") << c.name;
    EXPECT_EQ(facts.whole(), c.whole) << c.name;
    ASSERT_EQ(facts.collection().gaps_size(), 1) << c.name;
    EXPECT_EQ(facts.collection().gaps(0).where(), "pending.xml");
    EXPECT_THAT(facts.collection().gaps(0).what(), HasSubstr(c.gap)) << c.name;
  }
}

TEST(PendingXml, NoPendingTransaction) {
  for (const std::string& bytes :
       {std::string(), std::string("\0\0\0\0", 4), std::string("garbage"),
        std::string("<Other><POQ><MoveFile/></POQ></Other>"),
        std::string("<!DOCTYPE x><PendingTransaction/>"),
        "<PendingTransaction " + std::string(2 << 20, 'a')}) {
    const PendingXml facts = Read(bytes);
    EXPECT_EQ(facts.collection().gaps_size(), 1) << bytes.substr(0, 50);
    EXPECT_EQ(facts.operations_total(), 0u);
    EXPECT_FALSE(facts.whole());
  }
}

TEST(PendingXml, Utf16IsReadAsWell) {
  const PendingXml facts =
      Read("\xFF\xFE" + Utf8ToUtf16Le("<PendingTransaction Identifier=\"i\"><POQ><DeleteFile "
                                      "path=\"\\??\\C:\\\u03A9\"/></POQ></PendingTransaction>"));
  EXPECT_EQ(facts.identifier(), "i");
  EXPECT_EQ(Operations(facts), "DeleteFile=1");
  EXPECT_TRUE(facts.whole());
}

TEST(PendingXml, BootCriticalTargets) {
  const struct {
    const char* path;
    bool critical;
  } cases[] = {
      {"\\??\\C:\\Windows\\System32\\drivers\\ntfs.sys", true},
      {"\\SystemRoot\\system32\\DRIVERS\\sub\\x.sys", true},
      {"\\??\\C:\\Windows\\System32\\drivers\\etc\\hosts", false},
      {"\\??\\C:\\Windows\\System32\\drivers\\de-DE\\ntfs.sys.mui", false},
      {"\\??\\C:\\Windows\\System32\\ntoskrnl.exe", true},
      {"\\??\\C:\\Windows\\System32\\hal.dll", true},
      {"\\??\\C:\\Windows\\System32\\CI.dll", true},
      {"\\??\\C:\\Windows\\System32\\winload.efi", true},
      {"\\??\\C:\\Windows\\System32\\Boot\\winresume.exe", true},
      {"\\??\\C:\\Windows\\Boot\\EFI\\memtest.efi", true},
      {"\\Device\\HarddiskVolume1\\EFI\\Microsoft\\Boot\\bootmgfw.efi", true},
      {"\\Device\\HarddiskVolume1\\bootmgr", true},
      {"\\??\\C:\\Windows\\WinSxS\\amd64_x\\ntoskrnl.exe", false},
      {"\\??\\C:\\Windows\\SysWOW64\\hal.dll", false},
      {"\\??\\C:\\Windows\\System32\\notepad.exe", false},
      {"\\??\\C:\\Windows\\System32\\xhal.dll", false},
      {"hal.dll", true},
      {"", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IsBootCritical(UpcaseUtf8(c.path)), c.critical) << c.path;
    for (const std::string& operation : {absl::StrCat("<DeleteFile path=\"", c.path, "\"/>"),
                                         Operation("HardlinkFile", "\\??\\C:\\a", c.path)}) {
      const PendingXml facts = Read(Poq(operation));
      EXPECT_EQ(facts.boot_critical_total(), c.critical ? 1u : 0u) << operation;
      if (c.critical) {
        EXPECT_THAT(facts.boot_critical(), ElementsAre(c.path));
      }
    }
  }
  // What a link is taken from does not change, nor does a key named like a file.
  EXPECT_EQ(Read(Poq("<HardlinkFile source=\"\\??\\C:\\hal.dll\" destination=\"\\??\\C:\\x\"/>"
                     "<CreateKey path=\"\\Registry\\hal.dll\"/>"))
                .boot_critical_total(),
            0u);
}

TEST(OnSystemDrive, OnlyWhatCanBeSaid) {
  const struct {
    const char *nt_path, *path;
  } cases[] = {
      {"\\??\\C:\\Windows\\x", "Windows\\x"},
      {"\\??\\c:\\x", "x"},
      {"\\SystemRoot\\WinSxS\\x", "Windows\\WinSxS\\x"},
      {"\\systemroot\\x", "Windows\\x"},
      {"\\??\\C:\\a\\amd64_x-c..ore_31bf\\b", "a\\amd64_x-c..ore_31bf\\b"},
      {"\\??\\C:\\Windows\\servicing\\P~31bf3856ad364e35~amd64~~1.mum",
       "Windows\\servicing\\P~31bf3856ad364e35~amd64~~1.mum"},
      {"\\??\\D:\\x", ""},
      {"\\Device\\HarddiskVolume1\\x", ""},
      {"\\??\\Volume{0}\\x", ""},
      {"C:\\x", ""},
      {"\\??\\C:", ""},
      {"\\??\\C:\\", ""},
      {"\\??\\C:\\a\\\\b", ""},
      {"\\??\\C:\\a\\", ""},
      {"\\??\\C:\\..\\x", ""},
      {"\\??\\C:\\a\\.\\x", ""},
      {"\\??\\C:\\a:stream", ""},
      {"\\??\\C:\\a/b", ""},
      {"\\??\\C:\\PROGRA~1\\x", ""},
      {"", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(OnSystemDrive(c.nt_path), c.path) << c.nt_path;
  EXPECT_EQ(OnSystemDrive("\\??\\C:\\" + std::string(100'000, 'x')), "");
}

evidence::MemorySource Volume() {
  evidence::MemorySource volume;
  volume.AddFile("Windows/WinSxS/amd64_a/a.dll", "");
  volume.AddFile("Windows/WinSxS/amd64_a/\u00E9.dll", "");
  volume.AddFile("Windows/System32/there.dll", "");
  volume.AddFile("Windows/locked/x", "");
  volume.AddError("Windows/locked", absl::PermissionDeniedError("denied"));
  return volume;
}

TEST(PendingXml, MissingSources) {
  const evidence::MemorySource volume = Volume();
  const std::string a = "\\SystemRoot\\WinSxS\\amd64_a\\a.dll";
  const std::string gone = "\\SystemRoot\\WinSxS\\amd64_a\\gone.dll";
  const std::string target = "\\??\\C:\\Windows\\System32\\t.dll";
  const std::string there = "\\??\\C:\\Windows\\System32\\there.dll";
  struct Case {
    const char* name;
    std::string operations;
    uint64_t total, checked, missing, maybe_done = 0;
  };
  const Case cases[] = {
      {"there", Operation("HardlinkFile", a, target), 1, 1, 0},
      {"there, in other case", Operation("CopyFile", UpcaseUtf8(a), target), 1, 1, 0},
      {"there, by drive",
       Operation("MoveFile", "\\??\\C:\\WINDOWS\\winsxs\\AMD64_a\\\u00C9.DLL", target), 1, 1, 0},
      {"missing", Operation("HardlinkFile", gone, target), 1, 1, 1},
      {"missing with its folder", Operation("HardlinkFile", "\\??\\C:\\No\\x", target), 1, 1, 1},
      {"of another kind", Operation("DecompressFile", gone, target), 0, 0, 0},
      {"a device", Operation("HardlinkFile", "\\Device\\X\\a", target), 1, 0, 0},
      {"another drive", Operation("HardlinkFile", "\\??\\D:\\a", target), 1, 0, 0},
      {"cannot be said", Operation("HardlinkFile", "\\SystemRoot\\locked\\x", target), 1, 0, 0},
      {"no source", "<HardlinkFile destination=\"\\??\\C:\\x\"/>", 0, 0, 0},
      {"moved here before",
       Operation("MoveFile", a, gone) + Operation("HardlinkFile", gone, target), 1, 1, 0},
      {"moved here before, otherwise spelled",
       Operation("MoveFile", a, "\\??\\c:\\WINDOWS\\WinSxS\\amd64_A\\GONE.dll") +
           Operation("HardlinkFile", gone, target),
       1, 1, 0},
      {"moved here with its folder",
       Operation("MoveFile", "\\SystemRoot\\WinSxS\\amd64_a", "\\SystemRoot\\New") +
           Operation("HardlinkFile", "\\SystemRoot\\New\\sub\\a.dll", target),
       1, 1, 0},
      {"beside what was moved here",
       Operation("MoveFile", a, "\\SystemRoot\\New") +
           Operation("HardlinkFile", "\\SystemRoot\\Newer\\a.dll", target),
       2, 2, 1},
      {"created before",
       absl::StrCat("<CreateFile path=\"", gone, "\"/>") + Operation("HardlinkFile", gone, target),
       0, 0, 0},
      {"unpacked before",
       Operation("DecompressFile", a, gone) + Operation("HardlinkFile", gone, target), 0, 0, 0},
      {"only its folder was created",
       "<CreateDirectory path=\"\\SystemRoot\\New\"/>" +
           Operation("HardlinkFile", "\\SystemRoot\\New\\a.dll", target),
       1, 1, 1},
      {"made later", Operation("HardlinkFile", gone, target) + Operation("MoveFile", a, gone), 2, 2,
       1},
      {"a move that may be done", Operation("MoveFile", gone, there), 1, 1, 0, 1},
      {"a link is no move", Operation("HardlinkFile", gone, there), 1, 1, 1},
      {"a move that is not done", Operation("MoveFile", gone, target), 1, 1, 1},
      {"a move to nobody knows where", Operation("MoveFile", gone, "\\Device\\X\\a"), 1, 1, 0, 1},
      {"a move of what is deleted then",
       Operation("MoveFile", gone, target) +
           absl::StrCat("<DeleteFile path=\"", UpcaseUtf8(target), "\"/>"),
       1, 1, 0, 1},
      {"a move in two steps, done",
       Operation("MoveFile", gone, target) + Operation("MoveFile", target, there), 1, 1, 0, 1},
      {"another file is deleted",
       Operation("MoveFile", gone, target) + absl::StrCat("<DeleteFile path=\"", there, "\"/>"), 1,
       1, 1},
  };
  for (const Case& c : cases) {
    const PendingXml facts = Read(Poq(c.operations), &volume);
    EXPECT_EQ(facts.sources_total(), c.total) << c.name;
    EXPECT_EQ(facts.sources_checked(), c.checked) << c.name;
    EXPECT_EQ(facts.missing_sources_total(), c.missing) << c.name;
    EXPECT_EQ(static_cast<uint64_t>(facts.missing_sources_size()), c.missing) << c.name;
    EXPECT_EQ(facts.moves_maybe_done(), c.maybe_done) << c.name;
    EXPECT_THAT(facts.collection().gaps(), IsEmpty()) << c.name;
    const PendingXml without = Read(Poq(c.operations));
    EXPECT_EQ(without.sources_checked(), 0u) << c.name;
    EXPECT_EQ(without.missing_sources_total(), 0u) << c.name;
  }
}

// Counts what it is asked for.
class CountingSource : public evidence::MemorySource {
 public:
  absl::StatusOr<evidence::FileInfo> Stat(absl::string_view path) const override {
    ++stats;
    return MemorySource::Stat(path);
  }
  mutable uint64_t stats = 0;
};

TEST(PendingXml, LookupsAreBounded) {
  CountingSource volume;
  volume.AddFile("Windows/WinSxS/amd64_a/a.dll", "");
  std::string there, missing;
  for (int i = 0; i < 25'000; ++i) {
    there += Operation("HardlinkFile", "\\SystemRoot\\WinSxS\\amd64_a\\a.dll", "\\??\\D:\\x");
    missing += Operation("HardlinkFile", absl::StrCat("\\SystemRoot\\WinSxS\\no", i, "\\a.dll"),
                         "\\??\\D:\\x");
  }
  PendingXml facts = Read(Poq(there), &volume);
  EXPECT_EQ(facts.sources_total(), 25'000u);
  EXPECT_EQ(facts.sources_checked(), PendingSources::kMostLookups);
  EXPECT_LE(volume.stats, PendingSources::kMostLookups + 10) << "folders are found once";

  volume.stats = 0;
  facts = Read(Poq(missing), &volume);
  EXPECT_EQ(facts.sources_total(), 25'000u);
  EXPECT_EQ(facts.missing_sources_total(), static_cast<uint64_t>(PendingSources::kMostListings));
  EXPECT_EQ(facts.missing_sources_size(), 20);
  EXPECT_LE(volume.stats, PendingSources::kMostListings + 10u);
}

TEST(PendingXml, ForgettingWhatWasMadeEndsTheSearch) {
  const evidence::MemorySource volume = Volume();
  std::string xml = absl::StrCat(kHead, "<POQ>");
  for (size_t i = 0; i <= PendingSources::kMostMade; ++i) {
    absl::StrAppend(&xml, "<CreateFile path=\"\\??\\C:\\", i, "\"/>");
  }
  const std::string gone = Operation("HardlinkFile", "\\??\\C:\\gone", "\\??\\C:\\x");
  const PendingXml facts = Read(absl::StrCat(xml, gone, "</POQ>", kTail), &volume);
  EXPECT_TRUE(facts.whole());
  EXPECT_EQ(facts.sources_total(), 1u);
  EXPECT_EQ(facts.sources_checked(), 0u);
  EXPECT_EQ(facts.missing_sources_total(), 0u);
  ASSERT_EQ(facts.collection().gaps_size(), 1);
  EXPECT_THAT(facts.collection().gaps(0).what(), HasSubstr("no source of a later operation"));
}

TEST(PendingXml, HostileInputsStayBounded) {
  const evidence::MemorySource volume = Volume();
  std::string xml = absl::StrCat(kHead, "<POQ>");
  for (int i = 0; i < 200'000; ++i) {
    absl::StrAppend(&xml, "<Unknown", i, "/><DeleteFile path=\"\\drivers\\", i, "\\hal.dll\"/>");
  }
  // Long names, paths of many parts.
  const std::string parts = absl::StrJoin(std::vector<std::string>(10'000, "a"), "\\");
  for (int i = 0; i < 50; ++i) {
    absl::StrAppend(&xml,
                    Operation("HardlinkFile", absl::StrCat("\\??\\C:\\", parts, i), "hal.dll"),
                    Operation("MoveFile", std::string(100'000, '\\'), std::string(100'000, 'x')));
  }
  const PendingXml facts = Read(absl::StrCat(xml, "</POQ>", kTail), &volume);
  EXPECT_TRUE(facts.whole());
  EXPECT_EQ(facts.unknown_elements(), 200'000u);
  EXPECT_EQ(facts.boot_critical_total(), 200'050u);
  EXPECT_EQ(facts.missing_sources_total(), 50u);
  EXPECT_LT(facts.ByteSizeLong(), 30'000u);
}

// Whatever happens to the bytes, the facts stay consistent, and what was read is valid text.
TEST(PendingXml, Mutations) {
  const evidence::MemorySource volume = Volume();
  const std::string seed =
      Poq("<MoveFile source=\"\\SystemRoot\\a\" destination=\"\\??\\C:\\Windows\\x\\hal.dll\"/>"
          "<HardlinkFile source=\"\\??\\C:\\Windows\\x\\hal.dll\" destination=\"\\??\\C:\\y\"/>"
          "<Other a=\"&#233;\"/>");
  ASSERT_TRUE(Read(seed, &volume).whole());
  text::ForEachMutation(seed, [&](absl::string_view bytes) {
    const PendingXml facts = Read(bytes, &volume);
    if (!facts.whole()) {
      EXPECT_GT(facts.collection().gaps_size(), 0) << bytes;
    }
    EXPECT_LE(facts.missing_sources_total() + facts.moves_maybe_done(), facts.sources_checked());
    EXPECT_LE(facts.sources_checked(), facts.sources_total());
    PendingXml again;
    EXPECT_TRUE(again.ParseFromString(facts.SerializeAsString())) << bytes;
  });
}

// Says how much of its files has been let go.
class ReleasingSource : public evidence::MemorySource {
 public:
  absl::StatusOr<std::unique_ptr<evidence::File>> Open(absl::string_view path) const override {
    absl::StatusOr<std::unique_ptr<evidence::File>> file = MemorySource::Open(path);
    if (!file.ok()) return file.status();
    return std::unique_ptr<evidence::File>(new Tracked(*std::move(file), &released));
  }
  mutable size_t released = 0;

 private:
  class Tracked : public evidence::File {
   public:
    Tracked(std::unique_ptr<evidence::File> file, size_t* released)
        : file_(std::move(file)), released_(released) {}
    absl::string_view bytes() const override { return file_->bytes(); }
    const evidence::FileInfo& info() const override { return file_->info(); }
    absl::StatusOr<absl::Span<char>> WritableImage(size_t size) override {
      return file_->WritableImage(size);
    }
    void Release(size_t offset, size_t size) const override {
      EXPECT_EQ(offset, *released_);
      *released_ += size;
    }

   private:
    std::unique_ptr<evidence::File> file_;
    size_t* released_;
  };
};

TEST(ReadPendingXml, ALargeFileIsNotKeptInMemory) {
  ReleasingSource source;
  std::string operations;
  for (int i = 0; i < 300'000; ++i) operations += "<DeleteFile path=\"\\??\\C:\\Windows\\x\"/>\r\n";
  const std::string xml = Poq(operations);
  source.AddFile("Windows/WinSxS/pending.xml", xml);
  Collection store;
  store.set_status(Collection::COLLECTED);
  const PendingXml facts = ReadPendingXml(source, store, *source.List("Windows/WinSxS"));
  EXPECT_EQ(Operations(facts), "DeleteFile=300000");
  EXPECT_GT(source.released + (5 << 20), xml.size());
  EXPECT_LE(source.released, xml.size());
}

TEST(ReadPendingXml, ReadsTheFileAndListsItsVariants) {
  evidence::MemorySource source;
  const std::string xml = Poq(Operation("HardlinkFile", "\\??\\C:\\gone", "\\??\\C:\\x"));
  source.AddFile("Windows/WinSxS/pending.xml", xml, 7);
  source.AddFile("Windows/WinSxS/pending.xml.bad", "12345", 8);
  Collection store;
  store.set_status(Collection::COLLECTED);
  const PendingXml facts = ReadPendingXml(source, store, *source.List("Windows/WinSxS"));
  EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.collection().modified_filetime(), 7u);
  EXPECT_EQ(facts.size(), xml.size());
  EXPECT_EQ(facts.missing_sources_total(), 1u);
  ASSERT_EQ(facts.variants_size(), 1);
  EXPECT_EQ(facts.variants(0).name(), "pending.xml.bad");
  EXPECT_EQ(facts.variants(0).size(), 5u);
}

}  // namespace
}  // namespace patchgate::cbs
