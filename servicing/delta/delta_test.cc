// Deltas of every kind that the encoder makes, applied; and deltas built bit by bit, of what no
// encoder makes.

#include "servicing/delta/delta.h"

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/delta/bit_writer.h"
#include "servicing/delta/composite_format.h"
#include "servicing/delta/pa30_encoder.h"
#include "servicing/delta/prefix_code.h"
#include "servicing/delta/rift_table.h"

namespace patchgate::delta {
namespace {

using testing::HasSubstr;
using Codes = EncodeOptions::Codes;
using RiftCodes = EncodeOptions::RiftCodes;

constexpr size_t kLimit = 4 << 20;

std::string RandomText(size_t size, unsigned alphabet, uint32_t seed) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random() % alphabet);
  return text;
}

// Like a manifest: lines that differ in a few words from each other.
std::string Lines(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::string text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<assembly>\r\n";
  while (text.size() < size) {
    absl::StrAppend(&text, "  <file name=\"", random() % 1000,
                    ".dll\" destinationPath=\"$(runtime.", random() % 2 ? "system32" : "drivers",
                    ")\\\" digest=\"", random(), random(), "\" />\r\n");
  }
  text.resize(size);
  return text;
}

// `text` with every 200th byte changed, and some inserted and lost.
std::string Edited(std::string text, uint32_t seed) {
  std::mt19937 random(seed);
  for (size_t i = 100; i < text.size(); i += 150 + random() % 100) {
    switch (random() % 3) {
      case 0:
        text[i] = '#';
        break;
      case 1:
        text.insert(i, "inserted");
        break;
      default:
        text.erase(i, random() % 20);
    }
  }
  return text;
}

// --- Round trips

struct Pair {
  const char* name;
  std::string base, target;
};

const std::vector<Pair>& Pairs() {
  static const auto* const pairs = [] {
    const std::string lines = Lines(5000, 1), large = Lines(400'000, 3);
    return new std::vector<Pair>{
        {"nothing", "", ""},
        {"nothing, from a base", lines, ""},
        {"one byte", "", "x"},
        {"one byte, from a base", lines, "<"},
        {"the base itself", lines, lines},
        {"all of one byte", "", std::string(70'000, 'a')},
        {"two bytes in turn", "ab", std::string(1000, 'b') + "ababababababababa"},
        {"out of the base into the target", "xyzab", "ababababababababababababababababababab"},
        {"seven bytes in turn", "", "1234567" + std::string("1234567123456712345671234567")},
        {"manifest", lines, Lines(4000, 2)},
        {"edited", lines, Edited(lines, 4)},
        {"no base", "", lines},
        {"noise", "", RandomText(3000, 256, 5)},
        {"noise from a base", RandomText(3000, 256, 6), Edited(RandomText(3000, 256, 6), 7)},
        {"four letters", RandomText(2000, 4, 8), RandomText(5000, 4, 9)},
        {"large", large, Edited(large, 10)},
        {"beyond the short distances", RandomText(600'000, 256, 11),
         RandomText(700'000, 256, 11).substr(0, 300'000) + RandomText(300, 256, 12) +
             RandomText(600'000, 256, 11).substr(20, 1000)},
    };
  }();
  return *pairs;
}

struct NamedOptions {
  const char* name;
  std::function<EncodeOptions(const Pair&)> make;
};

EncodeOptions Hashed(Codes codes) {
  EncodeOptions options;
  options.codes = codes;
  options.hash_algorithm = kHashSha256;
  return options;
}

// Pieces that point at random places of the base, and at some outside of it.
std::vector<RiftPiece> RandomPieces(const Pair& pair, bool from_start) {
  std::mt19937 random(13);
  std::vector<RiftPiece> pieces;
  for (size_t at = from_start ? 0 : 10; at < pair.target.size() && pieces.size() < 40;
       at += 1 + random() % 300) {
    const int64_t place = static_cast<int64_t>(random() % (pair.base.size() + 1));
    pieces.push_back({at, random() % 8 == 0 ? -place : place});
  }
  return pieces;
}

// Where edits insert or erase, the place moves on: what a rift table is for.
std::vector<RiftPiece> SlidingPieces(const Pair& pair) {
  std::vector<RiftPiece> pieces;
  for (size_t at = 0; at + 32 < pair.target.size() && pieces.size() < 500; at += 40) {
    const size_t place = pair.base.find(pair.target.substr(at, 16));
    if (place != std::string::npos) pieces.push_back({at, static_cast<int64_t>(place)});
  }
  return pieces;
}

const std::vector<NamedOptions>& AllOptions() {
  static const auto* const all = new std::vector<NamedOptions>{
      {"as Windows", [](const Pair&) { return EncodeOptions(); }},
      {"default codes", [](const Pair&) { return Hashed(Codes::kDefault); }},
      {"own codes", [](const Pair&) { return Hashed(Codes::kOwn); }},
      {"MD5",
       [](const Pair&) {
         EncodeOptions options = Hashed(Codes::kAuto);
         options.hash_algorithm = kHashMd5;
         return options;
       }},
      {"SHA-1",
       [](const Pair&) {
         EncodeOptions options = Hashed(Codes::kAuto);
         options.hash_algorithm = kHashSha1;
         return options;
       }},
      {"three formats",
       [](const Pair& pair) {
         EncodeOptions options = Hashed(Codes::kOwn);
         options.format_starts = {pair.target.size() / 3, pair.target.size() / 2};
         return options;
       }},
      {"many formats, some without a byte",
       [](const Pair& pair) {
         EncodeOptions options = Hashed(Codes::kOwn);
         for (size_t at = 0; at < pair.target.size() && at < 20'000; at += 500) {
           options.format_starts.push_back(at);
           if (at % 3 == 0) options.format_starts.push_back(at);
         }
         options.format_starts.push_back(pair.target.size() + 5);
         return options;
       }},
      {"no repeated distances",
       [](const Pair&) {
         EncodeOptions options = Hashed(Codes::kDefault);
         options.repeated_distances = false;
         return options;
       }},
      {"no offsets",
       [](const Pair&) {
         EncodeOptions options = Hashed(Codes::kOwn);
         options.offsets = false;
         return options;
       }},
      {"offsets rather than distances",
       [](const Pair&) {
         EncodeOptions options = Hashed(Codes::kOwn);
         options.prefer_offsets = true;
         return options;
       }},
      {"short matches",
       [](const Pair&) {
         EncodeOptions options = Hashed(Codes::kOwn);
         options.longest_match = 8;
         return options;
       }},
      {"rift table, all lengths",
       [](const Pair& pair) {
         EncodeOptions options = Hashed(Codes::kOwn);
         options.rift = SlidingPieces(pair);
         return options;
       }},
      {"rift table, first lengths",
       [](const Pair& pair) {
         EncodeOptions options = Hashed(Codes::kDefault);
         options.rift = SlidingPieces(pair);
         options.rift_codes = RiftCodes::kFirst;
         return options;
       }},
      {"rift table, equal lengths",
       [](const Pair& pair) {
         EncodeOptions options = Hashed(Codes::kOwn);
         options.rift = SlidingPieces(pair);
         options.rift_codes = RiftCodes::kEqual;
         options.prefer_offsets = true;
         return options;
       }},
      {"wild rift table",
       [](const Pair& pair) {
         EncodeOptions options = Hashed(Codes::kDefault);
         options.rift = RandomPieces(pair, true);
         options.rift_codes = RiftCodes::kEqual;
         options.prefer_offsets = true;
         return options;
       }},
      {"wild rift table after a start in place",
       [](const Pair& pair) {
         EncodeOptions options = Hashed(Codes::kDefault);
         options.rift = RandomPieces(pair, false);
         options.rift_codes = RiftCodes::kFirst;
         return options;
       }},
  };
  return *all;
}

TEST(DeltaTest, EveryTargetComesBack) {
  Pa30Decoder decoder;  // One for all: nothing may be left from the last delta.
  std::string target;
  for (const Pair& pair : Pairs()) {
    size_t number = 0;
    for (const NamedOptions& options : AllOptions()) {
      const bool large = pair.target.size() > 100'000;
      if (++number % 4 != 2 && large) continue;
      SCOPED_TRACE(absl::StrCat(pair.name, ", ", options.name));
      const std::string delta = EncodePa30(pair.target, pair.base, options.make(pair));
      EXPECT_EQ(decoder.Apply(delta, pair.base, kLimit, &target), absl::OkStatus());
      EXPECT_TRUE(target == pair.target);
    }
  }
}

// The options do what they are for.
TEST(DeltaTest, OptionsChangeTheDelta) {
  const std::string base = Lines(30'000, 20), target = Edited(base, 21);
  const Pair pair = {"", base, target};
  std::vector<std::string> deltas;
  for (const NamedOptions& options : AllOptions()) {
    EncodeOptions made = options.make(pair);
    made.hash_algorithm = kHashNone;
    deltas.push_back(EncodePa30(target, base, made));
  }
  for (size_t i = 0; i < deltas.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      // These choose the default codes, and differ in the hash alone.
      const bool same = i <= 4 && j <= 4 && i != 2 && j != 2;
      EXPECT_EQ(deltas[i] == deltas[j], same)
          << AllOptions()[i].name << ", " << AllOptions()[j].name;
    }
  }
}

TEST(DeltaTest, AllocatesOnceForManyTargets) {
  const std::string base = Lines(9000, 1), first = Lines(6000, 2), second = Lines(3000, 3);
  Pa30Encoder encoder(base);
  const std::string larger = encoder.Encode(first), smaller = encoder.Encode(second);
  Pa30Decoder decoder;
  std::string target;
  ASSERT_EQ(decoder.Apply(larger, base, kLimit, &target), absl::OkStatus());
  const char* const buffer = target.data();
  ASSERT_EQ(decoder.Apply(smaller, base, kLimit, &target), absl::OkStatus());
  EXPECT_EQ(target, second);
  EXPECT_EQ(target.data(), buffer);
  ASSERT_EQ(decoder.Apply(larger, base, kLimit, &target), absl::OkStatus());
  EXPECT_EQ(target, first);
  EXPECT_EQ(target.data(), buffer);
}

TEST(DeltaTest, AWrongBaseIsNoticedByTheHash) {
  const std::string base = Lines(5000, 1), target = Edited(base, 2);
  std::string other = base;
  other[2500] ^= 1;
  for (uint32_t algorithm : {kHashMd5, kHashSha1, kHashSha256}) {
    EncodeOptions options;
    options.hash_algorithm = algorithm;
    Pa30Decoder decoder;
    std::string result = "left over";
    const absl::Status status =
        decoder.Apply(EncodePa30(target, base, options), other, kLimit, &result);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << algorithm;
    EXPECT_THAT(status.message(), HasSubstr(", the header states "));
    EXPECT_EQ(result, "");
  }
}

// --- Headers

TEST(DeltaTest, HeaderIsThatOfAManifest) {
  const std::string base = Lines(5000, 1), target = Lines(3000, 2);
  const absl::StatusOr<Pa30Header> header = ReadPa30Header(EncodePa30(target, base));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(FormatFileTime(header->target_time), "1970-01-01T00:00:01Z");
  EXPECT_EQ(header->file_type_set, 1u);
  EXPECT_EQ(header->file_type, kFileTypeRaw);
  EXPECT_EQ(header->flags, 0x20000u);
  EXPECT_EQ(header->target_size, 3000u);
  EXPECT_EQ(header->hash_algorithm, kHashNone);
  EXPECT_EQ(header->target_hash, "");
}

TEST(DeltaTest, HeaderStatesTheHash) {
  EncodeOptions options;
  options.hash_algorithm = kHashMd5;
  const absl::StatusOr<Pa30Header> header = ReadPa30Header(EncodePa30("abc", "", options));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->hash_algorithm, kHashMd5);
  EXPECT_EQ(header->target_hash, std::string("\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d"
                                             "\x28\xe1\x7f\x72",
                                             16));
}

TEST(DeltaTest, WhatIsNotReadIsNamed) {
  const auto with = [](auto change) {
    EncodeOptions options;
    change(&options);
    return EncodePa30("target", "", options);
  };
  const struct {
    std::string delta;
    absl::StatusCode code;
    const char* message;
  } kCases[] = {
      {with([](EncodeOptions* o) { o->signature = "PA31"; }), absl::StatusCode::kUnimplemented,
       "format PA31"},
      {with([](EncodeOptions* o) { o->signature = "PA19"; }), absl::StatusCode::kUnimplemented,
       "format PA19"},
      {with([](EncodeOptions* o) { o->signature = "PA32"; }), absl::StatusCode::kDataLoss,
       "signature 50413332"},
      {with([](EncodeOptions* o) { o->file_type = 8; }), absl::StatusCode::kUnimplemented,
       "transforms of file type 0x8 (AMD64)"},
      {with([](EncodeOptions* o) { o->file_type = 0x40; }), absl::StatusCode::kUnimplemented,
       "CLI4_ARM"},
      {with([](EncodeOptions* o) { o->file_type = 0x123456789; }), absl::StatusCode::kUnimplemented,
       "0x123456789 (unknown)"},
      {with([](EncodeOptions* o) { o->file_type_set = 0x101; }), absl::StatusCode::kUnimplemented,
       "reverse delta"},
      {with([](EncodeOptions* o) { o->flags = 0x20001; }), absl::StatusCode::kUnimplemented,
       "E8 transform (flags 0x20001)"},
      {with([](EncodeOptions* o) { o->hash_algorithm = 0x8001; }), absl::StatusCode::kUnimplemented,
       "hash algorithm 0x8001"},
      {with([](EncodeOptions* o) { o->preprocess = "12"; }), absl::StatusCode::kUnimplemented,
       "pre-process buffer of 2 bytes"},
      {"", absl::StatusCode::kDataLoss, "signature "},
      {"PA30", absl::StatusCode::kDataLoss, "4 bytes are too few"},
      {std::string("PA30") + std::string(8, 'x'), absl::StatusCode::kDataLoss, "12 bytes are"},
      {std::string("PA30") + std::string(18, '\0'), absl::StatusCode::kDataLoss,
       "no file type set"},
  };
  Pa30Decoder decoder;
  std::string target;
  for (const auto& c : kCases) {
    const absl::Status status = decoder.Apply(c.delta, "", kLimit, &target);
    EXPECT_EQ(status.code(), c.code) << c.message;
    EXPECT_THAT(status.message(), HasSubstr(c.message));
    EXPECT_EQ(target, "");
  }
}

TEST(DeltaTest, TheSizeIsThatOfTheHeader) {
  const std::string base = Lines(500, 1);
  Pa30Decoder decoder;
  std::string target;
  for (uint64_t size : {99, 101}) {
    EncodeOptions options;
    options.target_size = size;
    const std::string delta = EncodePa30(Lines(100, 2), base, options);
    const absl::Status status = decoder.Apply(delta, base, kLimit, &target);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST(DeltaTest, KeepsToTheLimit) {
  const std::string delta = EncodePa30(std::string(1000, 'a'), "");
  Pa30Decoder decoder;
  std::string target;
  EXPECT_EQ(decoder.Apply(delta, "", 1000, &target), absl::OkStatus());
  const absl::Status status = decoder.Apply(delta, "", 999, &target);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(status.message(), HasSubstr("target of 1000 bytes, the limit is 999"));
}

// --- Patches built bit by bit

constexpr absl::string_view kBase = "0123456789";

class Patch {
 public:
  Patch() {
    const FormatLengths lengths = DefaultLengths();
    lengths_.assign(lengths.begin(), lengths.end());
    codes_.resize(lengths_.size());
    Assign(0, kMainSymbols);
    Assign(kMainSymbols, kLengthSymbols);
    Assign(kMainSymbols + kLengthSymbols, kAlignedSymbols);
  }
  Patch& Bits(uint64_t value, unsigned bits) {
    writer_.Write(value, bits);
    return *this;
  }
  Patch& Number(uint64_t value) {
    writer_.WriteNumber(value);
    return *this;
  }
  Patch& LongNumber(uint32_t value) {
    writer_.WriteLongNumber(value);
    return *this;
  }
  Patch& Defaults() { return Bits(0, 1).Bits(1, 1); }  // No rift table, the default codes.
  Patch& Main(size_t symbol) { return Symbol(symbol); }
  Patch& Match(size_t slot, size_t length) { return Main(256 + 8 * slot + length); }
  Patch& Length(size_t symbol) { return Symbol(kMainSymbols + symbol); }
  Patch& Aligned(size_t symbol) { return Symbol(kMainSymbols + kLengthSymbols + symbol); }

  // The delta around it.
  std::string Delta(uint64_t target_size) {
    BitWriter stream;
    for (uint64_t number :
         {uint64_t{1}, uint64_t{1}, uint64_t{0x20000}, target_size, uint64_t{0}}) {
      stream.WriteNumber(number);
    }
    stream.WriteBuffer("");
    stream.WriteBuffer("");
    stream.WriteBuffer(std::move(writer_).Finish());
    return "PA30" + std::string(8, 't') + std::move(stream).Finish();
  }

 private:
  void Assign(size_t first, size_t count) {
    AssignCodes(&lengths_[first], count, &codes_[first]).IgnoreError();
  }
  Patch& Symbol(size_t i) { return Bits(codes_[i], lengths_[i]); }

  BitWriter writer_;
  std::vector<uint8_t> lengths_;
  std::vector<uint16_t> codes_;
};

// Ten equal codes of eight bits for a rift table would do; this is the one of equal lengths.
Patch& EqualRiftCodes(Patch* patch) {
  for (int i = 0; i < 2; ++i) patch->Bits(0, 8).Bits(0, 8).Bits(248, 8).Bits(7, 4);
  return *patch;
}

TEST(PatchTest, HandMadePatches) {
  const struct {
    const char* name;
    std::string delta;
    std::string target;  // Or part of the error.
    bool ok = true;
  } kCases[] = {
      {"literal", Patch().Defaults().Main('x').Delta(1), "x"},
      {"in place", Patch().Defaults().Match(3, 3).Delta(4), "0123"},
      {"in place, twice", Patch().Defaults().Match(3, 3).Match(3, 3).Delta(8), "01234567"},
      {"smallest offset", Patch().Defaults().Match(3, 3).Match(0, 1).Bits(0x2000 - 1, 14).Delta(6),
       "012356"},
      {"offset back", Patch().Defaults().Match(3, 3).Match(0, 1).Bits(0x2000 + 4, 14).Delta(6),
       "012301"},
      {"repeated", Patch().Defaults().Main('a').Match(8, 1).Main('b').Match(4, 1).Delta(6),
       "aaabbb"},
      {"third of the repeated",
       Patch().Defaults().Match(3, 1).Match(8, 1).Match(9, 1).Match(6, 1).Delta(8), "01111167"},
      {"a repeated one moves to the front",
       Patch().Defaults().Match(3, 1).Match(8, 1).Match(5, 1).Match(5, 1).Delta(8), "01114555"},
      {"length 9", Patch().Defaults().Match(3, 0).Length(1).Delta(9), "012345678"},
      {"length 264", Patch().Defaults().Main('z').Match(8, 0).Length(0).LongNumber(256).Delta(265),
       std::string(265, 'z')},
      {"distance by class 7 of four", Patch().Defaults().Match(7 + 4, 1).Bits(0, 1).Delta(2), "67"},
      {"escape to a class",
       Patch().Defaults().Match(7, 1).Bits(0, 3).Bits(0, 13).Aligned(0).Delta(2),
       "match at distance 262144", false},
      {"escape to the last class",
       Patch().Defaults().Match(7, 1).Bits(0x3F, 6).Bits(0x3FFFFFF, 26).Aligned(15).Delta(2),
       "match at distance 4294967295", false},
      {"nothing at all", Patch().Defaults().Delta(0), ""},
      {"bits left over", Patch().Defaults().Main('x').Bits(0, 30).Delta(1), "x"},

      {"no repeated distance yet", Patch().Defaults().Main('a').Match(4, 1).Delta(3),
       "target offset 0x1: match at distance 0", false},
      {"offset to the future", Patch().Defaults().Match(0, 1).Bits(0, 14).Delta(2),
       "match at distance -8182", false},
      {"offset to the position itself",
       Patch().Defaults().Match(0, 1).Bits(0x2000 - 10, 14).Delta(2), "match at distance 0", false},
      {"before the base", Patch().Defaults().Match(7 + 6, 1).Bits(3, 2).Delta(2),
       "match at distance 11", false},
      {"too long", Patch().Defaults().Match(3, 3).Delta(3), "match of 4 bytes, 3 are missing",
       false},
      {"far too long",
       Patch().Defaults().Main('z').Match(8, 0).Length(0).LongNumber(0x7FFFFFFF).Delta(3),
       "match of 2147483655 bytes, 2 are missing", false},
      {"no long length",
       Patch().Defaults().Match(3, 0).Length(0).Bits(0, 32).Bits(0, 32).Delta(300),
       "no length of a match", false},
      {"cut off", Patch().Defaults().Main('x').Delta(2), "the patch is cut off", false},
      {"cut off in a symbol", Patch().Defaults().Bits(0, 3).Delta(1), "cut off", false},
      {"cut off in an offset", Patch().Defaults().Match(2, 1).Bits(0, 10).Delta(2), "cut off",
       false},
      {"no bit of a rift table", Patch().Delta(1), "rift table: first bit is cut off", false},
      {"no bit of a format", Patch().Bits(0, 1).Delta(1), "composite format: first bit", false},
      {"no formats", Patch().Bits(0, 2).Number(0).Delta(1), "0 formats", false},
      {"too many formats", Patch().Bits(0, 2).Number(1000).Bits(0, 60).Delta(1), "1000 formats",
       false},
      {"format starts beyond everything",
       Patch().Bits(0, 2).Number(2).Number(~uint64_t{0}).Number(1).Bits(0, 60).Bits(0, 60).Delta(1),
       "start of format 1", false},
      {"no code of the lengths",
       Patch().Bits(0, 2).Number(1).Number(10).Bits(0, 64).Bits(0, 64).Bits(0, 64).Delta(1),
       "the code of the lengths has no symbols", false},
      {"rift table without end", EqualRiftCodes(&Patch().Bits(1, 1)).Number(1000).Delta(1),
       "rift table: 1000 entries in", false},
      {"rift table cut off", EqualRiftCodes(&Patch().Bits(1, 1)).Number(2).Bits(0, 7).Delta(1),
       "rift table: entry 0 of 2", false},
      {"rift code of too many symbols", Patch().Bits(1, 1).Bits(127, 8).Bits(0, 60).Delta(1),
       "rift table: code of 127 positive", false},
      {"rift code of too many equal ones",
       Patch().Bits(1, 1).Bits(126, 8).Bits(100, 8).Bits(27, 8).Bits(0, 60).Delta(1),
       "rift table: code of 126 positive, 100 negative and 27 more", false},
      {"rift code of too many short codes",
       Patch().Bits(1, 1).Bits(0, 16).Bits(252, 8).Bits(0, 4).Bits(0, 60).Delta(1),
       "prefix code: 252 codes", false},
      {"rift code cut off", Patch().Bits(1, 1).Bits(9, 8).Delta(1), "rift table: code is cut off",
       false},
  };
  Pa30Decoder decoder;
  std::string target;
  for (const auto& c : kCases) {
    const absl::Status status = decoder.Apply(c.delta, kBase, kLimit, &target);
    EXPECT_EQ(status.code(), c.ok ? absl::StatusCode::kOk : absl::StatusCode::kDataLoss)
        << c.name << ": " << status;
    if (c.ok) {
      EXPECT_EQ(target, c.target) << c.name;
    } else {
      EXPECT_THAT(status.message(), HasSubstr(c.target)) << c.name;
    }
  }
}

// Code lengths of one format, written with a pre-tree of sixteen symbols of four bits.
class LengthsPatch {
 public:
  explicit LengthsPatch(std::vector<size_t> symbols) : symbols_(std::move(symbols)) {
    patch_.Bits(0, 2).Number(1).Number(kBase.size());
    std::vector<uint8_t> lengths(kPretreeSymbols, 0);
    for (size_t symbol : symbols_) lengths[symbol] = 4;
    codes_.resize(kPretreeSymbols);
    for (uint8_t length : lengths) patch_.Bits(length, 4);
    AssignCodes(lengths.data(), lengths.size(), codes_.data()).IgnoreError();
  }
  LengthsPatch& Symbol(size_t symbol, uint64_t run = 0, unsigned bits = 0) {
    patch_.Bits(codes_[symbol], 4).Bits(run, bits);
    return *this;
  }
  LengthsPatch& Run(size_t symbol, int count) {  // Of 127 each.
    for (int i = 0; i < count; ++i) Symbol(symbol, 63, 6);
    return *this;
  }
  std::string Delta() { return patch_.Bits(0, 40).Delta(1); }

 private:
  const std::vector<size_t> symbols_;
  Patch patch_;
  std::vector<uint16_t> codes_;
};

TEST(PatchTest, CodeLengths) {
  // Sixteen that are used: 0 1 2, 16, +1 +3, -1 -3, and runs.
  const std::vector<size_t> kSymbols = {0, 1, 2, 3, 15, 16, 17, 19, 20, 22, 23, 26, 30, 31, 34, 38};
  const auto lengths = [&] { return LengthsPatch(kSymbols); };
  const struct {
    const char* name;
    std::string delta;
    const char* message;  // nullptr: the target is "\0".
  } kCases[] = {
      // Two codes of one bit, unused ones to the end of each code, then two more.
      {"runs", lengths().Symbol(1).Symbol(1).Run(38, 6).Symbol(38, 44, 6).Delta(), nullptr},
      {"nothing before the first", lengths().Symbol(23).Delta(), "run of 1 at symbol 0"},
      {"run beyond the end", lengths().Run(38, 7).Delta(), "run of 127 at symbol 762"},
      {"less than none", lengths().Symbol(20).Delta(), "code length -1 of symbol 0"},
      {"cut off", lengths().Run(38, 6).Delta(), "composite format: "},
      {"no symbols", lengths().Run(38, 6).Symbol(38, 46, 6).Delta(),
       "the main code has no symbols"},
      {"not complete", lengths().Symbol(2).Run(38, 6).Symbol(38, 45, 6).Delta(),
       "1 codes take 16384/65536"},
  };
  Pa30Decoder decoder;
  std::string target;
  for (const auto& c : kCases) {
    const absl::Status status = decoder.Apply(c.delta, kBase, kLimit, &target);
    if (c.message == nullptr) {
      EXPECT_EQ(status, absl::OkStatus()) << c.name;
      EXPECT_EQ(target, std::string(1, '\0')) << c.name;
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << c.name;
      EXPECT_THAT(status.message(), HasSubstr(c.message)) << c.name;
    }
  }
}

// The stream's own entry for the first position of the target counts, entries out of order are
// sorted, and those outside of the target mean nothing.
TEST(PatchTest, RiftEntriesOfAllKinds) {
  std::vector<uint8_t> lengths(kRiftSymbols, 8);
  for (size_t i = 248; i < kRiftSymbols; ++i) lengths[i] = 7;
  std::vector<uint16_t> codes(kRiftSymbols);
  ASSERT_EQ(AssignCodes(lengths.data(), lengths.size(), codes.data()), absl::OkStatus());
  const auto number = [&](int64_t value, Patch* patch) {
    const auto size = static_cast<uint64_t>(value < 0 ? ~value : value);
    ASSERT_LT(size, 16u);
    const unsigned bits = size < 4 ? 0 : size < 8 ? 1 : 2;
    const size_t symbol = (size < 4 ? size : 2 * (bits + 1) + (size >> bits & 1)) +
                          (value < 0 ? kRiftPositiveSymbols : 0);
    patch->Bits(codes[symbol], lengths[symbol]).Bits(size & ((1u << bits) - 1), bits);
  };
  struct Entry {
    int64_t source, offset;  // As stored: each counts from the last.
  };
  const struct {
    const char* name;
    std::vector<Entry> entries;
    std::string target;
  } kCases[] = {
      {"at the start", {{10, -8}}, "23456789"},
      {"after two bytes", {{12, -4}}, "01890189"},
      {"not sorted", {{14, -14}, {-4, 6}}, "23450123"},
      {"outside", {{5, 3}, {-7, 1}, {15, -14}, {15, 7}}, "01234567"},
      {"the last of two at one place counts", {{12, -2}, {0, -8}}, "01234567"},
  };
  Pa30Decoder decoder;
  std::string target;
  for (const auto& c : kCases) {
    Patch patch;
    EqualRiftCodes(&patch.Bits(1, 1)).Number(c.entries.size());
    for (const Entry& entry : c.entries) {
      number(entry.source, &patch);
      number(entry.offset, &patch);
    }
    const std::string delta = patch.Bits(1, 1).Match(3, 7).Delta(8);
    EXPECT_EQ(decoder.Apply(delta, kBase, kLimit, &target), absl::OkStatus()) << c.name;
    EXPECT_EQ(target, c.target) << c.name;
  }
}

}  // namespace
}  // namespace patchgate::delta
