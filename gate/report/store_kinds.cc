#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "gate/report/store_report.h"

namespace patchgate::gate {
namespace {

// "STORE_LEVEL_PAYLOAD" as "payload".
std::string Word(absl::string_view enum_name, absl::string_view prefix) {
  absl::ConsumePrefix(&enum_name, prefix);
  return absl::StrReplaceAll(absl::AsciiStrToLower(enum_name), {{"_", "-"}});
}

}  // namespace

std::string StoreOutcomeName(StoreVerdict::Outcome outcome) {
  // A verdict that nobody filled is not known to be good.
  if (outcome == StoreVerdict::OUTCOME_UNSPECIFIED) return "UNVERIFIED";
  return StoreVerdict::Outcome_Name(outcome);
}

std::string StoreLevelName(StoreLevel level) {
  if (level == STORE_LEVEL_UNSPECIFIED) return "none";
  return Word(StoreLevel_Name(level), "STORE_LEVEL_");
}

std::string StoreScopeName(StoreScope scope) {
  if (scope == STORE_SCOPE_UNSPECIFIED) return "none";
  return Word(StoreScope_Name(scope), "STORE_SCOPE_");
}

std::string DamageKindName(StoreDamageKind kind) {
  return Word(StoreDamageKind_Name(kind), "STORE_DAMAGE_");
}

absl::string_view DamageKindHeading(StoreDamageKind kind) {
  switch (kind) {
    case MANIFEST_MISSING:
      return "Components whose manifest is missing";
    case MANIFEST_UNINDEXED:
      return "Manifests of components that the index does not have";
    case COMPONENT_IDENTITY_INVALID:
      return "Components without a valid identity";
    case COMPONENT_KEY_MISMATCH:
      return "Components whose key name does not follow from their identity";
    case COMPONENT_HASH_INVALID:
      return "Components without a valid hash of their manifest (S256H)";
    case COMPONENT_UNOWNED:
      return "Components that no deployment owns";
    case DEPLOYMENT_MISSING:
      return "Deployments that something refers to and that are missing";
    case DEPLOYMENT_IDENTITY_INVALID:
      return "Deployments without a valid identity";
    case DEPLOYMENT_KEY_MISMATCH:
      return "Deployments whose key name does not follow from their identity";
    case CATALOG_KEY_MISSING:
      return "Deployments whose catalog the index does not have";
    case CATALOG_MISSING:
      return "Catalogs of the index whose file is missing";
    case CATALOG_UNINDEXED:
      return "Catalog files that the index does not have";
    case PACKAGE_MANIFEST_MISSING:
      return "Packages whose manifest (.mum) is missing";
    case PACKAGE_CATALOG_MISSING:
      return "Packages whose catalog (.cat) is missing";
    case PACKAGE_UNINDEXED:
      return "Package manifests (.mum) that the registry does not have";
    case MANIFEST_UNDECODABLE:
      return "Manifests that cannot be decoded or understood";
    case MANIFEST_HASH_MISMATCH:
      return "Manifests whose hash is not the one in the index";
    case MANIFEST_IDENTITY_MISMATCH:
      return "Manifests that describe another component";
    case CATALOG_HASH_MISMATCH:
      return "Catalogs whose hash is not their name";
    case PAYLOAD_MISSING:
      return "Payload files that are missing from their component's folder";
    case PAYLOAD_HASH_MISMATCH:
      return "Payload files whose hash is not the one in their manifest";
    case PROJECTION_MISSING:
      return "Files that are missing from their place in the system";
    case PROJECTION_MISMATCH:
      return "Files in the system that no component of the store has for their place";
    case STORE_DAMAGE_UNSPECIFIED:
    default:  // A number from elsewhere.
      return "";
  }
}

}  // namespace patchgate::gate
