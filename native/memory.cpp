#include "memory.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <new>
#include <system_error>

namespace broadsheet {

Region::Region(size_t bytes, bool has_huge_pages) : bytes_(bytes) {
  if (!bytes) return;
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<std::byte*>(pages);
  if (has_huge_pages) madvise(pages, bytes, MADV_HUGEPAGE);  // advice: a machine without them does as before
}

Region Region::of_file(int descriptor, size_t offset, size_t bytes) {
  Region region;
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, static_cast<off_t>(offset));
  if (pages == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mapping a snapshot");
  region.data_ = static_cast<std::byte*>(pages);
  region.bytes_ = bytes;
  return region;
}

Region::~Region() {
  if (data_) munmap(data_, bytes_);
}

void* Arena::take(size_t bytes) {
  bytes = (bytes + 7) & ~size_t{7};
  if (bytes > left_) {
    const size_t size = std::max(bytes, kPiece);
    pieces_.emplace_back(size);
    next_ = pieces_.back().data();
    left_ = size;
  }
  void* taken = next_;
  next_ += bytes;
  left_ -= bytes;
  return taken;
}

void Chain::append(uint16_t slot, uint8_t byte, Arena& arena) {
  const uint32_t size = count.load(std::memory_order_relaxed);
  if (!room) {
    const uint32_t capacity = std::min(std::max(size, 4u), kMostInPiece);
    auto* piece = new (arena.take(sizeof(Piece) + capacity * 3)) Piece{.capacity = capacity};
    (last ? last->next : first).store(piece, std::memory_order_release);
    last = piece;
    room = capacity;
  }
  const uint32_t place = last->capacity - room--;
  last->slots()[place] = slot;
  last->bytes()[place] = byte;
  latest = slot;
  if (byte > most.load(std::memory_order_relaxed)) most.store(byte, std::memory_order_relaxed);
  count.store(size + 1, std::memory_order_release);
}

}  // namespace broadsheet
