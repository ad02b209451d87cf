#include "servicing/registry/hive_file.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "servicing/base/status_macros.h"
#include "servicing/regf/format.h"

namespace patchgate::registry {
namespace {

class FileKey : public Key {
 public:
  explicit FileKey(regf::Key key) : key_(key) {}

  std::string name() const override { return key_.name(); }
  FileTime last_written() const override { return key_.last_written(); }
  uint64_t id() const override { return regf::base_block::kSize + uint64_t{key_.cell()}; }

  absl::StatusOr<std::unique_ptr<Key>> Open(absl::string_view path) const override {
    regf::Key key = key_;
    for (const absl::string_view part : absl::StrSplit(path, '\\', absl::SkipEmpty())) {
      PG_ASSIGN_OR_RETURN(key, key.FindSubkey(part));
      if (key.is_tombstone()) {
        return absl::FailedPreconditionError(
            absl::StrCat("key ", path, " is a tombstone: the hive is a layer over another one"));
      }
      if (key.is_symbolic_link()) {
        return absl::FailedPreconditionError(
            absl::StrCat("key ", part, " of ", path, " is a symbolic link, not followed"));
      }
    }
    return std::unique_ptr<Key>(new FileKey(key));
  }

  absl::StatusOr<Value> Get(absl::string_view name) const override {
    PG_ASSIGN_OR_RETURN(const regf::Value value, key_.FindValue(name));
    if (value.is_tombstone()) {
      return absl::FailedPreconditionError(
          absl::StrCat("value ", name, " is a tombstone: the hive is a layer over another one"));
    }
    return Load(value);
  }

  absl::Status VisitSubkeys(absl::FunctionRef<bool(const Key&)> visit) const override {
    regf::DamageLog damage;
    key_.VisitSubkeys(
        [&](const regf::Key& key) {
          if (!key.is_tombstone() && !key.is_symbolic_link()) return visit(FileKey(key));
          damage.Add({regf::base_block::kSize + key.cell(),
                      absl::StrCat("key ", key.name(), " is a symbolic link or a tombstone"), ""});
          return true;
        },
        &damage);
    return Outcome(damage, "subkeys");
  }

  absl::Status VisitValues(absl::FunctionRef<bool(const Value&)> visit) const override {
    regf::DamageLog damage;
    key_.VisitValues(
        [&](const regf::Value& record) {
          absl::StatusOr<Value> value = Load(record);
          if (value.ok()) return visit(*value);
          damage.Add({0, std::string(value.status().message()), key_.name()});
          return true;
        },
        &damage);
    return Outcome(damage, "values");
  }

 private:
  static absl::StatusOr<Value> Load(const regf::Value& record) {
    Value value;
    value.name = record.name();
    value.type = record.type();
    PG_ASSIGN_OR_RETURN(value.data, record.Data());
    return value;
  }

  absl::Status Outcome(const regf::DamageLog& damage, absl::string_view what) const {
    if (damage.empty()) return absl::OkStatus();
    const regf::Damage& first = damage.kept().front();
    return absl::DataLossError(
        absl::StrFormat("%u of the %s of %s cannot be read; first, at 0x%x: %s", damage.total(),
                        what, key_.name(), first.file_offset, first.what));
  }

  regf::Key key_;
};

HiveFacts::State ToProto(regf::HiveState state) {
  switch (state) {
    case regf::HiveState::kClean:
      return HiveFacts::CLEAN;
    case regf::HiveState::kReplayed:
      return HiveFacts::REPLAYED;
    case regf::HiveState::kPossiblyStale:
      break;
  }
  return HiveFacts::POSSIBLY_STALE;
}

void AddDamage(const regf::DamageLog& log, HiveFacts* facts) {
  for (const regf::Damage& damage : log.kept()) {
    HiveDamage* out = facts->add_damage();
    out->set_file_offset(damage.file_offset);
    out->set_what(damage.what);
    out->set_key_path(damage.key_path);
  }
  facts->set_damage_total(facts->damage_total() + log.total());
}

}  // namespace

absl::StatusOr<OpenHive> OpenHiveFile(const evidence::Source& source, absl::string_view path,
                                      bool replay) {
  OpenHive result;
  PG_ASSIGN_OR_RETURN(std::unique_ptr<evidence::File> primary, source.Open(path));
  regf::HiveFiles files;
  files.primary = {primary->info().name, primary->bytes()};
  files.writable_image = [file = primary.get()](size_t size) { return file->WritableImage(size); };
  result.files.push_back(std::move(primary));
  for (const absl::string_view suffix : {".LOG1", ".LOG2", ".LOG"}) {
    absl::StatusOr<std::unique_ptr<evidence::File>> log = source.Open(absl::StrCat(path, suffix));
    if (absl::IsNotFound(log.status())) continue;
    if (!log.ok()) {
      // Recovery reports it as unreadable; an empty view would pass for an empty log.
      files.logs.push_back({absl::StrCat(files.primary.name, suffix), "unreadable"});
      continue;
    }
    files.logs.push_back({(*log)->info().name, (*log)->bytes()});
    result.files.push_back(*std::move(log));
  }
  regf::Hive::Options options;
  options.replay = replay;
  PG_ASSIGN_OR_RETURN(result.hive, regf::Hive::Open(files, options));
  return result;
}

HiveFacts DescribeHive(const regf::Hive& hive, absl::string_view name) {
  HiveFacts facts;
  facts.mutable_collection()->set_status(Collection::COLLECTED);
  facts.set_name(std::string(name));
  const regf::RecoveryReport& recovery = hive.recovery();
  facts.set_state(ToProto(recovery.state));
  facts.set_minor_version(hive.minor_version());
  facts.set_primary_sequence(recovery.primary_sequence);
  facts.set_secondary_sequence(recovery.secondary_sequence);
  facts.set_checksum_valid(recovery.checksum_valid);
  facts.set_base_block_recovered(recovery.base_block_recovered);
  facts.set_entries_applied(recovery.entries_applied);
  facts.set_pages_applied(recovery.pages_applied);
  for (const regf::LogOutcome& log : recovery.logs) {
    HiveLogFacts* out = facts.add_logs();
    out->set_name(log.name);
    out->set_kind(regf::LogKindName(log.kind));
    out->set_entries_applied(log.entries_applied);
    out->set_pages_applied(log.pages_applied);
    out->set_first_sequence(log.first_sequence);
    out->set_last_sequence(log.last_sequence);
    out->set_note(log.note);
  }
  AddDamage(hive.damage(), &facts);
  return facts;
}

std::unique_ptr<Key> RootKey(const regf::Hive& hive) {
  return std::make_unique<FileKey>(hive.Root());
}

HiveFile::HiveFile(const evidence::Source& source, HiveId hive, absl::string_view if_denied)
    : id_(hive), path_(absl::StrCat("Windows/System32/config/", HiveName(hive))) {
  absl::StatusOr<OpenHive> open = OpenHiveFile(source, path_);
  if (open.ok()) {
    open_ = *std::move(open);
  } else if (absl::IsPermissionDenied(open.status())) {
    status_ = absl::PermissionDeniedError(absl::StrCat(open.status().message(), if_denied));
  } else {
    status_ = open.status();
  }
}

absl::StatusOr<std::unique_ptr<Key>> HiveFile::Root() const {
  if (status_.ok()) return RootKey(*open_.hive);
  const std::string name = absl::StrCat("hive ", HiveName(id_));
  // What the hive reader says names the hive already.
  if (absl::StartsWith(status_.message(), name)) return absl::UnavailableError(status_.message());
  return absl::UnavailableError(
      absl::StrCat(name, absl::IsNotFound(status_) ? " is missing: " : ": ", status_.message()));
}

HiveFacts HiveFile::Examine() const {
  HiveFacts facts = Describe();
  if (!status_.ok()) return facts;
  regf::DamageLog damage;
  open_.hive->Walk([](const regf::Key&, absl::string_view) {}, &damage);
  open_.hive->CheckBins(&damage);
  AddDamage(damage, &facts);
  return facts;
}

HiveFacts HiveFile::Describe() const {
  HiveFacts facts;
  if (status_.ok()) {
    facts = DescribeHive(*open_.hive, HiveName(id_));
    const evidence::FileInfo& info = open_.files.front()->info();
    facts.set_size(info.size);
    facts.mutable_collection()->set_modified_filetime(info.modified);
  } else {
    facts.set_name(std::string(HiveName(id_)));
    facts.mutable_collection()->set_status(absl::IsNotFound(status_) ? Collection::ABSENT
                                                                     : Collection::UNREADABLE);
    facts.mutable_collection()->set_reason(std::string(status_.message()));
  }
  facts.mutable_collection()->set_source(path_);
  return facts;
}

}  // namespace patchgate::registry
