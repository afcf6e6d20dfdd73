// Blocks that are packed anew while changes go on: begun and ended by the writer, done by whoever has the time.
#pragma once

#include "open_papers.hpp"

namespace broadsheet {

class Packing {
 public:
  // Of the blocks of such numbers, each is packed by itself, or, `is_parted`, all together, the open versions apart from
  // the closed ones, as many at a time as a block holds.
  Packing(const Blocks& blocks, std::vector<size_t> numbers, bool is_parted, uint32_t block_slots);
  void run(const Weights& weights);
  void catch_up();  // carries over what has happened to the blocks meanwhile

  const std::vector<size_t>& numbers() const { return numbers_; }
  bool is_parted() const { return is_parted_; }
  const Blocks& packed() const { return packed_; }

 private:
  void carry_deaths();
  void carry_vectors();
  struct To {
    uint32_t packed, slot;
  };

  const std::vector<size_t> numbers_;
  const bool is_parted_;
  Blocks blocks_;  // kept while they are read
  std::vector<Block::Moment> moments_;
  std::vector<std::vector<Block::Source>> groups_;
  std::vector<std::vector<To>> to_;  // where each slot of each block goes
  Blocks packed_;
};

}  // namespace broadsheet
