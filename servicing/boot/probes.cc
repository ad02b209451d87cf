#include <string>

#include "google/protobuf/text_format.h"
#include "servicing/boot/boot_reader.h"
#include "servicing/boot/stack_library.h"

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
  const std::string library = StackLibrary(stack);
  if (!library.empty()) {
    Probe* probe = set.add_probes();
    probe->set_path(library);
    probe->set_why("servicing stack; has a version of its own");
  }
  for (const Probe& probe : set.probes()) images->Read(probe.path());
  return set;
}

}  // namespace patchgate::boot
