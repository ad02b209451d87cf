#include "servicing/digest/digest.h"

#include <cpuid.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "botan/cpuid.h"
#include "gtest/gtest.h"

namespace patchgate::digest {
namespace {

struct Vector {
  const char* name;
  std::string message;
  const char* sha256;
  const char* sha1;
  const char* md5;
};

constexpr char kAlphabet56[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
constexpr char kAlphabet112[] =
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopq"
    "rs"
    "mnopqrstnopqrstu";

// The messages of NIST's examples for FIPS 180-4 and of RFC 1321, and one of each length around the
// end of a 64-byte block, where the padding changes its form.
std::vector<Vector> Vectors() {
  return {
      {"empty", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
       "da39a3ee5e6b4b0d3255bfef95601890afd80709", "d41d8cd98f00b204e9800998ecf8427e"},
      {"abc", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
       "a9993e364706816aba3e25717850c26c9cd0d89d", "900150983cd24fb0d6963f7d28e17f72"},
      {"56 letters: padding fills a second block", kAlphabet56,
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
       "84983e441c3bd26ebaae4aa1f95129e5e54670f1", "8215ef0796a20bcaaae116d3876c664a"},
      {"112 letters", kAlphabet112,
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
       "a49b2446a02c645bf419f995b67091253a04a259", "03dd8807a93175fb062dfb55dc7d359c"},
      {"message digest", "message digest",
       "f7846f55cf23e14eebeab5b4e1550cad5b509e3348fbc4efa3a1413d393cb650",
       "c12252ceda8be8994d5fa0290a47231c1d16aae3", "f96b697d7cb7938d525a2f31aaf161d0"},
      {"55 x", std::string(55, 'x'),
       "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072",
       "cef734ba81a024479e09eb5a75b6ddae62e6abf1", "04364420e25c512fd958a70738aa8f72"},
      {"56 x", std::string(56, 'x'),
       "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e",
       "901305367c259952f4e7af8323f480d59f81335b", "668a72d5ba17f08e62dabcafad6db14b"},
      {"57 x", std::string(57, 'x'),
       "ae14a2563ccf969d99aca69ce6bb74981f734bbf9f655f73b8f06db68cab5217",
       "025ecbd5d70f8fb3c5457cd96bab13fda305dc59", "693037871c4a9d3d8685018905cb530a"},
      {"63 x", std::string(63, 'x'),
       "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2",
       "0ddc4e0cccd9a12850deb5abb0853a4425559fec", "7dc2ca208106a2f703567bdff99d8981"},
      {"64 x", std::string(64, 'x'),
       "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c",
       "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163", "c1bb4f81d892b2d57947682aeb252456"},
      {"65 x", std::string(65, 'x'),
       "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9",
       "78c741ddc482e4cdf8c474a0876347a0905b6233", "1bc932052302d074bdec39795fe00cf6"},
      {"119 x", std::string(119, 'x'),
       "000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c",
       "4300320394f7ee239bcdce7d3b8bcee173a0cd5c", "ab347a5f68c8a443cfcddc633f12c24f"},
      {"120 x", std::string(120, 'x'),
       "13f05a0b594787f5ecd315edc96141bd3243203d1b7d4f0836f37308b276ba98",
       "ceb2821639c4b6dcb10bce0e522ca2e608ce056d", "fb98667f98096de92620b64f46e1c5b5"},
      {"127 x", std::string(127, 'x'),
       "70156a14adbabf98cff3a71c7084b417abf057a8efd27329ca36b7202c87d81f",
       "e463484d274607e1897d4099497cbf2aedcf8206", "a0b28c1da68705c2ff883fe279b72753"},
      {"128 x", std::string(128, 'x'),
       "24da1b81d0b16df6428eee73c69fcb2a93c76bc6df706f0c6670fe6bfe800464",
       "150fa3fbdc899bd0b8f95a9fb6027f564d953762", "d69cb61a6ee87200676eb0d4b90edbcb"},
      {"129 x", std::string(129, 'x'),
       "0ec9eb33e74510bcdd1f2ea55206e82f21649c5c2becbf2b433eb475b34c01bd",
       "2699b675922cc84a9b0dfd926eb7f8211c78693d", "3926841d393c00c3f36260e5ace10dc1"},
      {"a million a", std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
       "34aa973cd4c4daa4f61eeb2bdbad27316534016f", "7707d6ae4e027c70eea2a935c2296f21"},
  };
}

// Feeds `message` in pieces of 1, 2, 3, ... bytes, each from an address of another alignment.
Sha256Digest InPieces(absl::string_view message, Sha256Stream* stream) {
  for (size_t at = 0, size = 1; at < message.size(); at += size, ++size) {
    const absl::string_view piece = message.substr(at, size);
    const std::string shifted = std::string(size % 16, '#') + std::string(piece);
    stream->Update(absl::string_view(shifted).substr(size % 16));
    stream->Update("");
  }
  return stream->Finish();
}

TEST(DigestTest, Vectors) {
  Sha256Stream stream;
  for (const Vector& vector : Vectors()) {
    SCOPED_TRACE(vector.name);
    EXPECT_EQ(ToHex(Sha256(vector.message)), vector.sha256);
    EXPECT_EQ(ToHex(Sha1(vector.message)), vector.sha1);
    EXPECT_EQ(ToHex(Md5(vector.message)), vector.md5);
    EXPECT_EQ(ToHex(InPieces(vector.message, &stream)), vector.sha256) << "in pieces";
  }
}

TEST(DigestTest, SplitAtEveryByte) {
  std::string message;
  for (int i = 0; i < 200; ++i) message.push_back(static_cast<char>(i * 7));
  const Sha256Digest whole = Sha256(message);
  Sha256Stream stream;
  for (size_t at = 0; at <= message.size(); ++at) {
    stream.Update(absl::string_view(message).substr(0, at));
    stream.Update(absl::string_view(message).substr(at));
    EXPECT_EQ(stream.Finish(), whole) << "split at " << at;
  }
}

TEST(DigestTest, FinishBeginsAnew) {
  Sha256Stream stream;
  EXPECT_EQ(stream.Finish(), Sha256(""));
  stream.Update("abc");
  EXPECT_EQ(stream.Finish(), Sha256("abc"));
  EXPECT_EQ(stream.Finish(), Sha256(""));
}

TEST(DigestTest, OneFlippedBitChangesTheDigest) {
  std::string message(300, 'x');
  const Sha256Digest sound = Sha256(message);
  for (size_t i = 0; i < message.size(); ++i) {
    message[i] = static_cast<char>(message[i] ^ 1 << (i % 8));
    EXPECT_NE(Sha256(message), sound) << "byte " << i;
    message[i] = static_cast<char>(message[i] ^ 1 << (i % 8));
  }
}

TEST(DigestTest, ToHex) {
  EXPECT_EQ(ToHex(""), "");
  EXPECT_EQ(ToHex(absl::string_view("\x00\x0f\xf0\xff", 4)), "000ff0ff");
}

TEST(DigestTest, Threads) {
  const std::vector<Vector> vectors = Vectors();
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  threads.reserve(wrong.size());
  for (int& count : wrong) {
    threads.emplace_back([&vectors, &count] {
      Sha256Stream stream;
      for (int round = 0; round < 5; ++round) {
        for (const Vector& vector : vectors) {
          if (ToHex(Sha256(vector.message)) != vector.sha256) ++count;
          stream.Update(vector.message);
          if (ToHex(stream.Finish()) != vector.sha256) ++count;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

// Asks the CPU itself, not the library: leaf 7, EBX (Intel's manual, CPUID).
TEST(DigestTest, UsesTheInstructionsOfTheCpu) {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  ASSERT_NE(__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx), 0);
  const bool bmi = (ebx & 1u << 3) != 0, bmi2 = (ebx & 1u << 8) != 0, sha = (ebx & 1u << 29) != 0;
  EXPECT_EQ(Sha256Implementation(), sha ? "shani" : bmi && bmi2 ? "bmi2" : "base");
  RecordProperty("sha256_implementation", Sha256Implementation());
}

// The same vectors on a CPU that has less and less.
TEST(DigestTest, EveryImplementation) {
  std::vector<std::string> implementations;
  for (const auto bit : {Botan::CPUID::CPUID_SHA_BIT, Botan::CPUID::CPUID_BMI2_BIT}) {
    Botan::CPUID::clear_cpuid_bit(bit);
    SCOPED_TRACE(Sha256Implementation());
    implementations.push_back(Sha256Implementation());
    Sha256Stream stream;
    for (const Vector& vector : Vectors()) {
      SCOPED_TRACE(vector.name);
      EXPECT_EQ(ToHex(Sha256(vector.message)), vector.sha256);
      EXPECT_EQ(ToHex(Sha1(vector.message)), vector.sha1);
      EXPECT_EQ(ToHex(InPieces(vector.message, &stream)), vector.sha256);
    }
  }
  EXPECT_EQ(implementations.back(), "base");
  Botan::CPUID::initialize();
}

}  // namespace
}  // namespace patchgate::digest
