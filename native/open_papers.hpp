// Where the open version of each paper stands. A place takes four bytes: whose it is, is read where it points to.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "block.hpp"

namespace broadsheet {

using Blocks = std::vector<std::shared_ptr<Block>>;

class OpenPapers {
 public:
  struct Place {
    uint32_t block, slot;
  };

  explicit OpenPapers(const Blocks& blocks) : blocks_(blocks), cells_(kFewest, kFree) {}
  std::optional<Place> find(int64_t paper) const;
  void add(int64_t paper, Place place);  // of a paper that has none
  void remove(int64_t paper);            // if it has one
  void read_again();                     // once slots have moved within the blocks
  // A paper's place changes in two steps: its cell is found before the blocks change, and the place noted there after.
  size_t cell_of(int64_t paper) const;  // or that of the free one at which looking for it ends
  void move(size_t cell, Place place) { cells_[cell] = place.block * kSlots + place.slot; }

 private:
  static constexpr size_t kFewest = 1024;
  static constexpr uint32_t kFree = UINT32_MAX, kGone = kFree - 1;  // blocks are far fewer than such places would need
  size_t first_cell(int64_t paper) const;
  int64_t paper_at(uint32_t cell) const { return blocks_[cell / kSlots]->papers[cell % kSlots]; }
  void resize(size_t size);

  const Blocks& blocks_;
  std::vector<uint32_t> cells_;  // block number and slot; a hash table with linear probing
  size_t used_ = 0;              // cells that are not free
};

}  // namespace broadsheet
