// A directory that holds a Windows volume: a mounted image, an attached disk, a copied tree.
#ifndef SERVICING_EVIDENCE_DIRECTORY_SOURCE_H_
#define SERVICING_EVIDENCE_DIRECTORY_SOURCE_H_

#include <memory>
#include <string>

#include "servicing/evidence/source.h"

namespace patchgate::evidence {

// `root` is the folder that contains "Windows"; UTF-8, a native path. It may itself be a link; no
// link below it is followed. Files are mapped read-only.
//
// POSIX: each path is walked one part at a time from the root's handle, so that a folder swapped
// for a link while patchgate runs does not lead out either. A part is tried as spelled first; on a
// case-sensitive file system the directory is then searched without regard to case. Windows: every
// part's attributes are looked at before the file is opened without following a reparse point.
//
// A mapped file that another program truncates, or a disk that fails under it, faults on access;
// the command line ends such a run with an error, never with a verdict.
//
// Errors: kNotFound if there is no such directory, kFailedPrecondition if it is not one.
absl::StatusOr<std::unique_ptr<Source>> OpenDirectory(const std::string& root);

// The root of a volume by its native path, as OpenDirectory: its Space() is told without asking
// where the volume is mounted, which has an answer only for a path with a drive letter. Windows
// only; kUnimplemented elsewhere.
absl::StatusOr<std::unique_ptr<Source>> OpenVolume(const std::string& root);

// Maps one file by its native path; links are followed, since the caller chose the file.
absl::StatusOr<std::unique_ptr<File>> OpenNativeFile(const std::string& path);

// Lists one directory by its native path.
absl::StatusOr<std::vector<FileInfo>> ListNativeDirectory(const std::string& path);

}  // namespace patchgate::evidence

#endif  // SERVICING_EVIDENCE_DIRECTORY_SOURCE_H_
