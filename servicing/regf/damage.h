// What is wrong with a hive, as a bounded list: a hostile file can hold millions of bad records.
#ifndef SERVICING_REGF_DAMAGE_H_
#define SERVICING_REGF_DAMAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace patchgate::regf {

// One damaged structure.
struct Damage {
  uint64_t file_offset = 0;  // Bytes from the start of the primary file.
  std::string what;          // Structure and value: "subkey list: count 70001 exceeds its cell".
  std::string key_path;      // The key whose part is lost; empty for the file as a whole.
};

// Keeps the first kKept reports and counts all.
class DamageLog {
 public:
  static constexpr size_t kKept = 200;

  void Add(Damage damage) {
    ++total_;
    if (kept_.size() < kKept) kept_.push_back(std::move(damage));
  }
  const std::vector<Damage>& kept() const { return kept_; }
  uint64_t total() const { return total_; }
  bool empty() const { return total_ == 0; }

 private:
  std::vector<Damage> kept_;
  uint64_t total_ = 0;
};

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_DAMAGE_H_
