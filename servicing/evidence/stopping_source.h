// A source that ends when it is told to: every reader then comes to its end by itself.
#ifndef SERVICING_EVIDENCE_STOPPING_SOURCE_H_
#define SERVICING_EVIDENCE_STOPPING_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "servicing/base/stop.h"
#include "servicing/evidence/source.h"

namespace patchgate::evidence {

// Another source, until `stop` asks to end: from then on everything is kCancelled, in open streams
// too. What was collected from it then says "unreadable" and is to be thrown away. Both must
// outlive it.
class StoppingSource : public Source {
 public:
  StoppingSource(const Source& source, const Stop& stop) : source_(source), stop_(stop) {}

  std::string description() const override { return source_.description(); }
  absl::StatusOr<std::unique_ptr<File>> Open(absl::string_view path) const override;
  absl::StatusOr<FileInfo> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<FileInfo>> List(absl::string_view path) const override;
  absl::StatusOr<std::unique_ptr<Stream>> OpenStream(absl::string_view path) const override;
  absl::StatusOr<std::unique_ptr<Source>> Enter(absl::string_view path) const override;
  absl::StatusOr<VolumeSpace> Space() const override;

 private:
  StoppingSource(std::unique_ptr<Source> source, const Stop& stop)
      : owned_(std::move(source)), source_(*owned_), stop_(stop) {}
  absl::Status Check() const;

  const std::unique_ptr<Source> owned_;  // Null unless entered.
  const Source& source_;
  const Stop& stop_;
};

}  // namespace patchgate::evidence

#endif  // SERVICING_EVIDENCE_STOPPING_SOURCE_H_
