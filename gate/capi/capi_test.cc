// The C ABI with everything that a caller can get wrong. What crosses it is always an error, never
// a crash; the sanitizers look on.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/capi/patchgate.h"
#include "gate/verdict.pb.h"
#include "gate/volume_folder.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "servicing/base/utf16.h"
#include "servicing/collector.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

#ifndef _WIN32
#include <unistd.h>
#endif

namespace patchgate {
namespace {

using gate::VolumeFolder;

struct VerdictFree {
  void operator()(patchgate_verdict* verdict) const { patchgate_verdict_free(verdict); }
};
struct CancellationFree {
  void operator()(patchgate_cancellation* c) const { patchgate_cancellation_free(c); }
};
using Cancellation = std::unique_ptr<patchgate_cancellation, CancellationFree>;

struct Result {
  int32_t error;
  std::unique_ptr<patchgate_verdict, VerdictFree> verdict;
  std::string text;
};

patchgate_options Defaults() {
  patchgate_options options;
  EXPECT_EQ(patchgate_options_init(&options, sizeof(options)), PATCHGATE_OK);
  return options;
}

// Every result keeps the promises of the header.
Result Checked(int32_t error, patchgate_verdict* verdict, const char* text) {
  EXPECT_EQ(error == PATCHGATE_OK, verdict != nullptr);
  EXPECT_EQ(error == PATCHGATE_OK, *text == '\0') << text;
  EXPECT_EQ(CleanUtf8(text), text);
  EXPECT_EQ(std::strchr(text, '\n'), nullptr) << text;
  return {error, std::unique_ptr<patchgate_verdict, VerdictFree>(verdict), text};
}

patchgate_verdict* const kNotNull = reinterpret_cast<patchgate_verdict*>(8);

Result Directory(const std::string& root, const patchgate_options* options = nullptr) {
  patchgate_verdict* verdict = kNotNull;
  char text[PATCHGATE_ERROR_SIZE];
  const int32_t error =
      patchgate_evaluate_directory(root.data(), root.size(), options, &verdict, text, sizeof(text));
  return Checked(error, verdict, text);
}

Result OfSnapshot(absl::string_view bytes, const patchgate_options* options = nullptr) {
  patchgate_verdict* verdict = kNotNull;
  char text[PATCHGATE_ERROR_SIZE];
  const int32_t error = patchgate_evaluate_snapshot(bytes.data(), bytes.size(), options, &verdict,
                                                    text, sizeof(text));
  return Checked(error, verdict, text);
}

std::string HealthySnapshot() {
  return SerializeSnapshot(
      Collect(testdata::FakeVolume().Build(), testdata::Time("2025-12-16T18:00:00Z")));
}

std::string Text(const patchgate_text& text) {
  EXPECT_NE(text.data, nullptr);
  EXPECT_EQ(text.data[text.size], '\0');
  const std::string copy(text.data, text.size);
  EXPECT_EQ(CleanUtf8(copy), copy);
  return copy;
}

// Reads all there is of a verdict.
void Walk(const patchgate_verdict* verdict) {
  size_t size = 0;
  const char* json = patchgate_verdict_json(verdict, &size);
  ASSERT_NE(json, nullptr);
  EXPECT_EQ(json[0], '{');
  EXPECT_EQ(std::strlen(json), size);
  EXPECT_EQ(json[size - 1], '\n');
  const char* line = patchgate_verdict_line(verdict, &size);
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(std::strlen(line), size);
  EXPECT_LE(size, 2048u);
  EXPECT_EQ(std::strchr(line, '\n'), line + size - 1);
  int32_t last = PATCHGATE_BLOCK;
  ASSERT_GT(patchgate_finding_count(verdict), 0u);
  for (size_t i = 0; i < patchgate_finding_count(verdict); ++i) {
    patchgate_finding finding;
    finding.size = sizeof(finding);
    ASSERT_EQ(patchgate_finding_get(verdict, i, &finding), PATCHGATE_OK);
    EXPECT_NE(Text(finding.check), "");
    EXPECT_NE(Text(finding.name), "");
    Text(finding.summary);
    Text(finding.resolution);
    Text(finding.actor);
    EXPECT_LE(finding.result, last) << "worst first";
    last = finding.result;
    for (size_t k = 0; k < finding.evidence_count; ++k) {
      patchgate_evidence evidence;
      evidence.size = sizeof(evidence);
      ASSERT_EQ(patchgate_evidence_get(verdict, i, k, &evidence), PATCHGATE_OK);
      Text(evidence.where);
      Text(evidence.what);
      Text(evidence.written);
    }
  }
}

TEST(CapiTest, Versions) {
  EXPECT_EQ(patchgate_abi_version(), PATCHGATE_ABI_VERSION);
  EXPECT_STREQ(patchgate_version(), "0.1.0");
}

TEST(CapiTest, VerdictsOfDirectories) {
  const std::pair<const char*, int32_t> cases[] = {{"healthy", PATCHGATE_GO},
                                                   {"failed-rollback", PATCHGATE_NO_GO},
                                                   {"no-components", PATCHGATE_INDETERMINATE}};
  for (const auto& [name, outcome] : cases) {
    SCOPED_TRACE(name);
    const VolumeFolder folder(name, testdata::FindScenario(name).build());
    const Result result = Directory(folder.root());
    ASSERT_EQ(result.error, PATCHGATE_OK) << result.text;
    EXPECT_EQ(patchgate_verdict_outcome(result.verdict.get()), outcome);
    EXPECT_EQ(patchgate_verdict_busy(result.verdict.get()), 0);
    Walk(result.verdict.get());
  }
}

TEST(CapiTest, WhatBlocksIsThere) {
  const VolumeFolder folder("blocks", testdata::FindScenario("failed-rollback").build());
  const Result result = Directory(folder.root());
  ASSERT_EQ(result.error, PATCHGATE_OK) << result.text;
  patchgate_finding finding;
  finding.size = sizeof(finding);
  ASSERT_EQ(patchgate_finding_get(result.verdict.get(), 0, &finding), PATCHGATE_OK);
  EXPECT_EQ(finding.result, PATCHGATE_BLOCK);
  EXPECT_EQ(finding.waived, 0);
  EXPECT_GT(finding.evidence_count, 0u);
  EXPECT_NE(Text(finding.resolution), "");
  EXPECT_NE(Text(finding.actor), "");
  Verdict verdict;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  patchgate_verdict_json(result.verdict.get(), nullptr), &verdict)
                  .ok());
  EXPECT_EQ(verdict.findings(0).check(), Text(finding.check));
  EXPECT_EQ(static_cast<size_t>(verdict.findings_size()),
            patchgate_finding_count(result.verdict.get()));
}

TEST(CapiTest, OptionsDoWhatTheySay) {
  const std::string snapshot = HealthySnapshot();
  patchgate_options options = Defaults();
  EXPECT_EQ(options.size, sizeof(options));
  options.now = testdata::Time("2026-01-13T18:00:00Z");
  options.policy = "required_evidence: \"hive.system\"";
  options.time_limit_ms = UINT64_MAX;
  options.jobs = 1024;
  options.profile = PATCHGATE_PROFILE_FULL;
  const Result result = OfSnapshot(snapshot, &options);
  ASSERT_EQ(result.error, PATCHGATE_OK) << result.text;
  EXPECT_TRUE(absl::StrContains(patchgate_verdict_json(result.verdict.get(), nullptr),
                                "\"judged_at\": \"2026-01-13T18:00:00Z\""));

  options.policy = "required_evidence: \"hive.sistem\"";
  EXPECT_EQ(OfSnapshot(snapshot, &options).error, PATCHGATE_BAD_POLICY);
  EXPECT_EQ(OfSnapshot("no snapshot", &options).error, PATCHGATE_BAD_POLICY);
  // Only this much of it is the policy.
  options.policy = "required_evidence: \"hive.system\" and more";
  options.policy_size = std::strlen("required_evidence: \"hive.system\"");
  EXPECT_EQ(OfSnapshot(snapshot, &options).error, PATCHGATE_OK);
}

TEST(CapiTest, ErrorsAreTold) {
  const VolumeFolder healthy("told", testdata::FakeVolume().Build());
  const VolumeFolder empty("told_empty");
  const std::string root = healthy.root(), nothing = empty.root(), gone = empty.Path("gone");
  patchgate_options own_esp = Defaults();
  own_esp.esp = nothing.c_str();
  patchgate_options no_esp = Defaults();
  no_esp.esp = gone.c_str();
  EXPECT_EQ(Directory(gone).error, PATCHGATE_NOT_FOUND);
  EXPECT_EQ(Directory(nothing).error, PATCHGATE_NOT_WINDOWS);
  EXPECT_EQ(Directory(root, &own_esp).error, PATCHGATE_NOT_WINDOWS);
  EXPECT_EQ(Directory(root, &no_esp).error, PATCHGATE_NOT_FOUND);
  EXPECT_EQ(OfSnapshot(absl::string_view("", 0)).error, PATCHGATE_BAD_SNAPSHOT);
  EXPECT_EQ(OfSnapshot("PGSNAP1\n").error, PATCHGATE_BAD_SNAPSHOT);
  Snapshot newer;
  newer.set_format_version(kSnapshotFormatVersion + 1);
  EXPECT_EQ(OfSnapshot(SerializeSnapshot(newer)).error, PATCHGATE_BAD_SNAPSHOT);
  // Line breaks and other control characters of a path stay out of the one line.
  const Result odd = Directory(empty.root() + "/a\nb\x1b[31m");
  EXPECT_NE(odd.error, PATCHGATE_OK);
  EXPECT_EQ(odd.text.find('\x1b'), std::string::npos);
}

TEST(CapiTest, TheLiveHostIsWindowsOnly) {
  patchgate_verdict* verdict = kNotNull;
  char text[PATCHGATE_ERROR_SIZE];
  const int32_t error = patchgate_evaluate_live_host(nullptr, &verdict, text, sizeof(text));
  const Result result = Checked(error, verdict, text);
#ifdef _WIN32
  // Wine is no Windows that could be updated.
  EXPECT_NE(patchgate_verdict_outcome(result.verdict.get()), PATCHGATE_GO);
#else
  EXPECT_EQ(result.error, PATCHGATE_UNSUPPORTED);
#endif
}

TEST(CapiTest, ErrorsAndOutcomesShareNoNumber) {
  for (int32_t outcome : {PATCHGATE_GO, PATCHGATE_NO_GO, PATCHGATE_INDETERMINATE}) {
    EXPECT_GT(outcome, PATCHGATE_FAILED);
  }
}

// Every parameter of every function that is a pointer.
TEST(CapiTest, NullPointers) {
  const VolumeFolder folder("null", testdata::FakeVolume().Build());
  const std::string root = folder.root(), snapshot = HealthySnapshot();
  const Result good = OfSnapshot(snapshot);
  ASSERT_EQ(good.error, PATCHGATE_OK) << good.text;
  const patchgate_verdict* const verdict = good.verdict.get();
  patchgate_verdict* out = nullptr;
  char text[64];
  patchgate_finding finding;
  finding.size = sizeof(finding);
  patchgate_evidence evidence;
  evidence.size = sizeof(evidence);
  const int32_t kInvalid = PATCHGATE_INVALID_ARGUMENT;

  EXPECT_EQ(patchgate_options_init(nullptr, sizeof(patchgate_options)), kInvalid);
  for (const size_t size : {size_t{0}, size_t{4}, PATCHGATE_NUL_TERMINATED}) {
    out = kNotNull;
    EXPECT_EQ(patchgate_evaluate_directory(nullptr, size, nullptr, &out, text, sizeof(text)),
              kInvalid);
    EXPECT_EQ(out, nullptr);
    EXPECT_NE(text[0], '\0');
    out = kNotNull;
    EXPECT_EQ(patchgate_evaluate_snapshot(nullptr, size, nullptr, &out, text, sizeof(text)),
              kInvalid);
    EXPECT_EQ(out, nullptr);
    EXPECT_NE(text[0], '\0');
  }
  EXPECT_EQ(
      patchgate_evaluate_directory(root.c_str(), root.size(), nullptr, nullptr, text, sizeof(text)),
      kInvalid);
  EXPECT_EQ(patchgate_evaluate_live_host(nullptr, nullptr, text, sizeof(text)), kInvalid);
  EXPECT_EQ(patchgate_evaluate_snapshot(snapshot.data(), snapshot.size(), nullptr, nullptr, text,
                                        sizeof(text)),
            kInvalid);
  // No error text is wanted, whatever its size.
  EXPECT_EQ(patchgate_evaluate_snapshot("x", 1, nullptr, &out, nullptr, 64),
            PATCHGATE_BAD_SNAPSHOT);
  EXPECT_EQ(patchgate_evaluate_snapshot("x", 1, nullptr, nullptr, nullptr, 64), kInvalid);
  EXPECT_EQ(patchgate_evaluate_live_host(nullptr, nullptr, nullptr, 0), kInvalid);
  EXPECT_EQ(patchgate_evaluate_directory(nullptr, 0, nullptr, nullptr, nullptr, 0), kInvalid);

  patchgate_verdict_free(nullptr);
  EXPECT_EQ(patchgate_verdict_outcome(nullptr), PATCHGATE_INDETERMINATE);
  EXPECT_EQ(patchgate_verdict_busy(nullptr), 0);
  size_t size = 7;
  EXPECT_EQ(patchgate_verdict_json(nullptr, &size), nullptr);
  EXPECT_EQ(size, 0u);
  size = 7;
  EXPECT_EQ(patchgate_verdict_line(nullptr, &size), nullptr);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(patchgate_verdict_json(nullptr, nullptr), nullptr);
  EXPECT_NE(patchgate_verdict_json(verdict, nullptr), nullptr);
  EXPECT_NE(patchgate_verdict_line(verdict, nullptr), nullptr);
  EXPECT_EQ(patchgate_finding_count(nullptr), 0u);
  EXPECT_EQ(patchgate_finding_get(nullptr, 0, &finding), kInvalid);
  EXPECT_EQ(patchgate_finding_get(verdict, 0, nullptr), kInvalid);
  EXPECT_EQ(patchgate_evidence_get(nullptr, 0, 0, &evidence), kInvalid);
  EXPECT_EQ(patchgate_evidence_get(verdict, 0, 0, nullptr), kInvalid);
  patchgate_cancellation_request(nullptr);
  patchgate_cancellation_free(nullptr);
}

TEST(CapiTest, AHandleOfTheOtherKindIsRefused) {
  const std::string snapshot = HealthySnapshot();
  const Result good = OfSnapshot(snapshot);
  ASSERT_EQ(good.error, PATCHGATE_OK) << good.text;
  const Cancellation cancellation(patchgate_cancellation_create());
  auto* const as_verdict = reinterpret_cast<patchgate_verdict*>(cancellation.get());
  EXPECT_EQ(patchgate_verdict_outcome(as_verdict), PATCHGATE_INDETERMINATE);
  EXPECT_EQ(patchgate_verdict_json(as_verdict, nullptr), nullptr);
  EXPECT_EQ(patchgate_verdict_line(as_verdict, nullptr), nullptr);
  EXPECT_EQ(patchgate_finding_count(as_verdict), 0u);
  patchgate_verdict_free(as_verdict);
  auto* const as_cancellation = reinterpret_cast<patchgate_cancellation*>(good.verdict.get());
  patchgate_options options = Defaults();
  options.cancellation = as_cancellation;
  EXPECT_EQ(OfSnapshot(snapshot, &options).error, PATCHGATE_INVALID_ARGUMENT);
  patchgate_cancellation_request(as_cancellation);
  patchgate_cancellation_free(as_cancellation);
  // Both are as they were.
  EXPECT_EQ(patchgate_verdict_outcome(good.verdict.get()), PATCHGATE_GO);
  options.cancellation = cancellation.get();
  EXPECT_EQ(OfSnapshot(snapshot, &options).error, PATCHGATE_OK);
}

TEST(CapiTest, TextsThatAreNone) {
  const VolumeFolder folder("texts", testdata::FakeVolume().Build());
  const std::string root = folder.root();
  struct Case {
    const char* name;
    std::string text;
  };
  const Case cases[] = {
      {"lone continuation byte", "a\x80"},
      {"cut character", "a\xe2\x82"},
      {"overlong", "\xc0\xaf"},
      {"overlong of three bytes", "\xe0\x80\xaf"},
      {"surrogate", "\xed\xa0\x80"},
      {"above Unicode", "\xf4\x90\x80\x80"},
      {"Latin-1", "/mnt/\xe4"},
      {"NUL", std::string("a\0b", 3)},
      {"NUL at its end", root + std::string(1, '\0')},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Directory(c.text).error, PATCHGATE_INVALID_ARGUMENT);
    patchgate_options options = Defaults();
    options.esp = c.text.data();
    options.esp_size = c.text.size();
    EXPECT_EQ(Directory(root, &options).error, PATCHGATE_INVALID_ARGUMENT);
    options = Defaults();
    options.policy = c.text.data();
    options.policy_size = c.text.size();
    EXPECT_EQ(Directory(root, &options).error, PATCHGATE_INVALID_ARGUMENT);
  }
  EXPECT_EQ(Directory("").error, PATCHGATE_INVALID_ARGUMENT);
  patchgate_options empty = Defaults();
  empty.esp = "";
  EXPECT_EQ(Directory(root, &empty).error, PATCHGATE_INVALID_ARGUMENT);
  patchgate_options null = Defaults();
  null.esp_size = 4;
  EXPECT_EQ(Directory(root, &null).error, PATCHGATE_INVALID_ARGUMENT);
  null = Defaults();
  null.policy_size = 4;
  EXPECT_EQ(Directory(root, &null).error, PATCHGATE_INVALID_ARGUMENT);
  // Sizes that are negative numbers to somebody.
  patchgate_verdict* verdict = nullptr;
  for (const size_t size : {size_t{PTRDIFF_MAX} + 1, SIZE_MAX - 1}) {
    EXPECT_EQ(patchgate_evaluate_directory("/", size, nullptr, &verdict, nullptr, 0),
              PATCHGATE_INVALID_ARGUMENT);
  }
  for (const size_t size : {size_t{PTRDIFF_MAX} + 1, SIZE_MAX}) {
    EXPECT_EQ(patchgate_evaluate_snapshot("x", size, nullptr, &verdict, nullptr, 0),
              PATCHGATE_INVALID_ARGUMENT);
  }
}

TEST(CapiTest, NumbersThatAreUnknown) {
  const std::string snapshot = HealthySnapshot();
  const std::function<void(patchgate_options*)> cases[] = {
      [](patchgate_options* o) { o->profile = PATCHGATE_PROFILE_FULL + 1; },
      [](patchgate_options* o) { o->profile = UINT32_MAX; },
      [](patchgate_options* o) { o->jobs = 1025; },
      [](patchgate_options* o) { o->now = 1; },
      [](patchgate_options* o) { o->now = 1768327200; },  // Seconds since 1970.
      [](patchgate_options* o) { o->now = 1768327200000000; },
      [](patchgate_options* o) { o->jobs = UINT32_MAX; },
  };
  for (const auto& change : cases) {
    patchgate_options options = Defaults();
    change(&options);
    EXPECT_EQ(OfSnapshot(snapshot, &options).error, PATCHGATE_INVALID_ARGUMENT);
  }
}

// Bytes that end where the structure says, so that a sanitizer sees what is touched beyond.
template <typename Struct>
struct Sized {
  explicit Sized(size_t size, char fill = '\0') : bytes(new char[size]) {
    std::memset(bytes.get(), fill, size);
  }
  Struct* get() { return reinterpret_cast<Struct*>(bytes.get()); }
  std::unique_ptr<char[]> bytes;
};

TEST(CapiTest, OptionsOfOtherSizes) {
  const std::string snapshot = HealthySnapshot();
  constexpr size_t kKnown = sizeof(patchgate_options);
  for (size_t size = 0; size < kKnown; ++size) {
    Sized<patchgate_options> small(std::max(size, sizeof(size_t)), '\x7f');
    EXPECT_EQ(patchgate_options_init(small.get(), size), PATCHGATE_INVALID_ARGUMENT) << size;
    EXPECT_EQ(small.bytes[sizeof(size_t) - 1], '\x7f') << "nothing was written";
    small.get()->size = size;
    EXPECT_EQ(OfSnapshot(snapshot, small.get()).error, PATCHGATE_INVALID_ARGUMENT) << size;
  }
  // A newer header: what it added is zero as long as nobody sets it.
  for (const size_t size : {kKnown, kKnown + 1, kKnown + 8, size_t{4096}}) {
    Sized<patchgate_options> large(size, '\x7f');
    ASSERT_EQ(patchgate_options_init(large.get(), size), PATCHGATE_OK) << size;
    EXPECT_EQ(large.get()->size, size);
    EXPECT_EQ(OfSnapshot(snapshot, large.get()).error, PATCHGATE_OK) << size;
    if (size == kKnown) continue;
    for (const size_t at : {kKnown, size - 1}) {
      large.bytes[at] = 1;
      const Result result = OfSnapshot(snapshot, large.get());
      EXPECT_EQ(result.error, PATCHGATE_INVALID_ARGUMENT) << size << " at " << at;
      EXPECT_TRUE(absl::StrContains(result.text, "does not know")) << result.text;
      large.bytes[at] = 0;
    }
  }
  patchgate_options options = Defaults();
  for (const size_t size : {size_t{4097}, SIZE_MAX, size_t{0xcccccccc}}) {
    EXPECT_EQ(patchgate_options_init(&options, size), PATCHGATE_INVALID_ARGUMENT);
    options.size = size;
    EXPECT_EQ(OfSnapshot(snapshot, &options).error, PATCHGATE_INVALID_ARGUMENT) << size;
  }
}

template <typename Struct, typename Get>
void CheckSizes(Get get) {
  for (size_t size = 0; size < sizeof(Struct); ++size) {
    Sized<Struct> small(std::max(size, sizeof(size_t)), '\x7f');
    small.get()->size = size;
    EXPECT_EQ(get(small.get()), PATCHGATE_INVALID_ARGUMENT) << size;
  }
  Struct known;
  known.size = sizeof(known);
  ASSERT_EQ(get(&known), PATCHGATE_OK);
  for (const size_t size : {sizeof(Struct) + 1, sizeof(Struct) + 16, size_t{4096}}) {
    Sized<Struct> large(size, '\x7f');
    large.get()->size = size;
    ASSERT_EQ(get(large.get()), PATCHGATE_OK) << size;
    EXPECT_EQ(large.get()->size, size);
    EXPECT_EQ(std::memcmp(large.bytes.get() + sizeof(size_t),
                          reinterpret_cast<const char*>(&known) + sizeof(size_t),
                          sizeof(Struct) - sizeof(size_t)),
              0);
    for (size_t i = sizeof(Struct); i < size; ++i) ASSERT_EQ(large.bytes[i], 0) << i;
  }
  for (const size_t size : {size_t{4097}, SIZE_MAX}) {
    known.size = size;
    EXPECT_EQ(get(&known), PATCHGATE_INVALID_ARGUMENT);
  }
}

TEST(CapiTest, FindingsAndEvidenceOfOtherSizesAndPlaces) {
  const VolumeFolder folder("sizes", testdata::FindScenario("failed-rollback").build());
  const Result result = Directory(folder.root());
  ASSERT_EQ(result.error, PATCHGATE_OK) << result.text;
  const patchgate_verdict* const verdict = result.verdict.get();
  CheckSizes<patchgate_finding>(
      [&](patchgate_finding* out) { return patchgate_finding_get(verdict, 0, out); });
  CheckSizes<patchgate_evidence>(
      [&](patchgate_evidence* out) { return patchgate_evidence_get(verdict, 0, 0, out); });

  const size_t count = patchgate_finding_count(verdict);
  patchgate_finding finding;
  finding.size = sizeof(finding);
  ASSERT_EQ(patchgate_finding_get(verdict, 0, &finding), PATCHGATE_OK);
  patchgate_evidence evidence;
  evidence.size = sizeof(evidence);
  constexpr size_t kIntWraps = size_t{1} << 32;
  for (const size_t index : {count, count + 1, kIntWraps, kIntWraps / 2, SIZE_MAX}) {
    EXPECT_EQ(patchgate_finding_get(verdict, index, &finding), PATCHGATE_INVALID_ARGUMENT);
    EXPECT_EQ(patchgate_evidence_get(verdict, index, 0, &evidence), PATCHGATE_INVALID_ARGUMENT);
  }
  for (const size_t index : {finding.evidence_count, kIntWraps, SIZE_MAX}) {
    EXPECT_EQ(patchgate_evidence_get(verdict, 0, index, &evidence), PATCHGATE_INVALID_ARGUMENT);
  }
}

TEST(CapiTest, SmallErrorBuffersAreFilledToAWholeCharacter) {
  const std::string root = "/\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\xa7/gone";
  const std::string whole = Directory(root).text;
  ASSERT_TRUE(absl::StartsWith(whole, "/\xc3\xa4")) << whole;
  for (size_t size = 0; size <= whole.size() + 2; ++size) {
    std::string buffer(whole.size() + 3, '\x7f');
    patchgate_verdict* verdict = nullptr;
    ASSERT_NE(
        patchgate_evaluate_directory(root.data(), root.size(), nullptr, &verdict, &buffer[0], size),
        PATCHGATE_OK);
    EXPECT_EQ(buffer.substr(size), std::string(buffer.size() - size, '\x7f')) << size;
    if (size == 0) continue;
    const std::string text(buffer.c_str());
    EXPECT_LT(text.size(), size);
    EXPECT_TRUE(absl::StartsWith(whole, text)) << size;
    EXPECT_EQ(CleanUtf8(text), text) << size;
    EXPECT_GE(text.size() + 4, std::min(size, whole.size() + 1)) << "cut more than a character";
  }
}

TEST(CapiTest, GarbageForASnapshot) {
  const std::string snapshot = HealthySnapshot();
  // One change for every byte of the beginning, some for the rest: the checksum refuses them all.
  size_t refused = 0;
  const auto feed = [&](std::string bytes) {
    if (bytes == snapshot) return;
    EXPECT_EQ(OfSnapshot(bytes).error, PATCHGATE_BAD_SNAPSHOT);
    ++refused;
  };
  for (size_t at = 0; at < snapshot.size(); at += at < 256 ? 1 : 211) {
    feed(snapshot.substr(0, at));
    std::string changed = snapshot;
    changed[at] = static_cast<char>(~changed[at]);
    feed(changed);
    feed(snapshot + snapshot.substr(0, at));
  }
  EXPECT_GT(refused, 500u);
}

// Facts that no collector would write, in a snapshot that is whole.
TEST(CapiTest, WildFactsInASnapshot) {
  Snapshot facts = Collect(testdata::FakeVolume().Build(), 1);
  const std::string payload = facts.SerializeAsString();
  std::vector<std::string> snapshots;
  for (size_t at = 0; at < payload.size(); at += 97) {
    for (const char* with : {"", "\xff\xff\xff\xff\x7f", "\x80", "\x01"}) {
      std::string changed = payload;
      changed.replace(at, std::max<size_t>(std::strlen(with), 1), with);
      const google::protobuf::LogSilencer quiet;
      Snapshot wild;
      if (!wild.ParsePartialFromString(changed)) continue;
      wild.set_format_version(kSnapshotFormatVersion);
      snapshots.push_back(SerializeSnapshot(wild));
    }
  }
  size_t judged = 0;
  for (const std::string& snapshot : snapshots) {
    const Result result = OfSnapshot(snapshot);
    // Text that is no UTF-8 is no snapshot.
    if (result.error == PATCHGATE_BAD_SNAPSHOT) continue;
    ASSERT_EQ(result.error, PATCHGATE_OK) << result.text;
    Walk(result.verdict.get());
    ++judged;
  }
  EXPECT_GT(judged, 100u);
}

#ifndef _WIN32
// Standard error belongs to the caller; protobuf would write to it.
TEST(CapiTest, NothingIsPrinted) {
  std::string bytes;
  {
    const google::protobuf::LogSilencer quiet;
    Snapshot snapshot;
    snapshot.set_source("\xff is no UTF-8");
    snapshot.set_format_version(kSnapshotFormatVersion);
    bytes = SerializeSnapshot(snapshot);
  }
  const int outputs[] = {STDOUT_FILENO, STDERR_FILENO};
  for (const int output : outputs) {
    const int before = dup(output);
    FILE* const file = std::tmpfile();
    ASSERT_NE(file, nullptr);
    dup2(fileno(file), output);
    OfSnapshot(bytes);
    Directory("/no/such/directory");
    dup2(before, output);
    close(before);
    EXPECT_EQ(lseek(fileno(file), 0, SEEK_END), 0);
    std::fclose(file);
  }
}
#endif

TEST(CapiTest, CancelledBefore) {
  const VolumeFolder folder("cancelled", testdata::FakeVolume().Build());
  const Cancellation cancellation(patchgate_cancellation_create());
  ASSERT_NE(cancellation, nullptr);
  patchgate_options options = Defaults();
  options.cancellation = cancellation.get();
  EXPECT_EQ(Directory(folder.root(), &options).error, PATCHGATE_OK);
  patchgate_cancellation_request(cancellation.get());
  patchgate_cancellation_request(cancellation.get());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Directory(folder.root(), &options).error, PATCHGATE_CANCELLED);
    EXPECT_EQ(OfSnapshot(HealthySnapshot(), &options).error, PATCHGATE_CANCELLED);
  }
}

TEST(CapiTest, CancelledMeanwhileFromAnotherThread) {
  const VolumeFolder folder("meanwhile", testdata::FakeVolume().Build());
  const std::string root = folder.root();
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(Directory(root).error, PATCHGATE_OK);
  const auto whole = std::chrono::steady_clock::now() - start;
  int cancelled = 0;
  for (int eighth = 0; eighth < 8; ++eighth) {
    const Cancellation cancellation(patchgate_cancellation_create());
    patchgate_options options = Defaults();
    options.cancellation = cancellation.get();
    std::thread other([&] {
      std::this_thread::sleep_for(whole * eighth / 8);
      patchgate_cancellation_request(cancellation.get());
    });
    const Result result = Directory(root, &options);
    other.join();
    // Whole and right, or none at all.
    if (result.error == PATCHGATE_OK) {
      EXPECT_EQ(patchgate_verdict_outcome(result.verdict.get()), PATCHGATE_GO);
    } else {
      EXPECT_EQ(result.error, PATCHGATE_CANCELLED) << result.text;
      ++cancelled;
    }
  }
  EXPECT_GT(cancelled, 0);
}

TEST(CapiTest, ATimeLimitOfAMillisecond) {
  const VolumeFolder folder("limit", testdata::FakeVolume().Build());
  patchgate_options options = Defaults();
  options.time_limit_ms = 1;
  const Result result = Directory(folder.root(), &options);
  EXPECT_EQ(result.error, PATCHGATE_DEADLINE_EXCEEDED);
  EXPECT_TRUE(absl::StrContains(result.text, "1 ms")) << result.text;
}

}  // namespace
}  // namespace patchgate
