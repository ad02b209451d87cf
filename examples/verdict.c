/* The verdict on one Windows volume, through the C library: verdict_c DIRECTORY
 * Ends with 0 for GO, 2 for NO_GO, 3 for INDETERMINATE, 1 if nothing was judged. Go on with 0 and
 * with nothing else.
 *
 * DIRECTORY is UTF-8. On Windows, argv has another encoding: a real program takes wmain there, and
 * converts. Here, what is no UTF-8 is an error. */
#include <stdio.h>

#include "patchgate.h"

static void print_reasons(const patchgate_verdict *verdict) {
  size_t i;
  for (i = 0; i < patchgate_finding_count(verdict); ++i) {
    patchgate_finding finding;
    finding.size = sizeof(finding);
    if (patchgate_finding_get(verdict, i, &finding) != PATCHGATE_OK) return;
    if (finding.waived || finding.result < PATCHGATE_UNKNOWN) continue;
    printf("%s %s: %s\n", finding.result == PATCHGATE_BLOCK ? "BLOCK" : "UNKNOWN",
           finding.check.data, finding.name.data);
  }
}

int main(int argc, char **argv) {
  patchgate_options options;
  patchgate_verdict *verdict = NULL;
  char why[PATCHGATE_ERROR_SIZE];
  int32_t outcome;

  if (argc != 2) {
    fprintf(stderr, "usage: verdict_c DIRECTORY\n");
    return 1;
  }
  if (patchgate_options_init(&options, sizeof(options)) != PATCHGATE_OK) return 1;
  options.time_limit_ms = 5 * 60 * 1000;
  if (patchgate_evaluate_directory(argv[1], PATCHGATE_NUL_TERMINATED, &options, &verdict, why,
                                   sizeof(why)) != PATCHGATE_OK) {
    fprintf(stderr, "not judged: %s\n", why);
    return 1;
  }
  print_reasons(verdict);
  fputs(patchgate_verdict_line(verdict, NULL), stdout);
  outcome = patchgate_verdict_outcome(verdict);
  patchgate_verdict_free(verdict);
  return outcome == PATCHGATE_GO ? 0 : outcome == PATCHGATE_NO_GO ? 2 : 3;
}
