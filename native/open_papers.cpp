#include "open_papers.hpp"

#include <bit>
#include <utility>

namespace broadsheet {

size_t OpenPapers::first_cell(int64_t paper) const {
  return static_cast<uint64_t>(paper) * 0x9E3779B97F4A7C15u >> (64 - std::countr_zero(cells_.size()));
}

size_t OpenPapers::cell_of(int64_t paper) const {
  size_t place = first_cell(paper);
  while (cells_[place] != kFree && (cells_[place] == kGone || paper_at(cells_[place]) != paper)) place = (place + 1) & (cells_.size() - 1);
  return place;
}

std::optional<OpenPapers::Place> OpenPapers::find(int64_t paper) const {
  const uint32_t cell = cells_[cell_of(paper)];
  if (cell == kFree) return std::nullopt;
  return Place{cell / kSlots, cell % kSlots};
}

void OpenPapers::add(int64_t paper, Place place) {
  if (4 * (used_ + 1) > 3 * cells_.size()) resize(2 * cells_.size());
  size_t cell = first_cell(paper);
  while (cells_[cell] < kGone) cell = (cell + 1) & (cells_.size() - 1);
  used_ += cells_[cell] == kFree;
  cells_[cell] = place.block * kSlots + place.slot;
}

void OpenPapers::remove(int64_t paper) {
  uint32_t& cell = cells_[cell_of(paper)];
  if (cell != kFree) cell = kGone;
}

void OpenPapers::read_again() {
  cells_.assign(kFewest, kFree);
  used_ = 0;
  for (uint32_t number = 0; number < blocks_.size(); ++number)
    for (uint32_t slot = 0; slot < blocks_[number]->size(); ++slot)
      if (blocks_[number]->died[slot] == kNever) add(blocks_[number]->papers[slot], {number, slot});
}

void OpenPapers::resize(size_t size) {
  const std::vector<uint32_t> before = std::exchange(cells_, std::vector<uint32_t>(size, kFree));
  used_ = 0;
  for (const uint32_t cell : before)
    if (cell < kGone) add(paper_at(cell), {cell / kSlots, cell % kSlots});
}

}  // namespace broadsheet
