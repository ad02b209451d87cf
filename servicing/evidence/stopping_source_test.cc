#include "servicing/evidence/stopping_source.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::evidence {
namespace {

TEST(StoppingSource, IsTheOtherSourceUntilItStops) {
  MemorySource files;
  files.AddFile("Windows/a", "bytes");
  files.SetSpace(10, 5);
  Stop stop;
  const StoppingSource source(files, stop);
  EXPECT_EQ(source.description(), files.description());
  ASSERT_TRUE(source.Open("windows/A").ok());
  EXPECT_EQ((*source.Open("Windows/a"))->bytes(), "bytes");
  EXPECT_EQ(source.Stat("Windows/a")->size, 5u);
  EXPECT_EQ(source.List("Windows")->size(), 1u);
  EXPECT_EQ(source.Space()->free, 5u);
  auto folder = source.Enter("Windows");
  ASSERT_TRUE(folder.ok());
  auto stream = (*folder)->OpenStream("a");
  ASSERT_TRUE(stream.ok());
  char piece[2];
  EXPECT_EQ(*(*stream)->Read(absl::MakeSpan(piece)), 2u);
  EXPECT_EQ(std::string(piece, 2), "by");

  stop.Cancel();
  EXPECT_TRUE(absl::IsCancelled((*stream)->Read(absl::MakeSpan(piece)).status()));
  EXPECT_TRUE((*stream)->Now().ok());
  for (const Source* ended :
       {static_cast<const Source*>(&source), static_cast<const Source*>(folder->get())}) {
    EXPECT_TRUE(absl::IsCancelled(ended->Open("a").status()));
    EXPECT_TRUE(absl::IsCancelled(ended->Stat("a").status()));
    EXPECT_TRUE(absl::IsCancelled(ended->List("").status()));
    EXPECT_TRUE(absl::IsCancelled(ended->OpenStream("a").status()));
    EXPECT_TRUE(absl::IsCancelled(ended->Enter("a").status()));
    EXPECT_TRUE(absl::IsCancelled(ended->Space().status()));
  }
}

TEST(StoppingSource, ErrorsOfTheOtherSourceStayTheirs) {
  MemorySource files;
  Stop stop;
  const StoppingSource source(files, stop);
  EXPECT_TRUE(absl::IsNotFound(source.Open("no").status()));
  EXPECT_TRUE(absl::IsNotFound(source.OpenStream("no").status()));
  EXPECT_TRUE(absl::IsNotFound(source.Enter("no").status()));
}

}  // namespace
}  // namespace patchgate::evidence
