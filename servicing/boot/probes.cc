#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/text_format.h"
#include "servicing/boot/boot_reader.h"

namespace patchgate::boot {
namespace {

constexpr char kBuiltIn[] =
#include "servicing/boot/probes.inc"
    ;

}  // namespace

ProbeSet BuiltInProbes() {
  ProbeSet set;
  // A list that cannot be parsed does not get past the test of this function.
  if (!google::protobuf::TextFormat::ParseFromString(kBuiltIn, &set)) set.Clear();
  return set;
}

ProbeSet ReadProbes(const ServicingStack& stack, files::ImageReader* images) {
  ProbeSet set = BuiltInProbes();
  // More than one is a finding of its own, and says nothing of which is loaded.
  if (stack.versions_size() == 1 && !stack.versions(0).on_disk().source().empty()) {
    std::string folder = stack.versions(0).on_disk().source();
    std::replace(folder.begin(), folder.end(), '\\', '/');
    Probe* probe = set.add_probes();
    probe->set_path(absl::StrCat(absl::StripSuffix(folder, "/"), "/wcp.dll"));
    probe->set_why("servicing stack; has a version of its own");
  }
  for (const Probe& probe : set.probes()) images->Read(probe.path());
  return set;
}

}  // namespace patchgate::boot
