// Makes update descriptors (manifests/update.proto) of what vendors publish: the list of files of
// an update, and the update's own manifests.
#ifndef GATE_IMPORT_UPDATE_H_
#define GATE_IMPORT_UPDATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "manifests/update.pb.h"

namespace patchgate::gate {

// What an import took and left; for the note that the program prints.
struct ImportCounts {
  uint64_t files = 0;
  uint64_t without_version = 0;  // Rows with neither version nor hash: nothing to compare.
  // Rows with a version of other than four numbers, which is left out, or with a name that is none
  // of a file alone: those are left out as a whole.
  uint64_t odd = 0;
  std::string first_odd;  // "list.csv: line 3: file version \"7.1.2\" has not four numbers"
};

// Adds the files of a list in CSV form, as the vendor's "file information" for a KB is: sections,
// each with a line that says for which architecture ("… LCU x64-based"), a line with the names of
// its columns, and a line for each file. Columns are found by their names, in any order: file name,
// file version, file size, date, SHA-256, platform; others are passed over. UTF-8 or UTF-16LE. Odd
// rows are counted; a name with a folder is one, since it would stand for every file of that name.
//
// kInvalidArgument, `name` and the line first, for what is no CSV, for files before any line with
// the names of columns, and for a value that is not of its form; also if there is no file at all.
absl::Status ImportFileList(absl::string_view name, absl::string_view bytes,
                            UpdateDescriptor* update, ImportCounts* counts);

// Adds what a package's manifest (.mum) says: its KB number, its build, and whether it is a
// cumulative update or a servicing stack. It names components, not files. kInvalidArgument if it is
// malformed, or of another KB number than the descriptor's.
absl::Status ImportPackageManifest(absl::string_view name, absl::string_view bytes,
                                   UpdateDescriptor* update);

// Adds the files of a component's manifest, with path and SHA-256. The version of a component need
// not be that of its files, so there is none. kInvalidArgument if it is malformed; kUnimplemented
// if it is compressed, as manifests in WinSxS are.
absl::Status ImportComponentManifest(absl::string_view name, absl::string_view bytes,
                                     UpdateDescriptor* update, ImportCounts* counts);

// The descriptor as text: files sorted, each once; the same bytes for the same content.
// kInvalidArgument if it is none that ParseUpdateSet takes.
absl::StatusOr<std::string> FormatUpdate(absl::string_view name, UpdateDescriptor update);

}  // namespace patchgate::gate

#endif  // GATE_IMPORT_UPDATE_H_
