#include "servicing/boot/driver_reader.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "servicing/base/utf16.h"
#include "servicing/boot/driver_path.h"
#include "servicing/registry/section_reader.h"
#include "servicing/text/fields.h"
#include "servicing/text/section_file.h"

namespace patchgate::boot {
namespace {

using registry::HiveId;
using registry::KeyReader;
using registry::SectionReader;

constexpr char kServices[] = "CurrentControlSet\\Services";
constexpr char kClasses[] = "CurrentControlSet\\Control\\Class";
constexpr char kFolder[] = "Windows/System32/drivers";

// Of a real host's drivers some 140 start so. Each file that a hive names wrongly may cost the
// volume a listing.
constexpr int kMostDrivers = 2'000;
constexpr int kMostFilters = 2'000;
constexpr size_t kMostOrphans = 300;

// DOMAIN §2.4: those with a required Start, and the file system of the boot volume, whose Start
// is 3.
constexpr absl::string_view kWatched[] = {
    "acpi",    "pci",      "disk",   "volmgr",  "mountmgr", "volume", "partmgr",
    "volsnap", "vdrvroot", "fvevol", "Wof",     "FltMgr",   "CNG",    "KSecDD",
    "CLFS",    "Fs_Rec",   "vmbus",  "storvsc", "Ntfs",
};

// Of IMAGE_SERVICE types: kernel driver, file system driver, file system recognizer.
bool IsDriverType(uint32_t type) { return type == 1 || type == 2 || type == 8; }

char SystemDrive(const registry::Registry& registry) {
  Collection unused;
  const SectionReader version(registry, HiveId::kSoftware, "Microsoft\\Windows NT\\CurrentVersion",
                              &unused);
  const std::string root = version.String("SystemRoot").value_or("");
  const bool has_drive = root.size() > 2 && absl::ascii_isalpha(root[0]) && root[1] == ':';
  return has_drive ? absl::ascii_toupper(root[0]) : 'C';
}

class DriverReader {
 public:
  DriverReader(const registry::Registry& registry, const evidence::Source& source,
               files::ImageReader* images)
      : registry_(registry), source_(source), images_(images), drive_(SystemDrive(registry)) {
    for (const absl::string_view name : kWatched) wanted_.insert(UpcaseUtf8(name));
  }

  BootDrivers Read() {
    ListFolder();
    ReadFilters();
    ReadServices();
    for (ClassFilter& filter : *facts_.mutable_filters()) {
      filter.set_service_present(services_.contains(UpcaseUtf8(filter.service())));
    }
    AddOrphans();
    return std::move(facts_);
  }

 private:
  void ListFolder() {
    auto listing = text::ListSection(source_, kFolder, facts_.mutable_folder());
    if (!listing) return;
    for (evidence::FileInfo& file : *listing) {
      std::string upper = UpcaseUtf8(file.name);
      names_.insert(upper);
      if (file.is_directory) continue;
      files_.emplace(std::move(upper), std::move(file));
    }
  }

  void ReadFilters() {
    const SectionReader classes(registry_, HiveId::kSystem, kClasses, facts_.mutable_classes());
    classes.Subkeys([&](const KeyReader& key) {
      for (const bool upper : {true, false}) {
        const auto names = key.MultiString(upper ? "UpperFilters" : "LowerFilters");
        if (!names) continue;
        const absl::optional<registry::Value> value = key.Raw("Class");
        const std::string class_name = value ? registry::AsString(*value).value_or("") : "";
        for (const std::string& name : *names) AddFilter(key, upper, name, class_name);
      }
    });
    if (too_many_filters_) {
      text::AddGap(
          facts_.mutable_classes(), facts_.classes().source(),
          absl::StrCat("names more than ", kMostFilters, " filters: the rest was not read"));
    }
  }

  void AddFilter(const KeyReader& key, bool upper, const std::string& name,
                 absl::string_view class_name) {
    if (facts_.filters_size() >= kMostFilters) {
      too_many_filters_ = true;
      return;
    }
    ClassFilter* filter = facts_.add_filters();
    filter->set_class_guid(absl::AsciiStrToLower(text::Short(key.name())));
    filter->set_class_name(text::Short(class_name));
    filter->set_upper(upper);
    filter->set_service(text::Short(name));
    filter->set_key_written_filetime(key.last_written());
    wanted_.insert(UpcaseUtf8(filter->service()));
  }

  void ReadServices() {
    const SectionReader section(registry_, HiveId::kSystem, kServices, facts_.mutable_collection());
    if (!section.has_key()) return;
    const absl::StatusOr<std::unique_ptr<registry::Key>> services =
        registry_.Open(HiveId::kSystem, kServices);
    absl::Status visited = services.status();
    if (services.ok()) {
      visited = (*services)->VisitSubkeys([&](const registry::Key& key) {
        ReadService(key);
        return true;
      });
    }
    if (!visited.ok()) section.AddGap("", visited.message());
    if (too_many_drivers_) {
      section.AddGap(
          "", absl::StrCat("more than ", kMostDrivers, " drivers: the rest was not looked at"));
    }
    auto* drivers = facts_.mutable_drivers();
    std::sort(drivers->begin(), drivers->end(), [](const BootDriver& a, const BootDriver& b) {
      const int order = CompareNames(a.name(), b.name());
      return order != 0 ? order < 0 : a.name() < b.name();
    });
  }

  void ReadService(const registry::Key& key) {
    const std::string name = key.name();
    const std::string path = absl::StrCat(facts_.collection().source(), "\\", name);
    const KeyReader service(&key, path, facts_.mutable_collection());
    // What says nothing of a driver leaves no gap in the section.
    Collection unused;
    const KeyReader quiet(&key, path, &unused);
    const std::string upper = UpcaseUtf8(name);
    const absl::optional<uint32_t> type = quiet.Dword("Type");
    const bool is_program = type && !IsDriverType(*type) && !wanted_.contains(upper);
    const absl::optional<uint32_t> start = (is_program ? quiet : service).Dword("Start");
    services_.insert(upper);
    facts_.set_services_total(facts_.services_total() + 1);
    used_.insert(absl::StrCat(upper, ".SYS"));
    if ((!start || *start > 1) && !wanted_.contains(upper)) {
      // Only says which files of the folder are somebody's.
      Use(ResolveDriverPath(name, quiet.String("ImagePath").value_or(""), drive_).path);
      return;
    }
    if (facts_.drivers_size() >= kMostDrivers) {
      too_many_drivers_ = true;
      return;
    }
    BootDriver* driver = facts_.add_drivers();
    driver->set_group(text::Short(quiet.String("Group").value_or("")));
    AddDriver(service, start, driver);
    AddFile(key, driver);
  }

  void AddDriver(const KeyReader& service, absl::optional<uint32_t> start, BootDriver* driver) {
    driver->set_name(text::Short(service.name()));
    if (start) driver->set_start(*start);
    if (const auto v = service.Dword("Type")) driver->set_type(*v);
    if (const auto v = service.Dword("ErrorControl")) driver->set_error_control(*v);
    driver->set_delete_flag(service.Dword("DeleteFlag").value_or(0) == 1);
    driver->set_key_written_filetime(service.last_written());
    service.Subkey("StartOverride", [&](const KeyReader& override) {
      if (const auto v = override.Dword("0")) driver->set_start_override(*v);
    });
  }

  void AddFile(const registry::Key& key, BootDriver* driver) {
    // A value that is there and cannot be read is not one that is not there: the file is not where
    // it is without one.
    const absl::StatusOr<registry::Value> value = key.Get("ImagePath");
    absl::StatusOr<std::string> image_path = "";
    if (value.ok()) {
      image_path = registry::AsString(*value);
    } else if (!absl::IsNotFound(value.status())) {
      image_path = value.status();
    }
    if (!image_path.ok()) {
      driver->set_path_problem(
          absl::StrCat("ImagePath cannot be read: ", text::Short(image_path.status().message())));
      return;
    }
    driver->set_image_path(text::Short(*image_path));
    DriverPath resolved = ResolveDriverPath(key.name(), *image_path, drive_);
    driver->set_path_problem(std::move(resolved.problem));
    if (resolved.path.empty()) return;
    const std::string name = Use(resolved.path);
    if (const auto file = files_.find(name); !name.empty() && file != files_.end()) {
      resolved.path = absl::StrCat(kFolder, "/", file->second.name);
    }
    if (IsKnownAbsent(name)) {
      images_->NoteAbsent(resolved.path);
    } else if (images_->Read(resolved.path).collection().status() == Collection::ABSENT) {
      driver->set_missing_folder(MissingFolder(resolved.path));
    }
    driver->set_path(std::move(resolved.path));
  }

  // Whether the listing of the drivers folder says that it has no such name. It lists no short
  // names ("DRIVER~1.SYS").
  bool IsKnownAbsent(const std::string& upper_name) const {
    return !upper_name.empty() && facts_.folder().status() == Collection::COLLECTED &&
           facts_.folder().gaps().empty() && upper_name.find('~') == std::string::npos &&
           !names_.contains(upper_name);
  }

  // The upper-cased name if `path` is a file of the drivers folder itself, which then is no orphan;
  // else empty.
  std::string Use(absl::string_view path) {
    if (!absl::ConsumePrefix(&path, kFolder) || !absl::ConsumePrefix(&path, "/") ||
        path.find('/') != absl::string_view::npos) {
      return "";
    }
    std::string upper = UpcaseUtf8(path);
    used_.insert(upper);
    return upper;
  }

  // The first folder of `path` that is not on the volume; empty if all are, or nobody can say.
  std::string MissingFolder(absl::string_view path) {
    for (size_t end = path.find('/'); end != absl::string_view::npos;
         end = path.find('/', end + 1)) {
      const std::string folder(path.substr(0, end));
      const auto [known, is_new] = folders_.emplace(UpcaseUtf8(folder), false);
      if (is_new) known->second = absl::IsNotFound(source_.Stat(folder).status());
      if (known->second) return folder;
    }
    return "";
  }

  void AddOrphans() {
    // Which files are nobody's is known only if every service was seen.
    if (facts_.collection().status() != Collection::COLLECTED) return;
    std::vector<const evidence::FileInfo*> orphans;
    for (const auto& [upper, file] : files_) {
      if (absl::EndsWith(upper, ".SYS") && !used_.contains(upper)) orphans.push_back(&file);
    }
    facts_.set_orphans_total(static_cast<uint32_t>(orphans.size()));
    const auto by_name = [](const auto* a, const auto* b) {
      const int order = CompareNames(a->name, b->name);
      return order != 0 ? order < 0 : a->name < b->name;
    };
    std::sort(orphans.begin(), orphans.end(), [&](const auto* a, const auto* b) {
      return a->modified != b->modified ? a->modified > b->modified : by_name(a, b);
    });
    orphans.resize(std::min(orphans.size(), kMostOrphans));
    std::sort(orphans.begin(), orphans.end(), by_name);
    for (const evidence::FileInfo* file : orphans) {
      OrphanDriver* orphan = facts_.add_orphans();
      orphan->set_path(CleanUtf8(absl::StrCat(kFolder, "/", file->name)));
      orphan->set_size(file->size);
      orphan->set_modified_filetime(file->modified);
    }
  }

  const registry::Registry& registry_;
  const evidence::Source& source_;
  files::ImageReader* const images_;
  const char drive_;
  BootDrivers facts_;
  // All by upper-cased name or path.
  absl::flat_hash_map<std::string, evidence::FileInfo> files_;  // Of the drivers folder.
  absl::flat_hash_set<std::string> names_;                      // The same, and its folders.
  absl::flat_hash_set<std::string> used_;                       // Files that a service names.
  absl::flat_hash_set<std::string> wanted_;                     // Listed whatever their Start.
  absl::flat_hash_set<std::string> services_;
  absl::flat_hash_map<std::string, bool> folders_;  // Whether they are missing.
  bool too_many_drivers_ = false;
  bool too_many_filters_ = false;
};

}  // namespace

absl::Span<const absl::string_view> WatchedServices() { return kWatched; }

BootDrivers ReadBootDrivers(const registry::Registry& registry, const evidence::Source& source,
                            files::ImageReader* images) {
  return DriverReader(registry, source, images).Read();
}

}  // namespace patchgate::boot
