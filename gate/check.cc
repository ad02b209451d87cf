#include "gate/check.h"

#include "absl/strings/str_cat.h"

namespace patchgate::gate {

void FindingBuilder::Report(Finding::Result result, absl::string_view summary,
                            absl::string_view where, absl::string_view what, FileTime written) {
  Judge(result, summary);
  Evidence(where, what, written);
}

void FindingBuilder::Judge(Finding::Result result, absl::string_view summary) {
  if (result <= finding_.result()) return;
  finding_.set_result(result);
  finding_.set_summary(std::string(summary));
}

void FindingBuilder::Advise(absl::string_view resolution, absl::string_view actor) {
  finding_.set_resolution(std::string(resolution));
  finding_.set_actor(std::string(actor));
}

void FindingBuilder::Evidence(absl::string_view where, absl::string_view what, FileTime written) {
  EvidenceLine* line = finding_.add_evidence();
  line->set_where(std::string(where));
  line->set_what(std::string(what));
  if (written != 0) line->set_written(FormatFileTime(written));
}

void FindingBuilder::Needs(const Collection& section) {
  switch (section.status()) {
    case Collection::COLLECTED:
    case Collection::ABSENT:
      break;
    case Collection::UNREADABLE:
      Indeterminate(absl::StrCat("could not be measured: ", section.reason()), section.source(),
                    section.reason());
      break;
    default:
      Indeterminate("could not be measured: the snapshot does not hold this section",
                    section.source(), "not collected");
      break;
  }
  for (const Gap& gap : section.gaps()) {
    Indeterminate(absl::StrCat("could not be measured in full: ", gap.where(), ": ", gap.what()),
                  gap.where(), gap.what());
  }
}

Finding FindingBuilder::Finish(Finding::Result quiet, absl::string_view summary) {
  if (finding_.result() == Finding::RESULT_UNSPECIFIED) {
    finding_.set_result(quiet);
    finding_.set_summary(std::string(summary));
  }
  return std::move(finding_);
}

Finding FindingBuilder::Done(absl::string_view pass_summary) {
  return Finish(Finding::PASS, pass_summary);
}

Finding FindingBuilder::NotApplicable(absl::string_view summary) {
  return Finish(Finding::NOT_APPLICABLE, summary);
}

std::string CbsKey(absl::string_view below) {
  return absl::StrCat("SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\",
                      below);
}

}  // namespace patchgate::gate
