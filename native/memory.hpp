// Memory that never moves while somebody reads it: pages, fixed arrays over them, and lists that grow at their end.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

namespace broadsheet {

// Pages of memory, given back at the end: of the machine, untouched ones cost nothing; or of a file, changes stay ours.
// Huge pages save the walks that reading here and there in much memory costs.
class Region {
 public:
  Region() = default;
  explicit Region(size_t bytes, bool has_huge_pages = false);
  static Region of_file(int descriptor, size_t offset, size_t bytes);
  Region(Region&& other) noexcept : data_(other.data_), bytes_(other.bytes_) { other.data_ = nullptr; }
  Region& operator=(Region&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Region();
  std::byte* data() const { return data_; }
  size_t size() const { return bytes_; }

 private:
  std::byte* data_ = nullptr;
  size_t bytes_ = 0;
};

// Values that the one writer may change while readers look at them.
template <class T>
T seen(const T& value) {
  return std::atomic_ref<T>(const_cast<T&>(value)).load(std::memory_order_acquire);
}
template <class T>
void show(T& place, T value) {
  std::atomic_ref<T>(place).store(value, std::memory_order_release);
}

// Small pieces of memory, given back all together. One writer.
class Arena {
 public:
  void* take(size_t bytes);

 private:
  static constexpr size_t kPiece = 1 << 20;
  std::vector<Region> pieces_;
  std::byte* next_ = nullptr;
  size_t left_ = 0;
};

// A list of rising slots, each with a byte, in pieces of doubling size: readers walk it while the writer appends.
struct Chain {
  struct Piece {
    std::atomic<Piece*> next{nullptr};
    uint32_t capacity;
    uint16_t* slots() { return reinterpret_cast<uint16_t*>(this + 1); }
    uint8_t* bytes() { return reinterpret_cast<uint8_t*>(slots() + capacity); }
  };
  static constexpr uint32_t kMostInPiece = 2048;

  std::atomic<uint32_t> count{0};
  std::atomic<uint8_t> most{0};  // the greatest byte
  std::atomic<Piece*> first{nullptr};
  Piece* last = nullptr;
  uint32_t room = 0;
  uint16_t latest = 0;

  bool ends_with(uint16_t slot) const { return count.load(std::memory_order_relaxed) && latest == slot; }
  void append(uint16_t slot, uint8_t byte, Arena& arena);
  void prefetch() const {  // what `append` will write to
    if (!last) return;
    __builtin_prefetch(last->slots() + (last->capacity - room), 1);
    __builtin_prefetch(last->bytes() + (last->capacity - room), 1);
  }

  // Calls with (slots, bytes, how many) until `limit` entries were seen.
  template <class Visit>
  void walk(uint32_t limit, Visit visit) const {
    uint32_t left = std::min(limit, count.load(std::memory_order_acquire));
    for (Piece* piece = first.load(std::memory_order_acquire); left; piece = piece->next.load(std::memory_order_acquire)) {
      const uint32_t size = std::min(left, piece->capacity);
      visit(piece->slots(), piece->bytes(), size);
      left -= size;
    }
  }
};

}  // namespace broadsheet
