// Early return on an error status; Abseil of this version has no such macros.
#ifndef SERVICING_BASE_STATUS_MACROS_H_
#define SERVICING_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define PG_RETURN_IF_ERROR(expr)             \
  do {                                       \
    absl::Status pg_status_ = (expr);        \
    if (!pg_status_.ok()) return pg_status_; \
  } while (false)

#define PG_MACRO_CONCAT_INNER_(a, b) a##b
#define PG_MACRO_CONCAT_(a, b) PG_MACRO_CONCAT_INNER_(a, b)
#define PG_ASSIGN_OR_RETURN(lhs, expr) \
  PG_ASSIGN_OR_RETURN_IMPL_(PG_MACRO_CONCAT_(pg_statusor_, __LINE__), lhs, expr)
#define PG_ASSIGN_OR_RETURN_IMPL_(statusor, lhs, expr) \
  auto statusor = (expr);                              \
  if (!statusor.ok()) return statusor.status();        \
  lhs = std::move(statusor).value()

#endif  // SERVICING_BASE_STATUS_MACROS_H_
