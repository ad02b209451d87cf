#include "servicing/xml/xml_stream.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_format.h"

namespace patchgate::xml {
namespace {

// Expat buffers what it is given; pieces keep that small.
constexpr size_t kPiece = 64 << 10;

// One token (a tag with its attributes, a comment) may not be longer: Expat keeps it in memory.
constexpr int kMaxPiecesPerToken = 16;

struct State {
  XML_Parser parser;
  Handler* handler;
  int depth = 0;
  std::string refusal;  // Why the parse was stopped as an error.
  bool done = false;    // The handler has seen enough.
  std::vector<Attribute> attributes;

  void Stop() { XML_StopParser(parser, XML_FALSE); }
  void Refuse(std::string why) {
    refusal = std::move(why);
    Stop();
  }
};

void XMLCALL OnStart(void* data, const XML_Char* name, const XML_Char** raw) {
  auto* state = static_cast<State*>(data);
  if (state->done || !state->refusal.empty()) return;
  if (++state->depth > kMaxDepth) {
    state->Refuse(absl::StrFormat("elements nested deeper than %d", kMaxDepth));
    return;
  }
  state->attributes.clear();
  for (; raw[0] != nullptr; raw += 2) state->attributes.push_back({raw[0], raw[1]});
  if (!state->handler->OnStart(name, state->attributes)) {
    state->done = true;
    state->Stop();
  }
}

void XMLCALL OnEnd(void* data, const XML_Char* name) {
  auto* state = static_cast<State*>(data);
  if (state->done || !state->refusal.empty()) return;
  --state->depth;
  if (!state->handler->OnEnd(name)) {
    state->done = true;
    state->Stop();
  }
}

void XMLCALL OnText(void* data, const XML_Char* text, int size) {
  auto* state = static_cast<State*>(data);
  if (state->done || !state->refusal.empty()) return;
  state->handler->OnText(absl::string_view(text, static_cast<size_t>(size)));
}

void XMLCALL OnDoctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  static_cast<State*>(data)->Refuse("document type declaration is not accepted");
}

}  // namespace

absl::optional<absl::string_view> Find(const std::vector<Attribute>& attributes,
                                       absl::string_view name) {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return attribute.value;
  }
  return absl::nullopt;
}

absl::Status Parse(absl::string_view bytes, Handler* handler) {
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
      XML_ParserCreate(nullptr), &XML_ParserFree);
  if (parser == nullptr) return absl::ResourceExhaustedError("XML: out of memory");
  State state;
  state.parser = parser.get();
  state.handler = handler;
  XML_SetUserData(parser.get(), &state);
  XML_SetElementHandler(parser.get(), OnStart, OnEnd);
  if (handler->wants_text()) XML_SetCharacterDataHandler(parser.get(), OnText);
  XML_SetStartDoctypeDeclHandler(parser.get(), OnDoctype);
  XML_Index token = -1;
  int pieces = 0;
  size_t consumed = 0;
  for (;;) {
    const absl::string_view piece = bytes.substr(0, kPiece);
    bytes.remove_prefix(piece.size());
    const bool last = bytes.empty();
    const XML_Status status =
        XML_Parse(parser.get(), piece.data(), static_cast<int>(piece.size()), last);
    if (state.done) return absl::OkStatus();
    if (status != XML_STATUS_OK) {
      const std::string why =
          state.refusal.empty() ? XML_ErrorString(XML_GetErrorCode(parser.get())) : state.refusal;
      return absl::InvalidArgumentError(
          absl::StrFormat("XML at line %u, byte %d: %s", XML_GetCurrentLineNumber(parser.get()),
                          XML_GetCurrentByteIndex(parser.get()), why));
    }
    if (last) return absl::OkStatus();
    consumed += piece.size();
    handler->OnConsumed(consumed);
    // Expat stays at the start of a token that has no end yet, and gives -1 where it has put off
    // looking at it again.
    const XML_Index position = XML_GetCurrentByteIndex(parser.get());
    pieces = position > token ? 0 : pieces + 1;
    token = std::max(token, position);
    if (pieces > kMaxPiecesPerToken) {
      return absl::InvalidArgumentError(
          absl::StrFormat("XML at byte %d: a single token is longer than %d bytes", token,
                          kMaxPiecesPerToken * static_cast<int>(kPiece)));
    }
  }
}

}  // namespace patchgate::xml
