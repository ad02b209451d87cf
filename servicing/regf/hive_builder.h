// Builds registry hive files in memory, for tests: any size, any version from 1.1 to 1.6.
//
//   HiveBuilder builder;
//   builder.root()->AddKey(R"(ControlSet001\Control)")->SetDword("Flags", 1);
//   std::string hive = builder.Build();
//
// What it writes is what Windows would: sorted subkey lists with right hashes, one counted security
// cell, bins of whole pages, a right checksum. A broken hive is a built one with a named record
// overwritten; after Build() every key tells where its records lie:
//
//   StoreLe16(&hive[builder.RecordOffset(key->subkey_list_cell()) + list::kCount], 0xFFFF);
#ifndef SERVICING_REGF_HIVE_BUILDER_H_
#define SERVICING_REGF_HIVE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/regf/format.h"

namespace patchgate::regf {

class HiveBuilder {
 public:
  enum class Leaf { kByVersion, kIndexLeaf, kFastLeaf, kHashLeaf };

  struct Options {
    // 1..6. Decides the leaf (1-2 index, 3-4 fast, 5-6 hash), whether big data exists (4 and
    // above), and for 1 the larger cell header and names that are always UTF-16LE.
    uint32_t minor_version = 5;
    std::string root_name = "ROOT";
    std::string file_name;  // Base block field; the last 31 UTF-16 code units are kept.
    uint32_t primary_sequence = 1;
    uint32_t secondary_sequence = 1;
    FileTime last_written = 0;  // Base block and first bin.
    // A subkey list longer than this becomes an index root of leaves; 507 hash-leaf elements fill
    // a bin of one page. At most 65,535.
    size_t max_leaf_elements = 507;
    Leaf leaf = Leaf::kByVersion;
  };

  // A key to be written. Owned by its builder; pointers stay valid until it is removed. Names are
  // UTF-8 and found without regard to case; setters return the key itself.
  class Key {
   public:
    // `path` is relative, parts separated by '\'. Existing parts are reused, missing ones created.
    Key* AddKey(absl::string_view path);
    // Adds a subkey even where one of this name exists. `name` may hold any character, '\' too.
    Key* AddDuplicateKey(absl::string_view name);
    bool RemoveKey(absl::string_view name);  // With its subtree; of several, the first.
    // nullptr if there is none.
    const Key* FindKey(absl::string_view path) const;

    // Sets raw data, replacing a value of the same name; the name "" is the default value.
    Key* SetValue(absl::string_view name, uint32_t type, absl::string_view raw);
    Key* SetDword(absl::string_view name, uint32_t data);
    Key* SetQword(absl::string_view name, uint64_t data);
    Key* SetBinary(absl::string_view name, absl::string_view data);
    // UTF-8 stored as UTF-16LE with terminators.
    Key* SetString(absl::string_view name, absl::string_view text);
    Key* SetExpandString(absl::string_view name, absl::string_view text);
    Key* SetMultiString(absl::string_view name, const std::vector<std::string>& texts);
    Key* SetTombstoneValue(absl::string_view name);  // Only v1.6 has a meaning for it.
    bool RemoveValue(absl::string_view name);

    Key* set_last_written(FileTime t);
    Key* set_class_name(absl::string_view utf8);
    Key* set_symbolic_link(absl::string_view target);  // Flag and SymbolicLinkValue.
    Key* set_tombstone();                              // Only v1.6 has a meaning for it.

    const std::string& name() const { return name_; }

    // Where the last Build() put the records: offsets of cells in the hive bins data, kNone for
    // what the key does not have.
    uint32_t cell() const { return cell_; }
    uint32_t subkey_list_cell() const { return subkey_list_cell_; }
    uint32_t value_list_cell() const { return value_list_cell_; }
    uint32_t class_name_cell() const { return class_name_cell_; }
    uint32_t value_cell(absl::string_view name) const;
    uint32_t data_cell(absl::string_view name) const;  // A big data record for big data.

   private:
    friend class HiveBuilder;
    friend class HiveWriter;
    struct Value {
      std::string name;
      uint32_t name_hash;  // Spares comparisons in keys with thousands of values.
      uint32_t type;
      std::string data;
      bool tombstone;
      uint32_t cell = kNone;
      uint32_t data_cell = kNone;
    };
    explicit Key(absl::string_view name) : name_(name) {}
    std::vector<Value>::const_iterator Find(absl::string_view name) const;
    Value* FindOrAddValue(absl::string_view name);

    std::string name_;
    std::string class_name_;
    FileTime last_written_ = 0;
    uint16_t flags_ = 0;
    uint8_t layer_ = 0;
    std::vector<Value> values_;
    // By upper-cased UTF-16 code units: the order that the format demands.
    std::multimap<std::u16string, std::unique_ptr<Key>> subkeys_;

    uint32_t cell_ = kNone;
    uint32_t subkey_list_cell_ = kNone;
    uint32_t value_list_cell_ = kNone;
    uint32_t class_name_cell_ = kNone;
  };

  HiveBuilder() : HiveBuilder(Options()) {}
  explicit HiveBuilder(Options options);

  Key* root() { return &root_; }
  Options* mutable_options() { return &options_; }

  // The whole primary file. Depends on nothing but the content; may be called again after changes.
  std::string Build();

  // Cell of the key at `path`, kNone if there is none. After Build().
  uint32_t CellOf(absl::string_view path) const;
  uint32_t security_cell() const { return security_cell_; }
  // File offset of the record in `cell`, which the constants of format.h count from.
  size_t RecordOffset(uint32_t cell) const;

 private:
  Options options_;
  Key root_;
  uint32_t security_cell_ = kNone;
};

// Makes the checksum of the base block at the start of `file` right again.
void FixChecksum(std::string* file);

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_HIVE_BUILDER_H_
