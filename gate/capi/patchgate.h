/* clang-format off */
/* patchgate as a C library: libpatchgate.so, patchgate.dll.
 *
 *   patchgate_options options;
 *   patchgate_options_init(&options, sizeof(options));
 *   patchgate_verdict *verdict = NULL;
 *   char why[PATCHGATE_ERROR_SIZE];
 *   int32_t error = patchgate_evaluate_directory("/mnt/windows", PATCHGATE_NUL_TERMINATED, &options,
 *                                                &verdict, why, sizeof(why));
 *   if (error != PATCHGATE_OK) refuse(why);
 *   else if (patchgate_verdict_outcome(verdict) != PATCHGATE_GO) refuse("not GO");
 *   patchgate_verdict_free(verdict);
 *
 * Not judged is not GO: whatever goes wrong, refuse.
 *
 * Complete programs: examples/verdict.c, verdict.py, Verdict.cs.
 *
 * Rules of all functions:
 *   - Texts that go in are UTF-8 with their size in bytes, or PATCHGATE_NUL_TERMINATED; none holds
 *     a NUL. Texts that come out are UTF-8, end with a NUL that their size does not count, and live
 *     as long as the object that they are of. What a damaged host says can hold a NUL: go by size.
 *   - A null pointer, a wrong size, a text that is no UTF-8, an unknown number or a handle of the
 *     other kind is PATCHGATE_INVALID_ARGUMENT (or null, 0 or PATCHGATE_INDETERMINATE, where that
 *     is what is returned), never a crash. Only a handle that was freed is not to be used again.
 *   - There is no global state. Calls may run side by side in any number of threads. A verdict does
 *     not change and may be read by several threads at once; it is freed once, by one of them.
 *   - Nothing is printed, no process started, no socket opened, nothing written, no signal or
 *     exception handler touched, and nothing thrown across this boundary. Evidence is read into
 *     memory, not mapped: a file that is cut short meanwhile, or a disk that fails, is evidence
 *     that could not be read. The calling process ends only where its memory does: a large file
 *     that does not fit is PATCHGATE_OUT_OF_MEMORY, a process without any memory left may end.
 *
 * Numbers and structures only grow, and each structure says its size. So a program runs with a
 * newer library than its header: what it does not know of keeps its default. It also runs with an
 * older one, as long as it sets nothing that the library does not know: in options, what lies
 * beyond the structure that the library knows must be zero; in what comes out, it is zero. No
 * structure is larger than 4,096 bytes; a greater size is an error. */
/* clang-format on */
#ifndef GATE_CAPI_PATCHGATE_H_
#define GATE_CAPI_PATCHGATE_H_

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#if defined(PATCHGATE_BUILDING_LIBRARY)
#define PATCHGATE_API __declspec(dllexport)
#else
#define PATCHGATE_API
#endif
#else
#define PATCHGATE_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header. patchgate_abi_version() is that of the library: one that is smaller lacks
 * functions. */
#define PATCHGATE_ABI_VERSION 1u

/* As the size of a text: up to its NUL. */
#define PATCHGATE_NUL_TERMINATED SIZE_MAX

/* Large enough for every error text; a longer one is cut. */
#define PATCHGATE_ERROR_SIZE 1024

/* Errors. No number here is that of an outcome: taking one for the other cannot make a GO. */
enum {
  PATCHGATE_OK = 0,
  PATCHGATE_INVALID_ARGUMENT = 1, /* Of this call: the caller's mistake. */
  PATCHGATE_NOT_FOUND = 2,        /* No such directory. */
  PATCHGATE_ACCESS_DENIED = 3,    /* The system does not let this user open the directory. */
  PATCHGATE_NOT_WINDOWS = 4,      /* It holds no Windows volume, or `esp` no system partition. */
  PATCHGATE_BAD_SNAPSHOT = 5,     /* No snapshot, a damaged one, or one of a newer format. */
  PATCHGATE_BAD_POLICY = 6,
  PATCHGATE_UNSUPPORTED = 7, /* The live host, elsewhere than on Windows. */
  PATCHGATE_CANCELLED = 8,
  PATCHGATE_DEADLINE_EXCEEDED = 9,
  PATCHGATE_OUT_OF_MEMORY = 10, /* As far as that can be told; see above. */
  PATCHGATE_FAILED = 11         /* Anything else; the text says what. */
};

/* Outcomes of a verdict: their ids in the event log. Zero is none. */
enum { PATCHGATE_GO = 1000, PATCHGATE_NO_GO = 1002, PATCHGATE_INDETERMINATE = 1003 };

/* Results of a finding, in rising gravity. */
enum {
  PATCHGATE_PASS = 1,
  PATCHGATE_NOT_APPLICABLE = 2,
  PATCHGATE_INFO = 3,
  PATCHGATE_WARN = 4,
  PATCHGATE_UNKNOWN = 5, /* The check is INDETERMINATE. */
  PATCHGATE_BLOCK = 6
};

enum { PATCHGATE_PROFILE_QUICK = 0, PATCHGATE_PROFILE_FULL = 1 };

typedef struct patchgate_verdict patchgate_verdict;
typedef struct patchgate_cancellation patchgate_cancellation;

/* A text that comes out; `data` is never null. */
typedef struct patchgate_text {
  const char *data;
  size_t size;
} patchgate_text;

/* Set by patchgate_options_init, which knows the defaults; then by the caller. A text is null for
 * none, its size is PATCHGATE_NUL_TERMINATED unless set. */
typedef struct patchgate_options {
  size_t size;     /* Of this structure, as the caller knows it. */
  const char *esp; /* Directory of the system partition; null for none. */
  size_t esp_size;
  const char *policy; /* Text of a policy; null for the default one. */
  size_t policy_size;
  uint64_t now;           /* FILETIME to judge as of, from 2000 on; 0 for the present. */
  uint32_t profile;       /* PATCHGATE_PROFILE_... */
  uint32_t jobs;          /* Threads; 0 for as many as the host runs at once, at most 1024. */
  uint64_t time_limit_ms; /* Of this call, from its start; 0 for none. */
  patchgate_cancellation *cancellation; /* May be null. Must live as long as the call. */
} patchgate_options;

typedef struct patchgate_finding {
  size_t size; /* Of this structure; set by the caller. */
  int32_t result;
  int32_t waived;       /* 1 if a waiver covers it: it is shown, it does not decide. */
  patchgate_text check; /* "cbs.sessions-pending" */
  patchgate_text name;
  patchgate_text summary;
  patchgate_text resolution; /* Empty if nothing is to be done. */
  patchgate_text actor;      /* "administrator", "support", "security", or empty. */
  size_t evidence_count;
} patchgate_finding;

typedef struct patchgate_evidence {
  size_t size; /* Of this structure; set by the caller. */
  patchgate_text where;
  patchgate_text what;
  patchgate_text written; /* RFC 3339, or empty. */
} patchgate_evidence;

PATCHGATE_API uint32_t patchgate_abi_version(void);
PATCHGATE_API const char *patchgate_version(void); /* "0.1.0" */

/* Fills the first `size` bytes of `options`, sizeof(*options), with the defaults. */
PATCHGATE_API int32_t patchgate_options_init(patchgate_options *options, size_t size);

/* Each returns an error and, with PATCHGATE_OK alone, a verdict in `*verdict`, which is null
 * otherwise. `options` may be null. `error_text` (null: not wanted) gets one line of UTF-8 about
 * the error, cut to `error_size` bytes with its NUL; an empty one with PATCHGATE_OK.
 *
 * A cancelled call, or one whose time is up, ends at its next step, as a rule within a second.
 * A thread that calls needs 256 KiB of stack. */
PATCHGATE_API int32_t patchgate_evaluate_directory(const char *root, size_t root_size,
                                                   const patchgate_options *options,
                                                   patchgate_verdict **verdict, char *error_text,
                                                   size_t error_size);
PATCHGATE_API int32_t patchgate_evaluate_live_host(const patchgate_options *options,
                                                   patchgate_verdict **verdict, char *error_text,
                                                   size_t error_size);
/* The bytes of a file that `patchgate collect` wrote. Of the options, those that say how to collect
 * (esp, profile, jobs) are checked and not used. */
PATCHGATE_API int32_t patchgate_evaluate_snapshot(const void *bytes, size_t size,
                                                  const patchgate_options *options,
                                                  patchgate_verdict **verdict, char *error_text,
                                                  size_t error_size);
/* Null does nothing. */
PATCHGATE_API void patchgate_verdict_free(patchgate_verdict *verdict);

PATCHGATE_API int32_t patchgate_verdict_outcome(const patchgate_verdict *verdict);
/* 1 if servicing or an installer is at work on the live host: ask again later. */
PATCHGATE_API int32_t patchgate_verdict_busy(const patchgate_verdict *verdict);
/* The reports that the command line makes: the whole verdict (gate/verdict.proto), and one ASCII
 * line of at most 2,048 bytes; both end with a newline. `size` may be null. */
PATCHGATE_API const char *patchgate_verdict_json(const patchgate_verdict *verdict, size_t *size);
PATCHGATE_API const char *patchgate_verdict_line(const patchgate_verdict *verdict, size_t *size);

/* Findings, worst first. The caller sets `size` in the structure that is to be filled. */
PATCHGATE_API size_t patchgate_finding_count(const patchgate_verdict *verdict);
PATCHGATE_API int32_t patchgate_finding_get(const patchgate_verdict *verdict, size_t index,
                                            patchgate_finding *finding);
PATCHGATE_API int32_t patchgate_evidence_get(const patchgate_verdict *verdict, size_t finding_index,
                                             size_t evidence_index, patchgate_evidence *evidence);

/* A cancellation may be asked for from any thread, before, during and after the calls that it is
 * given to, and ends all of them for good: a new run needs a new one. It is freed when none of them
 * runs any more. Null if there is no memory. */
PATCHGATE_API patchgate_cancellation *patchgate_cancellation_create(void);
PATCHGATE_API void patchgate_cancellation_request(patchgate_cancellation *cancellation);
PATCHGATE_API void patchgate_cancellation_free(patchgate_cancellation *cancellation);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* GATE_CAPI_PATCHGATE_H_ */
