#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gate/cli/atomic_file.h"
#include "gate/cli/choice.h"
#include "gate/cli/commands.h"
#include "gate/cli/outputs.h"
#include "gate/import_update.h"
#include "gate/numbers.h"
#include "manifests/updates.h"
#include "servicing/base/status_macros.h"
#include "servicing/evidence/directory_source.h"

namespace patchgate::cli {
namespace {

absl::StatusOr<UpdateDescriptor::Kind> ParseKind(const std::string& name) {
  std::vector<std::string> names;
  for (int i = UpdateDescriptor::CUMULATIVE; i <= UpdateDescriptor::Kind_MAX; ++i) {
    names.push_back(UpdateDescriptor::Kind_Name(static_cast<UpdateDescriptor::Kind>(i)));
  }
  PG_ASSIGN_OR_RETURN(const size_t index, Choose("kind", absl::AsciiStrToUpper(name), names));
  return static_cast<UpdateDescriptor::Kind>(UpdateDescriptor::CUMULATIVE + index);
}

absl::StatusOr<std::string> Import(const ImportUpdateOptions& options, gate::ImportCounts* counts) {
  UpdateDescriptor update;
  update.set_kb(ParseKbNumber(options.kb));
  if (update.kb().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("import-update: --kb \"", options.kb, "\" is no KB number like KB5072033"));
  }
  // What is known of it already need not be said again.
  const UpdateDescriptor* const known = BuiltInUpdates().FindKb(update.kb());
  if (!options.kind.empty()) {
    PG_ASSIGN_OR_RETURN(const UpdateDescriptor::Kind kind, ParseKind(options.kind));
    update.set_kind(kind);
  } else if (known != nullptr) {
    update.set_kind(known->kind());
  }
  update.set_title(!options.title.empty() ? options.title
                   : known != nullptr     ? known->title()
                                          : absl::StrCat("Files of ", update.kb()));
  update.set_released(options.released.empty() && known != nullptr ? known->released()
                                                                   : options.released);
  for (const std::string& build : options.builds) update.add_builds(build);
  if (options.builds.empty() && known != nullptr) *update.mutable_builds() = known->builds();
  if (known != nullptr) *update.mutable_installation_types() = known->installation_types();
  update.set_trust(UpdateDescriptor::A);

  if (options.csv.empty() && options.mum.empty() && options.manifest.empty()) {
    return absl::InvalidArgumentError(
        "import-update: name what to read with --csv, --mum or --manifest");
  }
  const auto read_all = [](const std::vector<std::string>& paths, auto import) -> absl::Status {
    for (const std::string& path : paths) {
      PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::File> file,
                          evidence::OpenNativeFile(path));
      PG_RETURN_IF_ERROR(import(path, file->bytes()));
    }
    return absl::OkStatus();
  };
  PG_RETURN_IF_ERROR(read_all(options.mum, [&](absl::string_view name, absl::string_view bytes) {
    return gate::ImportPackageManifest(name, bytes, &update);
  }));
  if (update.kind() == UpdateDescriptor::KIND_UNSPECIFIED) {
    update.set_kind(UpdateDescriptor::CUMULATIVE);
  }
  PG_RETURN_IF_ERROR(read_all(options.csv, [&](absl::string_view name, absl::string_view bytes) {
    return gate::ImportFileList(name, bytes, &update, counts);
  }));
  if (!options.csv.empty() && counts->files == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.csv.front(), ": no file to compare: ", gate::Grouped(counts->without_version),
        " without version and hash, ", gate::Grouped(counts->odd), " odd",
        counts->first_odd.empty() ? "" : absl::StrCat("; ", counts->first_odd)));
  }
  PG_RETURN_IF_ERROR(
      read_all(options.manifest, [&](absl::string_view name, absl::string_view bytes) {
        return gate::ImportComponentManifest(name, bytes, &update, counts);
      }));
  return gate::FormatUpdate(options.output, std::move(update));
}

}  // namespace

int ImportUpdate(const ImportUpdateOptions& options, const Streams& streams) {
  const auto fail = [&](const absl::Status& status) {
    return Fail(streams, std::string(status.message()));
  };
  std::vector<std::string> inputs = options.csv;
  inputs.insert(inputs.end(), options.mum.begin(), options.mum.end());
  inputs.insert(inputs.end(), options.manifest.begin(), options.manifest.end());
  absl::Status status = CheckTargets({{"textproto", options.output}}, "", inputs);
  if (!status.ok()) return fail(status);
  gate::ImportCounts counts;
  const absl::StatusOr<std::string> text = Import(options, &counts);
  if (!text.ok()) return fail(text.status());
  status = WriteFileAtomically(options.output, *text);
  if (!status.ok()) return fail(status);
  streams.out << gate::Amount(counts.files, "file", "files") << " to compare, "
              << gate::Grouped(counts.without_version)
              << " left out that have neither version nor hash\n";
  if (counts.odd > 0) {
    streams.out << gate::Amount(counts.odd, "odd line", "odd lines")
                << ", the first: " << counts.first_odd << "\n";
  }
  streams.out << std::flush;
  return kOk;
}

}  // namespace patchgate::cli
