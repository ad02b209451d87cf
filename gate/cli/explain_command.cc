#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "gate/cli/commands.h"
#include "gate/report/report.h"
#include "manifests/catalog.h"
#include "manifests/hresults.h"
#include "manifests/nearest.h"
#include "servicing/base/version.h"

namespace patchgate::cli {
namespace {

// A titled paragraph, wrapped.
void Paragraph(absl::string_view title, absl::string_view text, std::ostream& out) {
  if (text.empty()) return;
  out << "\n" << title << "\n";
  std::string line;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!line.empty() && line.size() + word.size() + 3 > gate::kTextColumns) {
      out << "  " << line << "\n";
      line.clear();
    }
    absl::StrAppend(&line, line.empty() ? "" : " ", word);
  }
  out << "  " << line << "\n";
}

const char* ActorText(CheckRecord::Actor actor) {
  switch (actor) {
    case CheckRecord::ADMINISTRATOR:
      return "The host's administrator, with Windows' own tools.";
    case CheckRecord::SUPPORT:
      return "Support: it takes repair of the component store or an in-place upgrade.";
    case CheckRecord::SECURITY:
      return "Security: investigate before anything is changed.";
    default:
      return "Nobody; this is for information.";
  }
}

void References(const google::protobuf::RepeatedPtrField<std::string>& references,
                std::ostream& out) {
  if (references.empty()) return;
  out << "\nReferences\n";
  for (const std::string& reference : references) out << "  " << reference << "\n";
}

int ExplainCheck(const CheckRecord& record, const Streams& streams) {
  std::ostream& out = streams.out;
  out << record.id() << ": " << record.name() << "\n";
  Paragraph("What it means", record.meaning(), out);
  Paragraph("Why it matters", record.impact(), out);
  Paragraph("How it is measured", record.measured(), out);
  Paragraph("What to do", record.resolution(), out);
  Paragraph("Who", ActorText(record.actor()), out);
  References(record.references(), out);
  out << "\nEvidence needed\n ";
  for (const std::string& need : record.needs()) out << " " << need;
  if (record.needs().empty()) out << " what only a running host can be asked";
  if (record.made_by_servicing()) {
    Paragraph("While servicing works",
              "Servicing makes this state itself, so on a running host that is busy it does not "
              "block: the host is to be judged again later.",
              out);
  } else {
    out << "\n";
  }
  out << "\nSince patchgate " << record.since() << "\n";
  return kOk;
}

// "0x800f0922", "800f0922", "-2146498529" as DISM exits with it, "2148468767"; nullopt if it is no
// number of 32 bits. Eight digits without a sign are hexadecimal.
absl::optional<uint32_t> ParseCode(absl::string_view text) {
  const auto all = [](absl::string_view digits, auto is_digit) {
    return !digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit);
  };
  if (absl::StartsWith(text, "-")) {
    int32_t number = 0;
    if (!all(text.substr(1), absl::ascii_isdigit)) return absl::nullopt;
    if (!absl::SimpleAtoi(text, &number)) return absl::nullopt;
    return static_cast<uint32_t>(number);
  }
  uint32_t code = 0;
  const bool prefixed = absl::StartsWithIgnoreCase(text, "0x");
  const absl::string_view digits = text.substr(prefixed ? 2 : 0);
  if (prefixed || digits.size() == 8) {
    if (digits.size() > 8 || !all(digits, absl::ascii_isxdigit)) return absl::nullopt;
    return absl::SimpleHexAtoi(digits, &code) ? absl::make_optional(code) : absl::nullopt;
  }
  if (!all(digits, absl::ascii_isdigit)) return absl::nullopt;
  return absl::SimpleAtoi(digits, &code) ? absl::make_optional(code) : absl::nullopt;
}

const char* TrustText(HresultRecord::Trust trust) {
  switch (trust) {
    case HresultRecord::A:
      return "A: Microsoft's documentation or programs, or measured on real hosts.";
    case HresultRecord::B:
      return "B: independent open-source code, or several sources that agree.";
    case HresultRecord::C:
      return "C: one source.";
    default:
      return "K: general knowledge, not verified.";
  }
}

int ExplainCode(const HresultRecord& record, const Streams& streams) {
  std::ostream& out = streams.out;
  const bool bug_check = record.kind() == HresultRecord::KIND_BUG_CHECK;
  out << (bug_check ? absl::StrFormat("bug check 0x%X", record.code())
                    : absl::StrFormat("0x%08x", record.code()))
      << ": " << (record.name().empty() ? "no confirmed name" : record.name()) << "\n";
  Paragraph("Also named", absl::StrJoin(record.other_names(), ", "), out);
  Paragraph("What it means", record.meaning(), out);
  if (record.store_corruption()) {
    Paragraph("Component store", "The code says that the component store is damaged.", out);
  }
  if (!bug_check) {
    Paragraph("In-place upgrade",
              record.in_place_upgrade()
                  ? "Microsoft's remedy for this error is an in-place upgrade."
                  : "Microsoft does not list it among the errors that require an in-place upgrade.",
              out);
    Paragraph("Transient",
              record.success()
                  ? (record.retry() ? "It is no failure; try again later." : "It is no failure.")
              : record.retry() ? "Yes: another try may succeed without any repair."
                               : "Nothing says that another try would succeed without a repair.",
              out);
  }
  Paragraph("Trust", TrustText(record.trust()), out);
  References(record.references(), out);
  return kOk;
}

// For what is neither a check nor an error: the nearest of the names that it looks like.
std::string Hint(const std::string& id, const Catalog& catalog) {
  std::vector<std::string> ids, names;
  for (const CheckRecord& known : catalog.records()) ids.push_back(known.id());
  for (const HresultRecord& known : Hresults().records()) {
    if (!known.name().empty()) names.push_back(known.name());
    names.insert(names.end(), known.other_names().begin(), known.other_names().end());
  }
  return absl::StrContains(id, "_") ? DidYouMean(absl::AsciiStrToUpper(id), names)
                                    : DidYouMean(id, ids);
}

}  // namespace

int Explain(const std::string& id, const Streams& streams) {
  const absl::StatusOr<Catalog> catalog = LoadBuiltInCatalog();
  if (!catalog.ok()) return Fail(streams, std::string(catalog.status().message()));
  if (const CheckRecord* check = catalog->Find(id)) return ExplainCheck(*check, streams);
  if (const absl::optional<uint32_t> code = ParseCode(id)) {
    const HresultRecord* record = FindHresult(*code);
    if (record == nullptr) record = FindBugCheck(*code);
    if (record != nullptr) return ExplainCode(*record, streams);
    return Fail(streams, absl::StrFormat("unknown error code 0x%08x", *code));
  }
  if (const HresultRecord* record = FindHresultByName(id)) return ExplainCode(*record, streams);
  return Fail(streams, absl::StrCat("unknown check or error ", id, Hint(id, *catalog)));
}

int List(const Streams& streams) {
  const absl::StatusOr<Catalog> catalog = LoadBuiltInCatalog();
  if (!catalog.ok()) return Fail(streams, std::string(catalog.status().message()));
  size_t widest = 0;
  for (const CheckRecord& record : catalog->records()) {
    widest = std::max(widest, record.id().size());
  }
  for (const CheckRecord& record : catalog->records()) {
    streams.out << record.id() << std::string(widest + 2 - record.id().size(), ' ') << record.name()
                << "\n";
  }
  return kOk;
}

int Version(const Streams& streams) {
  streams.out << "patchgate " << kPatchgateVersion << "\n";
  return kOk;
}

}  // namespace patchgate::cli
