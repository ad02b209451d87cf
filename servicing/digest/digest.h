// Message digests: SHA-256 of payload files and manifests; MD5 and SHA-1 where an old format asks
// for them.
//
//   Sha256Stream stream;
//   while (...) stream.Update(piece);
//   if (stream.Finish() != expected) ...
//
// The work is Botan's, which looks at the CPU at run time and uses its SHA instructions where it
// has them. Functions may be called from any thread. Nothing fails but the allocation of some 200
// bytes for each digest.
#ifndef SERVICING_DIGEST_DIGEST_H_
#define SERVICING_DIGEST_DIGEST_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace patchgate::digest {

using Sha256Digest = std::array<uint8_t, 32>;

// FIPS 180-4.
Sha256Digest Sha256(absl::string_view bytes);
std::string Sha1(absl::string_view bytes);  // 20 raw bytes.
// RFC 1321.
std::string Md5(absl::string_view bytes);  // 16 raw bytes.

// SHA-256 of bytes that come in pieces. One thread at a time.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Update(absl::string_view bytes);
  // The digest of all bytes since the construction or since the last Finish(); begins anew.
  Sha256Digest Finish();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// Lower-case hexadecimal digits, two for each byte.
std::string ToHex(absl::string_view bytes);
std::string ToHex(const Sha256Digest& digest);

// Which code computes SHA-256 on this CPU: "shani" (the SHA instructions), "bmi2" or "base".
std::string Sha256Implementation();

}  // namespace patchgate::digest

#endif  // SERVICING_DIGEST_DIGEST_H_
