// Unaligned little-endian loads and stores. Callers check bounds; every format that patchgate reads
// is little-endian on disk, whatever the machine.
#ifndef SERVICING_BASE_LITTLE_ENDIAN_H_
#define SERVICING_BASE_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace patchgate {

inline uint16_t LoadLe16(const char* p) {
  const auto* u = reinterpret_cast<const unsigned char*>(p);
  return static_cast<uint16_t>(u[0] | u[1] << 8);
}
inline uint32_t LoadLe32(const char* p) {
  return LoadLe16(p) | static_cast<uint32_t>(LoadLe16(p + 2)) << 16;
}
inline uint64_t LoadLe64(const char* p) {
  return LoadLe32(p) | static_cast<uint64_t>(LoadLe32(p + 4)) << 32;
}
inline uint32_t LoadBe32(const char* p) {
  const auto* u = reinterpret_cast<const unsigned char*>(p);
  return static_cast<uint32_t>(u[0]) << 24 | static_cast<uint32_t>(u[1]) << 16 |
         static_cast<uint32_t>(u[2]) << 8 | u[3];
}

inline void StoreLe16(char* p, uint16_t v) {
  p[0] = static_cast<char>(v);
  p[1] = static_cast<char>(v >> 8);
}
inline void StoreLe32(char* p, uint32_t v) {
  StoreLe16(p, static_cast<uint16_t>(v));
  StoreLe16(p + 2, static_cast<uint16_t>(v >> 16));
}
inline void StoreLe64(char* p, uint64_t v) {
  StoreLe32(p, static_cast<uint32_t>(v));
  StoreLe32(p + 4, static_cast<uint32_t>(v >> 32));
}

}  // namespace patchgate

#endif  // SERVICING_BASE_LITTLE_ENDIAN_H_
