#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gate/cli/commands.h"
#include "gate/report/report.h"
#include "manifests/catalog.h"
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

}  // namespace

int Explain(const std::string& id, const Streams& streams) {
  const absl::StatusOr<Catalog> catalog = LoadBuiltInCatalog();
  if (!catalog.ok()) return Fail(streams, std::string(catalog.status().message()));
  const CheckRecord* record = catalog->Find(id);
  if (record == nullptr) {
    std::vector<std::string> ids;
    for (const CheckRecord& known : catalog->records()) ids.push_back(known.id());
    return Fail(streams, absl::StrCat("unknown check ", id, DidYouMean(id, ids)));
  }
  std::ostream& out = streams.out;
  out << record->id() << ": " << record->name() << "\n";
  Paragraph("What it means", record->meaning(), out);
  Paragraph("Why it matters", record->impact(), out);
  Paragraph("How it is measured", record->measured(), out);
  Paragraph("What to do", record->resolution(), out);
  Paragraph("Who", ActorText(record->actor()), out);
  if (!record->references().empty()) {
    out << "\nReferences\n";
    for (const std::string& reference : record->references()) out << "  " << reference << "\n";
  }
  out << "\nEvidence needed\n ";
  for (const std::string& need : record->needs()) out << " " << need;
  out << "\n\nSince patchgate " << record->since() << "\n";
  return kOk;
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
