#include "index.hpp"

#include <utility>

namespace broadsheet {

namespace {
// A block is compacted when so many of its slots are closed that reading over them has cost as much as packing will:
// each slot is then packed at most twice for each version that was closed.
bool is_mostly_closed(const Block& block) { return block.deaths() < block.size() && 2 * block.deaths() >= block.size(); }
constexpr size_t kMostSmall = 8;  // blocks less than half full, as many restarts leave them
}  // namespace

Index::Index(const Weights& weights, uint32_t block_slots, uint32_t learned_from)
    : weights_(weights), block_slots_(block_slots), learned_from_(learned_from), nothing_(Block::pack(weights_, {})) {
  blocks_.push_back(std::make_shared<Block>(weights_, averages()));
  publish(0);
}

std::shared_ptr<const State> Index::state() const {
  const std::lock_guard lock(showing_);
  return state_;
}

void Index::publish(int64_t position) {
  auto next = std::make_shared<State>();
  next->blocks = state_ && *state_->blocks == blocks_ ? state_->blocks : std::make_shared<const Blocks>(blocks_);
  next->published = tail().size();
  next->lists.assign(lists_.begin(), lists_.end());
  next->position = position;
  next->papers = papers_;
  next->lengths = lengths_;
  std::shared_ptr<const State> last;
  const std::lock_guard lock(showing_);
  last = std::exchange(state_, std::move(next));  // given back after the lock
}

Averages Index::averages() const {
  if (papers_ < 1'000) return {8, 110};  // the usual ones of papers, until there are enough of our own
  return {static_cast<double>(lengths_[0]) / static_cast<double>(papers_), static_cast<double>(lengths_[1]) / static_cast<double>(papers_)};
}

void Index::forget_lexicon() {
  lexicon_ = Lexicon();
  tail().forget_lexicon();
}

void Index::apply(const std::vector<Change>& changes, int64_t position) {
  const std::lock_guard lock(writing_);
  for (const Change& change : changes) switch (change.kind) {
      case Change::kPut: put(change.draft); break;
      case Change::kEmbed: embed(change.seq, change.paper, change.vector); break;
      case Change::kWithdraw: close(change.seq, change.paper); break;
      default: erase(change.paper);
    }
  remove_erased();
  compact_if_due();
  std::set<uint32_t> embedded;
  for (const Change& change : changes)
    if (change.kind == Change::kEmbed) embedded.insert(static_cast<uint32_t>(change.vector.codes.size()));
  for (const uint32_t dimension : embedded) learn_if_due(dimension);
  publish(std::max(position, state_->position));
}

void Index::put(const Draft& draft) {
  close(draft.seq, draft.paper);
  if (tail().size() >= block_slots_ || !tail().has_room(draft)) pack_tail();
  const uint32_t slot = tail().put(draft, lexicon_);
  open_.add(draft.paper, {static_cast<uint32_t>(blocks_.size() - 1), slot});
  ++papers_;
  for (int field = 0; field < kFields; ++field) lengths_[field] += draft.lengths[field];
}

void Index::close(int64_t seq, int64_t paper) {
  const auto place = open_.find(paper);
  if (!place) return;
  blocks_[place->block]->close(place->slot, seq);
  forget(paper, *place);
}

void Index::forget(int64_t paper, const OpenPapers::Place& place) {
  open_.remove(paper);
  --papers_;
  for (int field = 0; field < kFields; ++field) lengths_[field] -= blocks_[place.block]->lengths[kFields * place.slot + field];
}

void Index::embed(int64_t seq, int64_t paper, const Vector& vector) {
  const auto place = open_.find(paper);
  if (place) blocks_[place->block]->embed(place->slot, seq, vector, lists(static_cast<uint32_t>(vector.codes.size())));
}

Lists* Index::lists(uint32_t dimension) const {
  for (const auto& one : lists_)
    if (one->dimension == dimension) return one.get();
  return nullptr;
}

// Learns lists from the first vectors of a dimension once there are enough of them, and parts all that came into them.
void Index::learn_if_due(uint32_t dimension) {
  if (lists(dimension)) return;
  std::vector<Lists::Row> rows;
  const auto each = [&](auto visit) {
    for (const auto& block : blocks_)
      for (const Vectors* area = block->vectors(dimension); area; area = block->vectors(dimension, area)) visit(*area);
  };
  uint64_t size = 0;
  each([&](const Vectors& area) { size += area.rows.load(); });
  if (size < learned_from_) return;
  each([&](const Vectors& area) {
    for (uint32_t row = 0; row < area.rows.load(); ++row) rows.push_back({area.code(row), area.scales[row], area.born[row]});
  });
  std::sort(rows.begin(), rows.end(), [](const Lists::Row& one, const Lists::Row& other) { return one.born < other.born; });
  rows.resize(learned_from_);
  lists_.push_back(std::make_shared<Lists>(dimension, rows));
  Lists& learned = *lists_.back();
  std::vector<std::pair<int64_t, int64_t>> replaced;  // when rows that were replaced already were born, and when shut
  each([&](const Vectors& area) {
    for (uint32_t row = 0; row < area.rows.load(); ++row)
      if (area.died[row] != kNever) replaced.emplace_back(area.died[row], area.born[row]);
  });
  std::sort(replaced.begin(), replaced.end());
  for (const auto& [seq, born] : replaced) learned.note_replaced(born, seq);
  for (size_t number = 0; number < blocks_.size(); ++number) {
    if (!blocks_[number]->vectors(dimension)) continue;
    blocks_[number]->assign(learned);
    if (blocks_[number]->is_growing()) continue;
    blocks_[number] = Block::pack(weights_, blocks_[number]->slots());
  }
}

void Index::erase(int64_t paper) {
  if (const auto place = open_.find(paper)) forget(paper, *place);
  for (uint32_t number = 0; number < blocks_.size(); ++number)
    for (uint32_t slot = 0; slot < blocks_[number]->size(); ++slot)
      if (blocks_[number]->papers[slot] == paper) erased_.emplace(number, slot);
}

// What is erased leaves no trace: the blocks that held it are packed anew without it.
void Index::remove_erased() {
  if (erased_.empty()) return;
  std::set<size_t> numbers;
  for (const auto& [number, slot] : erased_) numbers.insert(number);
  const size_t last = blocks_.size() - 1;
  for (const size_t number : numbers) {
    std::vector<Block::Source> kept;
    for (uint32_t slot = 0; slot < blocks_[number]->size(); ++slot)
      if (!erased_.contains({static_cast<uint32_t>(number), slot})) kept.emplace_back(blocks_[number].get(), slot);
    blocks_[number] = kept.empty() ? nothing_ : Block::pack(weights_, kept);
  }
  if (numbers.contains(last)) {  // what is left of the last block moves to where nothing is, and another one grows
    const auto place = std::find(blocks_.begin(), blocks_.end(), nothing_);
    if (place == blocks_.end())
      blocks_.push_back(nullptr);
    else
      *place = blocks_[last];
    blocks_.back() = std::make_shared<Block>(weights_, averages());
  }
  erased_.clear();
  open_.read_again();
  forget_lexicon();
}

void Index::pack_tail() {
  if (tail().size()) {
    // Erased slots keep their numbers until the end of the batch, since packing keeps the order of slots.
    blocks_.back() = Block::pack(weights_, tail().slots());
    blocks_.push_back(nullptr);
  }
  blocks_.back() = std::make_shared<Block>(weights_, averages());
}

void Index::compact_if_due() {
  std::set<size_t> due, small;
  for (size_t number = 0; number + 1 < blocks_.size(); ++number) {
    if (is_mostly_closed(*blocks_[number])) due.insert(number);
    if (blocks_[number]->size() && 2 * blocks_[number]->size() < block_slots_) small.insert(number);
  }
  if (small.size() >= kMostSmall || !due.empty()) due.merge(small);
  if (!due.empty()) repack(due);
}

void Index::compact() {
  const std::lock_guard lock(writing_);
  pack_tail();
  std::set<size_t> numbers;
  for (size_t number = 0; number + 1 < blocks_.size(); ++number) numbers.insert(number);
  repack(numbers);
  while (blocks_.size() > 1 && blocks_[blocks_.size() - 2] == nothing_) blocks_.erase(blocks_.end() - 2);
  forget_lexicon();
  publish(state_->position);
}

// Packs the slots of some blocks anew: the open ones together, the closed ones together, each in the order of birth.
void Index::repack(std::set<size_t> numbers) {
  std::vector<Block::Source> open, closed;
  for (const size_t number : numbers)
    for (uint32_t slot = 0; slot < blocks_[number]->size(); ++slot)
      (blocks_[number]->died[slot] == kNever ? open : closed).emplace_back(blocks_[number].get(), slot);
  Blocks packed;
  for (auto* slots : {&closed, &open}) {
    std::stable_sort(slots->begin(), slots->end(), [](const auto& one, const auto& other) { return one.first->born[one.second] < other.first->born[other.second]; });
    for (size_t start = 0; start < slots->size(); start += block_slots_) {
      const auto first = slots->begin() + static_cast<ptrdiff_t>(start);
      packed.push_back(Block::pack(weights_, {first, first + static_cast<ptrdiff_t>(std::min<size_t>(block_slots_, slots->size() - start))}));
    }
  }
  for (size_t number = 0; number + 1 < blocks_.size() && numbers.size() < packed.size(); ++number)
    if (!blocks_[number]->size()) numbers.insert(number);
  if (numbers.size() < packed.size()) {  // the last block moves on to make room
    numbers.insert(blocks_.size() - 1);
    blocks_.push_back(blocks_.back());
  }
  for (const size_t number : numbers) {
    blocks_[number] = packed.empty() ? nothing_ : packed.back();
    if (!packed.empty()) packed.pop_back();
  }
  open_.read_again();
}

}  // namespace broadsheet
