#include "servicing/registry/offline_registry.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/format.h"

namespace patchgate::registry {
namespace {

class OfflineKey : public Key {
 public:
  explicit OfflineKey(regf::Key key) : key_(key) {}

  std::string name() const override { return key_.name(); }
  FileTime last_written() const override { return key_.last_written(); }

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
    return std::unique_ptr<Key>(new OfflineKey(key));
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
          if (!key.is_tombstone() && !key.is_symbolic_link()) return visit(OfflineKey(key));
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

OfflineRegistry::OfflineRegistry(const evidence::Source& source) {
  for (const HiveId hive : kAllHives) {
    Slot& slot = slots_[hive];
    slot.path = absl::StrCat("Windows/System32/config/", HiveName(hive));
    absl::StatusOr<OpenHive> open = OpenHiveFile(source, slot.path);
    slot.status = open.status();
    if (open.ok()) slot.open = *std::move(open);
  }
}

absl::StatusOr<std::string> OfflineRegistry::CurrentControlSet() const {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<Key> select, Open(HiveId::kSystem, "Select"));
  PG_ASSIGN_OR_RETURN(const Value value, select->Get("Current"));
  PG_ASSIGN_OR_RETURN(const uint32_t number, AsDword(value));
  return absl::StrFormat("ControlSet%03u", number);
}

absl::StatusOr<std::unique_ptr<Key>> OfflineRegistry::Open(HiveId hive,
                                                           absl::string_view path) const {
  const Slot& slot = slots_.at(hive);
  if (!slot.status.ok()) {
    const std::string name = absl::StrCat("hive ", HiveName(hive));
    // What the hive reader says names the hive already.
    if (absl::StartsWith(slot.status.message(), name)) {
      return absl::UnavailableError(slot.status.message());
    }
    return absl::UnavailableError(absl::StrCat(
        name, absl::IsNotFound(slot.status) ? " is missing: " : ": ", slot.status.message()));
  }
  constexpr absl::string_view kCurrent = "CurrentControlSet";
  const absl::string_view first = path.substr(0, path.find('\\'));
  std::string resolved(path);
  if (hive == HiveId::kSystem && NamesEqual(first, kCurrent)) {
    absl::StatusOr<std::string> current = CurrentControlSet();
    if (!current.ok()) {
      return absl::UnavailableError(absl::StrCat(
          "the current control set is unknown: SYSTEM\\Select: ", current.status().message()));
    }
    resolved.replace(0, kCurrent.size(), *current);
    // Without its control set nothing of the running system is known: no key in it is "absent".
    const absl::Status exists = slot.open.hive->Find(*current).status();
    if (!exists.ok()) {
      return absl::UnavailableError(
          absl::StrCat("the current control set cannot be read: ", exists.message()));
    }
  }
  return OfflineKey(slot.open.hive->Root()).Open(resolved);
}

HiveFacts OfflineRegistry::Examine(HiveId hive) const {
  HiveFacts facts = Describe(hive);
  const Slot& slot = slots_.at(hive);
  if (!slot.status.ok()) return facts;
  regf::DamageLog damage;
  slot.open.hive->Walk([](const regf::Key&, absl::string_view) {}, &damage);
  slot.open.hive->CheckBins(&damage);
  AddDamage(damage, &facts);
  return facts;
}

HiveFacts OfflineRegistry::Describe(HiveId hive) const {
  const Slot& slot = slots_.at(hive);
  HiveFacts facts;
  if (slot.status.ok()) {
    facts = DescribeHive(*slot.open.hive, HiveName(hive));
    const evidence::FileInfo& info = slot.open.files.front()->info();
    facts.set_size(info.size);
    facts.mutable_collection()->set_modified_filetime(info.modified);
  } else {
    facts.set_name(std::string(HiveName(hive)));
    facts.mutable_collection()->set_status(absl::IsNotFound(slot.status) ? Collection::ABSENT
                                                                         : Collection::UNREADABLE);
    facts.mutable_collection()->set_reason(std::string(slot.status.message()));
  }
  facts.mutable_collection()->set_source(slot.path);
  return facts;
}

}  // namespace patchgate::registry
