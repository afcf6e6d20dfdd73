#include "packing.hpp"

#include "parallel.hpp"

namespace broadsheet {

Packing::Packing(const Blocks& blocks, std::vector<size_t> numbers, bool is_parted, uint32_t block_slots) : numbers_(std::move(numbers)), is_parted_(is_parted) {
  std::vector<Block::Source> open, closed;
  for (const size_t number : numbers_) {
    const Block& block = *blocks_.emplace_back(blocks[number]);
    moments_.emplace_back(block);
    if (!is_parted) {
      groups_.push_back(block.slots());
      continue;
    }
    for (uint32_t slot = 0; slot < block.size(); ++slot) (block.died[slot] == kNever ? open : closed).emplace_back(&block, slot);
  }
  for (auto* slots : {&closed, &open}) {
    std::stable_sort(slots->begin(), slots->end(), [](const auto& one, const auto& other) { return one.first->born[one.second] < other.first->born[other.second]; });
    for (size_t start = 0; start < slots->size(); start += block_slots) {
      const auto first = slots->begin() + static_cast<ptrdiff_t>(start);
      groups_.emplace_back(first, first + static_cast<ptrdiff_t>(std::min<size_t>(block_slots, slots->size() - start)));
    }
  }
}

void Packing::run(const Weights& weights) {
  packed_.resize(groups_.size());
  in_parallel(groups_.size(), 1, [&](size_t group) { packed_[group] = Block::pack(weights, moments_, groups_[group]); });
  for (const auto& block : blocks_) to_.emplace_back(block->size());
  for (uint32_t group = 0; group < groups_.size(); ++group)
    for (uint32_t slot = 0; slot < groups_[group].size(); ++slot) {
      const auto& [from, old] = groups_[group][slot];
      const auto block = std::find_if(blocks_.begin(), blocks_.end(), [&](const auto& one) { return one.get() == from; }) - blocks_.begin();
      to_[static_cast<size_t>(block)][old] = {group, slot};
    }
}

void Packing::catch_up() {
  carry_deaths();
  carry_vectors();
}

void Packing::carry_deaths() {
  std::vector<std::pair<int64_t, To>> deaths;
  for (size_t number = 0; number < blocks_.size(); ++number)
    for (uint32_t death = moments_[number].deaths; death < blocks_[number]->deaths(); ++death) {
      const uint16_t slot = blocks_[number]->died_slots[death];
      deaths.emplace_back(blocks_[number]->died[slot], to_[number][slot]);
    }
  std::stable_sort(deaths.begin(), deaths.end(), [](const auto& one, const auto& other) { return one.first < other.first; });
  for (const auto& [seq, place] : deaths) packed_[place.packed]->close(place.slot, seq);
}

// Each closes the one that it took the place of, as it did when it came.
void Packing::carry_vectors() {
  struct Row {
    const Vectors* from;
    uint32_t row;
    To to;
    int64_t born() const { return from->born[row]; }
  };
  std::vector<Row> rows;
  for (size_t number = 0; number < blocks_.size(); ++number)
    blocks_[number]->each_vectors([&](const Vectors& area) {
      const auto& areas = moments_[number].areas;
      const auto before = std::find_if(areas.begin(), areas.end(), [&](const auto& one) { return one.vectors == &area; });
      for (uint32_t row = before == areas.end() ? 0 : before->rows; row < area.rows.load(); ++row) rows.push_back({&area, row, to_[number][area.slots[row]]});
    });
  std::stable_sort(rows.begin(), rows.end(), [](const Row& one, const Row& other) { return one.born() < other.born(); });
  for (const auto& [from, row, place] : rows) packed_[place.packed]->embed(place.slot, from->born[row], from->dimension, from->code(row), from->scales[row], from->list[row]);
}

}  // namespace broadsheet
