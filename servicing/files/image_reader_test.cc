#include "servicing/files/image_reader.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/counting_source.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/pe/pe_builder.h"

namespace patchgate::files {
namespace {

using evidence::MemorySource;
using ::testing::HasSubstr;

std::string Image() { return pe::PeBuilder().AddResource(10, 1, 0x409, "data").Build(); }

TEST(ImageReaderTest, TellsWhatBecameOfEachFile) {
  MemorySource source;
  source.AddFile("Windows/a.sys", Image(), 1234);
  source.AddFile("Windows/text", "no image", 1235);
  source.AddFile("Windows/empty", "");
  source.AddDirectory("Windows/folder");
  source.AddFile("Windows/denied", "x");
  source.AddError("Windows/denied", absl::PermissionDeniedError("Windows/denied: access denied"));
  const struct {
    const char* path;
    Collection::Status status;
    const char* reason;
    bool is_image;
    uint64_t modified;
  } kCases[] = {
      {"Windows/a.sys", Collection::COLLECTED, "", true, 1234},
      {"Windows/text", Collection::COLLECTED, "", false, 1235},
      {"Windows/empty", Collection::COLLECTED, "", false, 0},
      {"Windows/folder", Collection::UNREADABLE, "is a directory", false, 0},
      {"Windows/denied", Collection::UNREADABLE, "access denied", false, 0},
      {"Windows/none", Collection::ABSENT, "not found", false, 0},
      {"Windows/a.sys/b", Collection::ABSENT, "not found", false, 0},
  };
  ImageReader images(source, "ESP:/", nullptr);
  for (const auto& c : kCases) {
    const ImageFacts& facts = images.Read(c.path);
    EXPECT_EQ(facts.collection().source(), std::string("ESP:/") + c.path);
    EXPECT_EQ(facts.collection().status(), c.status) << c.path;
    EXPECT_EQ(facts.collection().reason(), c.reason) << c.path;
    EXPECT_EQ(facts.collection().modified_filetime(), c.modified) << c.path;
    EXPECT_EQ(facts.is_image(), c.is_image) << c.path << ": " << facts.image_error();
    EXPECT_EQ(facts.sha256().size(), c.status == Collection::COLLECTED ? 64u : 0u) << c.path;
    EXPECT_EQ(&images.Read(c.path), &facts) << c.path;
  }
}

TEST(ImageReaderTest, ReadsEachOnceAndListsThemInOrder) {
  MemorySource files;
  files.AddFile("b", Image());
  files.AddLink("A", "b");
  files.AddFile("c", "text");
  evidence::ReadCounter counter;
  const evidence::CountingSource source(files, &counter);
  FileMemory memory;
  ImageReader images(source, "", &memory);
  for (const char* path : {"c", "b", "a", "B", "x", "A"}) images.Read(path);
  EXPECT_EQ(counter.Statistics().files(), 2u);
  EXPECT_EQ(counter.Statistics().reads(), 2u);
  google::protobuf::RepeatedPtrField<ImageFacts> facts;
  images.AddTo(&facts);
  std::string paths;
  for (const ImageFacts& image : facts) paths += image.collection().source() + " ";
  EXPECT_EQ(paths, "a b c x ");
  EXPECT_EQ(facts[0].sha256(), facts[1].sha256());
  EXPECT_TRUE(facts[0].is_image());

  images.AddTo(&facts);
  EXPECT_EQ(facts.size(), 4);
}

TEST(ImageReaderTest, StopsAtItsLimit) {
  MemorySource source;
  for (const char* path : {"a", "b", "c"}) source.AddFile(path, Image());
  ImageReader images(source, "", nullptr, Image().size() + 1);
  EXPECT_EQ(images.Read("a").collection().status(), Collection::COLLECTED);
  EXPECT_EQ(images.Read("b").collection().status(), Collection::COLLECTED) << "not reached before";
  const Collection& third = images.Read("c").collection();
  EXPECT_EQ(third.status(), Collection::UNREADABLE);
  EXPECT_THAT(third.reason(), HasSubstr("not read: the files before it have"));
  EXPECT_EQ(images.Read("none").collection().status(), Collection::ABSENT);
  EXPECT_EQ(images.Read("a").collection().status(), Collection::COLLECTED);
}

TEST(ImageReaderTest, NotesWhatAListingDoesNotHave) {
  MemorySource source;
  source.AddFile("a", Image());
  ImageReader images(source, "ESP:/", nullptr);
  const Collection& noted = images.NoteAbsent("b").collection();
  EXPECT_EQ(noted.source(), "ESP:/b");
  EXPECT_EQ(noted.status(), Collection::ABSENT);
  EXPECT_EQ(noted.reason(), "not found");
  images.Read("a");
  EXPECT_EQ(images.NoteAbsent("A").collection().status(), Collection::COLLECTED) << "known already";
}

}  // namespace
}  // namespace patchgate::files
