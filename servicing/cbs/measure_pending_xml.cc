// Reads Windows/WinSxS/pending.xml of a volume and prints what that took: measure_pending_xml
// FOLDER. Linux only.

#include <sys/resource.h>

#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "servicing/cbs/pending_xml_reader.h"
#include "servicing/evidence/directory_source.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: measure_pending_xml FOLDER\n";
    return 2;
  }
  const auto volume = patchgate::evidence::OpenDirectory(argv[1]);
  if (!volume.ok()) {
    std::cerr << volume.status() << "\n";
    return 1;
  }
  const auto listing = (*volume)->List("Windows/WinSxS");
  if (!listing.ok()) {
    std::cerr << listing.status() << "\n";
    return 1;
  }
  patchgate::Collection store;
  store.set_status(patchgate::Collection::COLLECTED);
  const absl::Time start = absl::Now();
  const patchgate::PendingXml facts = patchgate::cbs::ReadPendingXml(**volume, store, *listing);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  const double mebibytes = static_cast<double>(facts.size()) / (1 << 20);

  std::ifstream cpu("/proc/cpuinfo");
  for (std::string line; std::getline(cpu, line);) {
    if (!absl::StartsWith(line, "model name")) continue;
    std::cout << line << "\n";
    break;
  }
  std::cout << absl::StrFormat(
      "%.1f MiB in %.2f s: %.0f MiB/s\nwhole %d, operations %d, gaps %d, sources %d, checked %d, "
      "missing %d\n",
      mebibytes, seconds, mebibytes / seconds, facts.whole(), facts.operations_total(),
      facts.collection().gaps_size(), facts.sources_total(), facts.sources_checked(),
      facts.missing_sources_total());
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::cout << absl::StrFormat("peak resident set %.1f MiB, mapped pages of the file included\n",
                               static_cast<double>(usage.ru_maxrss) / 1024);
  return 0;
}
