// Inverted lists over the vectors of one dimension: centres, and for each vector the nearest of them. A search looks
// only at the vectors of the centres nearest to what it seeks (Jégou, Douze, Schmid, "Product quantization for nearest
// neighbor search", 2011).
//
// What is found must depend on the journal alone, not on when a process started or a block was packed. So the centres
// are learned once, from the first vectors that came, and serve the searches from that sequence number on, for ever;
// until half of what they were learned from is replaced, as when the model changes: then all vectors are looked at.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "memory.hpp"

namespace broadsheet {

struct Vector {
  std::vector<int8_t> codes;
  double scale = 0;
};

class Lists {
 public:
  static constexpr uint32_t kLearnedFrom = 1 << 16;  // how many vectors it takes
  static constexpr uint16_t kNone = 0xFFFF;          // the list of a vector that came before
  struct Row {
    const int8_t* code;
    double scale;
    int64_t born;
  };

  // Learns from rows in the order of their birth; the last one's is where searches begin to use the lists.
  Lists(uint32_t dimension, const std::vector<Row>& rows);
  Lists(uint32_t dimension, uint32_t size, const int8_t* centres);  // those that were learned

  uint16_t nearest(const int8_t* code) const;
  void assign(const int8_t* codes, uint32_t rows, uint16_t* lists) const;  // the nearest of each row
  std::vector<uint16_t> probed(const Vector& vector) const;  // those that a search looks into, in rising order
  bool serves(int64_t at) const { return from <= at && at < seen(until); }
  void note_replaced(int64_t born_at, int64_t seq) {
    if (born_at <= from && ++replaced == learned / 2) show(until, seq);
  }
  uint32_t size() const { return static_cast<uint32_t>(scales_.size()); }
  const std::vector<int8_t>& centres() const { return centres_; }

  const uint32_t dimension;
  int64_t from = 0, until = INT64_MAX;
  uint64_t learned = 0, replaced = 0;

 private:
  void move_to_means(const std::vector<Row>& rows);
  void read_centres();
  const std::vector<double>& cosines(const int8_t* code) const;  // with each centre, times the length of what is compared

  std::vector<int8_t> centres_;
  std::vector<double> scales_;  // of each centre: 1 / its length
  Region beside_;               // the centres, as the kernels take them
};

// The signs of a vector's components, into the row's place among those of eight rows that lie word by word beside each other.
void write_signs(const int8_t* code, uint32_t dimension, uint64_t* bits, size_t row);

}  // namespace broadsheet
