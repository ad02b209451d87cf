#include "servicing/host/live_host_reader.h"

#include <string>

#include "gtest/gtest.h"

namespace patchgate::host {
namespace {

void Add(const std::string& where, LiveHost* facts) { facts->add_activities()->set_where(where); }
void AddGap(const std::string& where, LiveHost* facts) {
  facts->mutable_collection()->add_gaps()->set_where(where);
}

TEST(MergeActivities, EachOnce) {
  LiveHost facts, later;
  facts.set_boot_filetime(1);
  later.set_boot_filetime(2);
  Add("process TiWorker.exe", &facts);
  Add("process TiWorker.exe", &later);
  Add("service TrustedInstaller", &later);
  AddGap("processes", &facts);
  AddGap("processes", &later);
  AddGap("mutex", &later);
  MergeActivities(later, &facts);
  EXPECT_EQ(facts.boot_filetime(), 1u);
  ASSERT_EQ(facts.activities_size(), 2);
  EXPECT_EQ(facts.activities(1).where(), "service TrustedInstaller");
  ASSERT_EQ(facts.collection().gaps_size(), 2);
  EXPECT_EQ(facts.collection().gaps(1).where(), "mutex");
}

TEST(MergeActivities, WhatHasEndedWasThere) {
  LiveHost facts, later;
  Add("process TiWorker.exe", &facts);
  MergeActivities(later, &facts);
  EXPECT_EQ(facts.activities_size(), 1);
}

#ifndef _WIN32
TEST(ReadLiveHost, NothingIsKnownElsewhere) { EXPECT_EQ(ReadLiveHost().SerializeAsString(), ""); }
#endif

}  // namespace
}  // namespace patchgate::host
