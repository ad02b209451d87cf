#include "servicing/cab/cab.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "mspack.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"

namespace patchgate::cab {
namespace {

// CFHEADER.
constexpr size_t kHeaderSize = 36;
constexpr size_t kFolderCountOffset = 26;
constexpr size_t kFileCountOffset = 28;
constexpr size_t kMaxFolders = 1000;
constexpr size_t kMaxFiles = 1000;

// The system that libmspack runs on: one input in memory, one output that goes to the sink.
struct MemorySystem : mspack_system {
  absl::string_view input;
  size_t last_read = 0;  // Where the last read began.
  absl::string_view name;
  const CabSink* sink = nullptr;
  uint64_t room = 0;
  bool has_enough = false;
  bool is_full = false;

  explicit MemorySystem(absl::string_view cab) : mspack_system(), input(cab) {
    open = Open;
    close = [](mspack_file* file) { delete static_cast<OpenFile*>(file); };
    read = Read;
    write = Write;
    seek = Seek;
    tell = [](mspack_file* file) {
      return static_cast<off_t>(static_cast<OpenFile*>(file)->position);
    };
    message = Message;
    alloc = [](mspack_system*, size_t bytes) { return std::malloc(bytes); };
    free = [](void* memory) { std::free(memory); };
    copy = [](void* from, void* to, size_t bytes) { std::memcpy(to, from, bytes); };
  }

 private:
  struct OpenFile : mspack_file {
    MemorySystem* system = nullptr;
    bool is_output = false;
    size_t position = 0;
  };

  static void Message(mspack_file*, const char*, ...) {}

  static mspack_file* Open(mspack_system* self, const char*, int mode) {
    auto* const file = new OpenFile;
    file->system = static_cast<MemorySystem*>(self);
    file->is_output = mode != MSPACK_SYS_OPEN_READ;
    return file;
  }

  static int Read(mspack_file* base, void* buffer, int bytes) {
    OpenFile* const file = static_cast<OpenFile*>(base);
    MemorySystem* const system = file->system;
    if (file->is_output || bytes < 0) return -1;
    system->last_read = file->position;
    const absl::string_view piece =
        system->input.substr(file->position, static_cast<size_t>(bytes));
    if (!piece.empty()) std::memcpy(buffer, piece.data(), piece.size());
    file->position += piece.size();
    return static_cast<int>(piece.size());
  }

  static int Write(mspack_file* base, void* buffer, int bytes) {
    OpenFile* const file = static_cast<OpenFile*>(base);
    MemorySystem* const system = file->system;
    if (!file->is_output || bytes < 0 || system->has_enough || system->is_full) return -1;
    const uint64_t size = std::min<uint64_t>(static_cast<uint64_t>(bytes), system->room);
    system->room -= size;
    system->is_full = size < static_cast<uint64_t>(bytes);
    if (size > 0 && !(*system->sink)(system->name, {static_cast<const char*>(buffer),
                                                    static_cast<size_t>(size)})) {
      system->has_enough = true;
    }
    return system->is_full || system->has_enough ? -1 : bytes;
  }

  static int Seek(mspack_file* base, off_t offset, int mode) {
    OpenFile* const file = static_cast<OpenFile*>(base);
    const int64_t size = static_cast<int64_t>(file->system->input.size());
    const int64_t origin = mode == MSPACK_SYS_SEEK_START ? 0
                           : mode == MSPACK_SYS_SEEK_CUR ? static_cast<int64_t>(file->position)
                                                         : size;
    const int64_t target = origin + offset;
    if (file->is_output || target < 0 || target > size) return 1;
    file->position = static_cast<size_t>(target);
    return 0;
  }
};

absl::string_view ErrorText(int error) {
  switch (error) {
    case MSPACK_ERR_READ:
      return "it ends too early";
    case MSPACK_ERR_SEEK:
      return "an offset lies beyond its end";
    case MSPACK_ERR_NOMEMORY:
      return "unknown compression parameters, or out of memory";
    case MSPACK_ERR_SIGNATURE:
      return "no MSCF signature";
    case MSPACK_ERR_DATAFORMAT:
      return "malformed or truncated data";
    case MSPACK_ERR_CHECKSUM:
      return "checksum mismatch";
    case MSPACK_ERR_DECRUNCH:
      return "decompression failed";
    default:
      return "libmspack failed";
  }
}

absl::Status DataLoss(const MemorySystem& system, int error) {
  return absl::DataLossError(absl::StrFormat("cabinet: read at 0x%x: %s (libmspack error %d)",
                                             system.last_read, ErrorText(error), error));
}

// An open cabinet; what it points to lives as long as it.
class Cabinet {
 public:
  explicit Cabinet(absl::string_view bytes)
      : system_(bytes), decompressor_(mspack_create_cab_decompressor(&system_)) {}
  ~Cabinet() {
    if (cabinet_ != nullptr) decompressor_->close(decompressor_, cabinet_);
    if (decompressor_ != nullptr) mspack_destroy_cab_decompressor(decompressor_);
  }
  Cabinet(const Cabinet&) = delete;
  Cabinet& operator=(const Cabinet&) = delete;

  absl::Status Open() {
    const absl::string_view bytes = system_.input;
    if (!IsCab(bytes)) return absl::InvalidArgumentError("cabinet: no MSCF signature at 0x0");
    if (bytes.size() < kHeaderSize) {
      return absl::DataLossError(
          absl::StrCat("cabinet: header is ", bytes.size(), " bytes of ", kHeaderSize));
    }
    // libmspack counts in off_t, which has 32 bits on some systems.
    if (bytes.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cabinet: ", bytes.size(), " bytes, at most 2 GiB are read"));
    }
    const size_t folders = LoadLe16(bytes.data() + kFolderCountOffset);
    const size_t files = LoadLe16(bytes.data() + kFileCountOffset);
    if (folders > kMaxFolders || files > kMaxFiles) {
      return absl::ResourceExhaustedError(absl::StrCat("cabinet: ", folders, " folders and ", files,
                                                       " files, at most ", kMaxFolders, " and ",
                                                       kMaxFiles, " are read"));
    }
    if (decompressor_ == nullptr) return absl::ResourceExhaustedError("cabinet: out of memory");
    cabinet_ = decompressor_->open(decompressor_, "");
    return cabinet_ != nullptr ? absl::OkStatus()
                               : DataLoss(system_, decompressor_->last_error(decompressor_));
  }

  const mscabd_file* files() const { return cabinet_->files; }

  // libmspack reaches a place in a folder by unpacking all before it, from the folder's beginning
  // when the place lies behind it or another folder came between. A cabinet whose files are in
  // another order than their data would be unpacked over and over.
  absl::Status CheckOrder() const {
    absl::flat_hash_set<const mscabd_folder*> seen;
    const mscabd_folder* folder = nullptr;
    uint64_t end = 0;
    for (const mscabd_file* file = files(); file != nullptr; file = file->next) {
      if (file->folder != folder) {
        folder = file->folder;
        end = 0;
        if (!seen.insert(folder).second) return OutOfOrder(*file);
      }
      if (file->offset < end) return OutOfOrder(*file);
      end = uint64_t{file->offset} + file->length;
    }
    return absl::OkStatus();
  }

  absl::Status Extract(uint64_t limit, CabSink sink) {
    system_.sink = &sink;
    system_.room = limit;
    uint64_t end = 0;  // Of the file before, in the same folder.
    const mscabd_folder* folder = nullptr;
    for (mscabd_file* file = cabinet_->files; file != nullptr; file = file->next) {
      if (file->folder != folder) end = 0;
      folder = file->folder;
      const std::string name = CleanUtf8(file->filename);
      const uint64_t skipped = file->offset - end;  // Unpacked too, though nobody sees it.
      if (skipped > system_.room) return Full(limit, name);
      system_.room -= skipped;
      end = uint64_t{file->offset} + file->length;
      system_.name = name;
      const int error = decompressor_->extract(decompressor_, file, "");
      if (system_.is_full) return Full(limit, name);
      if (system_.has_enough) return absl::OkStatus();
      if (error != MSPACK_ERR_OK) return DataLoss(system_, error);
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status OutOfOrder(const mscabd_file& file) {
    return absl::DataLossError(absl::StrCat("cabinet: file ", CleanUtf8(file.filename),
                                            ": at offset ", file.offset,
                                            " of its folder, before the end of an earlier file"));
  }
  static absl::Status Full(uint64_t limit, absl::string_view name) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cabinet: file ", name, ": more than the limit of ", limit, " bytes"));
  }

  MemorySystem system_;
  mscab_decompressor* decompressor_;
  mscabd_cabinet* cabinet_ = nullptr;
};

}  // namespace

absl::StatusOr<std::vector<CabFile>> ListCab(absl::string_view cab) {
  Cabinet cabinet(cab);
  PG_RETURN_IF_ERROR(cabinet.Open());
  std::vector<CabFile> files;
  for (const mscabd_file* file = cabinet.files(); file != nullptr; file = file->next) {
    files.push_back({CleanUtf8(file->filename), file->length});
  }
  return files;
}

absl::Status ExtractCab(absl::string_view cab, uint64_t limit, CabSink sink) {
  Cabinet cabinet(cab);
  PG_RETURN_IF_ERROR(cabinet.Open());
  PG_RETURN_IF_ERROR(cabinet.CheckOrder());
  return cabinet.Extract(limit, sink);
}

}  // namespace patchgate::cab
