#include "servicing/digest/digest.h"

#include "absl/strings/escaping.h"
#include "botan/md5.h"
#include "botan/sha160.h"
#include "botan/sha2_32.h"

namespace patchgate::digest {
namespace {

const uint8_t* Data(absl::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

// Writes output_length() bytes to `out`.
template <typename Hash>
void DigestTo(absl::string_view bytes, uint8_t* out) {
  Hash hash;
  hash.update(Data(bytes), bytes.size());
  hash.final(out);
}

template <typename Hash, size_t kSize>
std::string DigestString(absl::string_view bytes) {
  std::string digest(kSize, '\0');
  DigestTo<Hash>(bytes, reinterpret_cast<uint8_t*>(&digest[0]));
  return digest;
}

}  // namespace

Sha256Digest Sha256(absl::string_view bytes) {
  Sha256Digest digest;
  DigestTo<Botan::SHA_256>(bytes, digest.data());
  return digest;
}

std::string Sha1(absl::string_view bytes) { return DigestString<Botan::SHA_160, 20>(bytes); }

std::string Md5(absl::string_view bytes) { return DigestString<Botan::MD5, 16>(bytes); }

struct Sha256Stream::State {
  Botan::SHA_256 hash;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Update(absl::string_view bytes) {
  state_->hash.update(Data(bytes), bytes.size());
}

Sha256Digest Sha256Stream::Finish() {
  Sha256Digest digest;
  state_->hash.final(digest.data());
  return digest;
}

std::string ToHex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

std::string ToHex(const Sha256Digest& digest) {
  return ToHex(absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string Sha256Implementation() { return Botan::SHA_256().provider(); }

}  // namespace patchgate::digest
