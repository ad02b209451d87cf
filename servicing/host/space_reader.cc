#include <string>

#include "servicing/host/platform_reader.h"
#include "servicing/registry/section_reader.h"

namespace patchgate::host {
namespace {

void Measure(const evidence::Source& source, absl::string_view name, VolumeSpace* volume) {
  volume->set_volume(std::string(name));
  Collection* collection = volume->mutable_collection();
  collection->set_source(std::string(name));
  const absl::StatusOr<evidence::VolumeSpace> space = source.Space();
  if (!space.ok()) {
    collection->set_status(Collection::UNREADABLE);
    collection->set_reason(std::string(space.status().message()));
    return;
  }
  collection->set_status(Collection::COLLECTED);
  volume->set_total_bytes(space->total);
  volume->set_free_bytes(space->free);
}

}  // namespace

HostSpace ReadSpace(const registry::Registry& registry, const evidence::Source& source,
                    const evidence::Source* esp) {
  HostSpace facts;
  Measure(source, kWindowsVolume, facts.add_volumes());
  VolumeSpace* partition = facts.add_volumes();
  if (esp != nullptr) {
    Measure(*esp, kSystemPartition, partition);
  } else {
    partition->set_volume(kSystemPartition);
    partition->mutable_collection()->set_source(kSystemPartition);
    partition->mutable_collection()->set_status(Collection::ABSENT);
    partition->mutable_collection()->set_reason("no system partition was given");
  }
  // Absent on nearly every host, and no part of what was measured: its gaps are nobody's.
  Collection part;
  const registry::SectionReader bfsvc(registry, registry::HiveId::kSystem,
                                      "CurrentControlSet\\Control\\Bfsvc", &part);
  if (const auto v = bfsvc.Dword("EspPaddingPercent")) facts.set_esp_padding_percent(*v);
  return facts;
}

}  // namespace patchgate::host
