#include "servicing/eventlog/event.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/base/little_endian.h"
#include "servicing/eventlog/evtx.h"
#include "servicing/eventlog/evtx_builder.h"

namespace patchgate::eventlog {
namespace {

using testing::HasSubstr;

constexpr FileTime kTime = 134000000000000000;

bool Everything(const Event&) { return true; }

// Decodes all events of a log; those that are damaged are left out.
std::vector<Event> DecodeAll(const std::string& log, absl::FunctionRef<bool(const Event&)> wanted,
                             DamageLog* damage) {
  std::vector<Event> events;
  EventDecoder decoder;
  Event event;
  const auto summary = VisitRecords(
      log,
      [&](const Record& record) {
        absl::Status status = decoder.Decode(record, wanted, &event);
        if (status.ok()) events.push_back(event);
        return status;
      },
      damage);
  EXPECT_TRUE(summary.ok()) << summary.status();
  return events;
}

std::vector<Event> DecodeAll(const std::string& log) {
  DamageLog damage;
  std::vector<Event> events = DecodeAll(log, Everything, &damage);
  for (const Damage& entry : damage.kept()) ADD_FAILURE() << entry.what;
  return events;
}

std::string FieldsOf(const Event& event) {
  std::string text;
  for (const EventField& field : event.fields) {
    absl::StrAppend(&text, field.name, "=", ToText(field.value.view()), ";");
  }
  return text;
}

TEST(EventTest, System) {
  EvtxBuilder log;
  log.Add({"Microsoft-Windows-Ntfs",
           "{3FF37A1C-A68D-4D6E-8C9B-F79E8B16C482}",
           98,
           kTime,
           "System",
           {{"DriveName", "C:"}}});
  log.Add({"EventLog", "", 6005, kTime + 1, "System", {}, "", 0x8000});
  const std::vector<Event> events = DecodeAll(log.Build());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].provider, "Microsoft-Windows-Ntfs");
  EXPECT_EQ(events[0].provider_guid, "{3ff37a1c-a68d-4d6e-8c9b-f79e8b16c482}");
  EXPECT_EQ(events[0].id, 98u);
  EXPECT_EQ(events[0].qualifiers, 0u);
  EXPECT_EQ(events[0].channel, "System");
  EXPECT_EQ(events[0].time, kTime);
  EXPECT_EQ(events[0].record_id, 1u);
  EXPECT_EQ(events[1].provider, "EventLog");
  EXPECT_EQ(events[1].provider_guid, "");
  EXPECT_EQ(events[1].qualifiers, 0x8000u);
  EXPECT_EQ(events[1].record_id, 2u);
  EXPECT_TRUE(events[1].fields.empty());
}

TEST(EventTest, Fields) {
  EvtxBuilder log;
  log.Add({"P", "", 1, kTime, "C", {{"a", "1"}, {"b", Uint32(2)}, {"a", "3"}}});
  log.Add({"P", "", 2, kTime, "C", {{"a", "1"}, {"b", "2"}}, "Element"});
  log.Add({"P", "", 3, kTime, "C", {{"", "x"}, {"", "y"}}});
  log.Add({"P", "", 4, kTime, "C", {{"", StringArray({"x", "", "z"})}}});
  log.Add({"P", "", 5, kTime, "C", {{"n", OwnedValue()}, {"m", ""}}});
  const std::vector<Event> events = DecodeAll(log.Build());
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(FieldsOf(events[0]), "a=1;b=2;a=3;");
  EXPECT_EQ(ToText(events[0].Find("a")), "1");
  EXPECT_EQ(events[0].Find("c").type, kNull);
  EXPECT_EQ(events[0].user_data, "");
  EXPECT_EQ(FieldsOf(events[1]), "a=1;b=2;");
  EXPECT_EQ(events[1].user_data, "Element");
  EXPECT_EQ(FieldsOf(events[2]), "=x;=y;");
  EXPECT_EQ(ToText(events[2].At(1)), "y");
  EXPECT_EQ(events[2].At(2).type, kNull);
  EXPECT_EQ(FieldsOf(events[3]), "=x;=;=z;");
  EXPECT_EQ(FieldsOf(events[4]), "n=;m=;");
  EXPECT_EQ(events[4].Find("n").type, kNull);
  EXPECT_EQ(events[4].Find("m").type, kString);
}

TEST(EventTest, AnArrayWithoutItsLastTerminator) {
  OwnedValue array = StringArray({"x", "yz"});
  array.data.resize(array.data.size() - 2);
  EvtxBuilder log;
  log.Add({"P", "", 4, kTime, "C", {{"", array}}});
  EXPECT_EQ(FieldsOf(DecodeAll(log.Build()).at(0)), "=x;=yz;");
}

TEST(EventTest, UnwantedEventsAreNotReadBeyondSystem) {
  EvtxBuilder log;
  log.Add({"P", "", 1, kTime, "C", {{"a", "1"}}}).Add({"Q", "", 2, kTime, "C", {{"a", "1"}}});
  DamageLog damage;
  const auto is_q = [](const Event& event) { return event.provider == "Q" && event.id == 2; };
  const std::vector<Event> events = DecodeAll(log.Build(), is_q, &damage);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(FieldsOf(events[0]), "");
  EXPECT_EQ(FieldsOf(events[1]), "a=1;");
}

// Small records that share a large template.
TEST(EventTest, AChunkThatExpandsTooMuchIsLeft) {
  EvtxBuilder log;
  std::vector<EvtxBuilder::Field> fields;
  const std::string name(1'000, 'n');
  for (int i = 0; i < 3; ++i) fields.push_back({name, "v"});
  for (int i = 0; i < 200; ++i) log.Add({"P", "", 1, kTime, "C", fields});
  EXPECT_EQ(DecodeAll(log.Build()).size(), 200u) << "12 KB a record are read";

  EvtxBuilder bomb;
  const std::string element(15'000, 'n');
  fields.assign(9, {element, "v"});
  for (int i = 0; i < 100; ++i) bomb.Add({"P", "", 1, kTime, "C", fields, "E"});
  const std::string bytes = bomb.Build();
  ASSERT_EQ(bomb.chunks(), 1u);
  DamageLog damage;
  const size_t read = DecodeAll(bytes, Everything, &damage).size();
  EXPECT_EQ(read, 0u) << "280 KB a record are not";
  EXPECT_EQ(damage.total(), 100u);
  EXPECT_THAT(damage.kept().at(0).what, HasSubstr("expand beyond what is read of a chunk"));
}

TEST(EventTest, EventsWithoutWhatEveryEventHas) {
  EvtxBuilder log;
  log.Add({std::string(1'000, 'P'), "", 1, kTime, "C"});
  log.Add({"P", "", 2, kTime, "C"});
  std::string bytes = log.Build();
  DamageLog damage;
  EXPECT_EQ(DecodeAll(bytes, Everything, &damage).size(), 1u);
  EXPECT_THAT(damage.kept().at(0).what, HasSubstr("provider name of 1000 bytes"));

  const struct {
    const char* name;
    const char* from;
    const char* to;
    const char* error;
  } cases[] = {
      {"no System", "System", "Sistem", "the event has no <System>"},
      {"no id", "EventID", "EventIX", "<System> has no event id"},
      {"no Event", "Event", "Evant", "the event has no <System>"},
  };
  EvtxBuilder sound;
  sound.Add({"P", "", 2, kTime, "C"});
  for (const auto& c : cases) {
    bytes = sound.Build();
    const std::string from = TextValue(c.from).data, to = TextValue(c.to).data;
    bytes.replace(bytes.find(from), to.size(), to);
    FixChecksums(&bytes);
    DamageLog found;
    EXPECT_TRUE(DecodeAll(bytes, Everything, &found).empty()) << c.name;
    ASSERT_EQ(found.total(), 1u) << c.name;
    EXPECT_THAT(found.kept()[0].what, HasSubstr(c.error)) << c.name;
  }
}

}  // namespace
}  // namespace patchgate::eventlog
