#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "gate/numbers.h"
#include "gate/report/store_report.h"
#include "gate/report/text_writer.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate {
namespace {

constexpr size_t kItemColumn = 2;
constexpr size_t kTextColumn = 17;   // Behind "  Base manifest  ".
constexpr size_t kListColumn = 4;    // Of "- " before an item; its details stand two farther right.
constexpr size_t kDamageShown = 25;  // Of one kind; JSON has more.
constexpr size_t kUnverifiedShown = 8;  // Of one reason.
constexpr size_t kReasonsShown = 25;

const char* ColorOf(StoreVerdict::Outcome outcome) {
  switch (outcome) {
    case StoreVerdict::CLEAN:
      return "1;32";
    case StoreVerdict::DAMAGED:
      return "1;31";
    default:
      return "1;35";
  }
}

// Decimal units, as disks are sold.
std::string Bytes(uint64_t bytes) {
  if (bytes < 1'000'000) return Amount(bytes, "byte", "bytes");
  const double megabytes = static_cast<double>(bytes) / 1e6;
  return megabytes < 1000 ? absl::StrFormat("%.1f MB", megabytes)
                          : absl::StrFormat("%.1f GB", megabytes / 1000);
}

absl::string_view LevelText(StoreLevel level) {
  switch (level) {
    case STORE_LEVEL_INDEX:
      return "index: COMPONENTS held against the names in the folders";
    case STORE_LEVEL_MANIFESTS:
      return "manifests: the index; manifests decoded and hashed, catalogs hashed, payload listed";
    case STORE_LEVEL_PAYLOAD:
      return "payload: index and manifests; payload files and their projections hashed";
    default:
      return "none: nobody looked";
  }
}

std::string ScopeText(const StoreVerification& v) {
  std::string text;
  switch (v.scope()) {
    case STORE_SCOPE_BOOT:
      text = "boot: the boot path and the servicing stack";
      break;
    case STORE_SCOPE_LCU:
      text = "lcu: boot path, servicing stack, and what the current cumulative update brought";
      break;
    case STORE_SCOPE_ALL:
      return "all components";
    default:
      return "none: nobody looked";
  }
  return v.index_of_all() && v.level() != STORE_LEVEL_INDEX
             ? absl::StrCat(text, "; the index of everything")
             : text;
}

std::string RolesText(const StoreRoles& roles) {
  std::vector<absl::string_view> names;
  if (roles.servicing_stack()) names.push_back("servicing stack");
  if (roles.boot()) names.push_back("boot path");
  if (roles.lcu()) names.push_back("current cumulative update");
  return names.empty() ? "" : absl::StrCat(" (", absl::StrJoin(names, ", "), ")");
}

std::string Summary(const StoreVerdict& verdict) {
  const StoreVerification& v = verdict.verification();
  std::vector<std::string> parts;
  if (verdict.damage_total() > 0) {
    std::string damage = Amount(verdict.damage_total(), "thing is damaged", "things are damaged");
    if (verdict.damage_graver() > 0) {
      const bool all = verdict.damage_graver() == verdict.damage_total();
      absl::StrAppend(
          &damage, ", ", all ? "all" : Grouped(verdict.damage_graver()),
          " of them of the servicing stack, the boot path or the current cumulative update");
    }
    parts.push_back(damage);
  } else if (verdict.outcome() != StoreVerdict::DAMAGED) {
    parts.push_back("no damage found");
  }
  if (verdict.leftovers() > 0) {
    parts.push_back(
        Amount(verdict.leftovers(), "leftover that nothing names", "leftovers that nothing names"));
  }
  if (v.unverified_total() > 0) {
    parts.push_back(
        absl::StrCat(Amount(v.unverified_total(), "file", "files"), " could not be verified"));
  }
  if (v.cancelled()) parts.push_back("cancelled, so that not everything was looked at");
  return absl::StrCat(absl::StrJoin(parts, "; "), ".");
}

void WriteCoverage(const StoreVerification& v, TextWriter* writer) {
  const StoreCounts& counts = v.counts();
  const auto fact = [&](absl::string_view label, absl::string_view text) {
    writer->Wrapped(EscapeForTerminal(text), kTextColumn,
                    absl::StrCat(std::string(kItemColumn, ' '), label));
  };
  writer->Line("LOOKED AT");
  writer->Line();
  fact("Level", LevelText(v.level()));
  fact("Scope", ScopeText(v));
  fact("Index", absl::StrJoin({Amount(counts.components(), "component", "components"),
                               Amount(counts.families(), "family", "families"),
                               Amount(counts.winners(), "winner", "winners"),
                               Amount(counts.deployments(), "deployment", "deployments"),
                               Amount(counts.catalogs(), "catalog", "catalogs"),
                               Amount(counts.packages(), "package", "packages"),
                               Amount(counts.manifests(), "manifest file", "manifest files")},
                              ", "));
  if (v.level() >= STORE_LEVEL_MANIFESTS) {
    fact(
        "Manifests",
        absl::StrCat(Grouped(counts.manifests_decoded()), " read, ",
                     Grouped(counts.manifests_plain()), " of them stored without compression; ",
                     Amount(counts.components_in_scope(), "component", "components"), " in scope"));
    fact("Payload", absl::StrCat(Amount(counts.payload_files(), "file", "files"), "; ",
                                 Amount(counts.payload_deleted(), "component", "components"),
                                 " whose payload Windows has removed"));
    if (counts.payload_unhashed() > 0) {
      fact("Not compared",
           absl::StrCat(Amount(counts.payload_unhashed(), "file", "files"),
                        ": no SHA-256 in the manifest, or stored as a delta or compressed"));
    }
  }
  if (v.level() >= STORE_LEVEL_PAYLOAD) {
    fact("Projections",
         absl::StrCat(Grouped(counts.projections()), ", ", Grouped(counts.projections_linked()),
                      " of them the very file of the store; ",
                      Grouped(counts.projections_skipped()), " not compared"));
  }
  fact("Read", absl::StrCat(Amount(counts.files_hashed(), "file", "files"), " hashed, ",
                            Bytes(counts.bytes_read())));
  fact("Update", v.lcu_build().empty() ? "not known" : v.lcu_build());
  if (!v.base_manifest().empty()) {
    fact("Base manifest", v.base_manifest());
    if (!v.base_manifest_sha256().empty()) {
      fact("", absl::StrCat("SHA-256 ", v.base_manifest_sha256()));
    }
  }
  writer->Line();
}

void WriteDamage(const StoreDamage& damage, TextWriter* writer) {
  const size_t column = kListColumn + 2;
  const bool path_says_it =
      absl::StrContains(UpcaseUtf8(damage.path()), UpcaseUtf8(damage.component()));
  const auto detail = [&](absl::string_view label, absl::string_view text) {
    if (text.empty()) return;
    writer->Wrapped(EscapeForTerminal(absl::StrCat(label, text)), column);
  };
  writer->Wrapped(
      EscapeForTerminal(absl::StrCat(damage.path().empty() ? damage.component() : damage.path(),
                                     RolesText(damage.roles()))),
      column, std::string(kListColumn, ' ') + "- ");
  if (!damage.path().empty() && !path_says_it) detail("of ", damage.component());
  detail("expected: ", damage.expected());
  detail("found: ", damage.found());
}

void WriteDamages(const StoreVerification& v, TextWriter* writer) {
  struct Kind {
    uint64_t total = 0;
    std::vector<const StoreDamage*> items;
  };
  std::map<int, Kind> kinds;
  for (const StoreDamageCount& count : v.damage_counts()) kinds[count.kind()].total = count.total();
  for (const StoreDamage& damage : v.damage()) kinds[damage.kind()].items.push_back(&damage);
  if (kinds.empty()) return;
  writer->Line("FOUND");
  writer->Line();
  for (const auto& [number, kind] : kinds) {
    const auto id = static_cast<StoreDamageKind>(number);
    const absl::string_view heading = DamageKindHeading(id);
    const uint64_t total = std::max<uint64_t>(kind.total, kind.items.size());
    writer->Hanging(absl::StrCat(heading.empty() ? "Damage of an unknown kind" : heading, ": ",
                                 Grouped(total), " [", DamageKindName(id), "]"),
                    kItemColumn, kListColumn);
    size_t shown = 0;
    for (const StoreDamage* damage : kind.items) {
      if (shown == kDamageShown) break;
      ++shown;
      WriteDamage(*damage, writer);
    }
    if (total > shown) {
      writer->Wrapped(absl::StrCat("and ", Grouped(total - shown), " more",
                                   shown < kind.items.size() ? "; see the JSON report" : ""),
                      kListColumn + 2);
    }
    writer->Line();
  }
}

// By reason: a base manifest that is missing leaves every manifest open.
void WriteUnverified(const StoreVerdict& verdict, TextWriter* writer) {
  const StoreVerification& v = verdict.verification();
  if (verdict.open().empty() && v.unverified().empty() && v.unverified_total() == 0) return;
  writer->Line("COULD NOT BE VERIFIED");
  writer->Line();
  for (const std::string& line : verdict.open()) {
    writer->Hanging(EscapeForTerminal(line), kItemColumn, kListColumn);
  }
  if (!verdict.open().empty()) writer->Line();
  std::vector<std::pair<absl::string_view, std::vector<const StoreUnverified*>>> reasons;
  std::map<absl::string_view, size_t> index;
  for (const StoreUnverified& item : v.unverified()) {
    const auto [it, is_new] = index.emplace(item.reason(), reasons.size());
    if (is_new) reasons.push_back({item.reason(), {}});
    reasons[it->second].second.push_back(&item);
  }
  if (reasons.size() > kReasonsShown) reasons.resize(kReasonsShown);
  uint64_t shown = 0;
  for (const auto& [reason, items] : reasons) {
    writer->Hanging(EscapeForTerminal(absl::StrCat(reason, ": ", items.size())), kItemColumn,
                    kListColumn);
    for (size_t i = 0; i < items.size() && i < kUnverifiedShown; ++i, ++shown) {
      const StoreUnverified& item = *items[i];
      writer->Wrapped(
          EscapeForTerminal(absl::StrCat(item.path().empty() ? item.component() : item.path(),
                                         RolesText(item.roles()))),
          kListColumn + 2, std::string(kListColumn, ' ') + "- ");
    }
    if (items.size() > kUnverifiedShown) {
      writer->Wrapped(
          absl::StrCat("and ", items.size() - kUnverifiedShown, " more; see the JSON report"),
          kListColumn + 2);
      shown += items.size() - kUnverifiedShown;
    }
    writer->Line();
  }
  if (v.unverified_total() > shown) {
    writer->Wrapped(absl::StrCat("and ", Amount(v.unverified_total() - shown, "other", "others")),
                    kItemColumn);
    writer->Line();
  }
}

}  // namespace

std::string StoreTextReport(const StoreVerdict& verdict, const TextOptions& options) {
  TextWriter writer(options.color);
  const std::string outcome = StoreOutcomeName(verdict.outcome());
  writer.Line(
      absl::StrCat(writer.Colored(outcome, ColorOf(verdict.outcome())), "  component store"));
  writer.Wrapped(Summary(verdict), 0);
  writer.Wrapped(absl::StrCat("Read from ", EscapeForTerminal(verdict.source()), "."), 0);
  writer.Line();
  WriteCoverage(verdict.verification(), &writer);
  WriteDamages(verdict.verification(), &writer);
  WriteUnverified(verdict, &writer);
  return writer.Take() + StoreOneLineReport(verdict);
}

}  // namespace patchgate::gate
