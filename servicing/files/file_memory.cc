#include "servicing/files/file_memory.h"

#include <utility>

namespace patchgate::files {
namespace {

constexpr uint64_t kMostKept = 64 << 20;

}  // namespace

FileMemory::Turn FileMemory::Take(const evidence::FileInfo& info) {
  if (!info.id.known()) return Turn();
  std::unique_lock<std::mutex> lock(mutex_);
  std::unique_ptr<Entry>& slot = entries_[info.id];
  if (slot == nullptr) slot = std::make_unique<Entry>();
  Entry* const entry = slot.get();  // Stays where it is while the table grows.
  ended_.wait(lock, [&] { return !entry->taken; });
  entry->taken = true;
  return Turn(this, entry, info);
}

FileMemory::Turn::Turn(Turn&& other) noexcept
    : memory_(other.memory_),
      entry_(std::exchange(other.entry_, nullptr)),
      size_(other.size_),
      modified_(other.modified_) {}

FileMemory::Turn::~Turn() {
  if (entry_ == nullptr) return;
  {
    const std::lock_guard<std::mutex> lock(memory_->mutex_);
    entry_->taken = false;
  }
  memory_->ended_.notify_all();
}

const FileFacts* FileMemory::Turn::known() const {
  if (entry_ == nullptr || !entry_->known || entry_->size != size_ ||
      entry_->modified != modified_) {
    return nullptr;
  }
  return &entry_->facts;
}

void FileMemory::Turn::Remember(FileFacts facts) {
  if (entry_ == nullptr) return;
  if (facts.kept && facts.kept->ok()) {
    const uint64_t size = (*facts.kept)->size();
    if (memory_->kept_bytes_.fetch_add(size) + size > kMostKept) {
      memory_->kept_bytes_ -= size;
      facts.kept.reset();
    }
  }
  entry_->known = true;
  entry_->size = size_;
  entry_->modified = modified_;
  entry_->facts = std::move(facts);
}

}  // namespace patchgate::files
