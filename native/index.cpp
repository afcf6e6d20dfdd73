#include "index.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace broadsheet {

namespace {
// A block is compacted when so many of its slots are closed that reading over them has cost as much as packing will:
// each slot is then packed at most twice for each version that was closed.
bool is_mostly_closed(const Block& block) { return block.deaths() < block.size() && 2 * block.deaths() >= block.size(); }
constexpr size_t kMostSmall = 8;    // blocks less than half full, as many restarts leave them
constexpr size_t kMostAtOnce = 8;   // blocks that are compacted together
constexpr size_t kMostWaiting = 2;  // full blocks that wait to be packed before changes wait for them
}  // namespace

Index::Index(const Weights& weights, uint32_t block_slots, uint32_t learned_from)
    : weights_(weights), block_slots_(block_slots), learned_from_(learned_from), nothing_(Block::pack(weights_, {}, {})) {
  grow_another();
  publish(0);
}

Index::~Index() {
  const Lock lock(writing_);
  is_closing_ = true;
}

std::shared_ptr<const State> Index::state() const {
  const std::lock_guard lock(showing_);
  return state_;
}

void Index::publish(int64_t position) {
  auto next = std::make_shared<State>();
  next->blocks = state_ && *state_->blocks == blocks_ ? state_->blocks : std::make_shared<const Blocks>(blocks_);
  next->tail = tail_;
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

void Index::forget_words() {
  const Lock lock(writing_);
  use(lexicon_.of_first());
}

void Index::use(Lexicon lexicon) {
  lexicon_ = std::move(lexicon);
  tail().forget_lexicon();
}

void Index::apply(const std::vector<Change>& changes, int64_t position) {
  Lock lock(writing_);
  const auto is_erase = [](const Change& change) { return change.kind == Change::kErase; };
  if (is_packing_ && (std::any_of(changes.begin(), changes.end(), is_erase) || may_learn(changes))) settle(lock);
  packed_.wait(lock, [this] { return !is_packing_ || waiting() < kMostWaiting; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  for (const Change& change : changes) switch (change.kind) {
      case Change::kPut: put(change.draft); break;
      case Change::kEmbed: embed(change.seq, change.paper, change.vector); break;
      case Change::kWithdraw: close(change.seq, change.paper); break;
      default: erase(change.paper);
    }
  remove_erased();
  std::set<uint32_t> embedded;
  for (const Change& change : changes)
    if (change.kind == Change::kEmbed) embedded.insert(static_cast<uint32_t>(change.vector.codes.size()));
  for (const uint32_t dimension : embedded) learn_if_due(dimension);
  publish(std::max(position, state_->position));
  begin_packing();
}

void Index::put(const Draft& draft) {
  close(draft.seq, draft.paper);
  if (tail().size() && (tail().size() >= block_slots_ || !tail().has_room(draft))) grow_another();
  const uint32_t slot = tail().put(draft, lexicon_);
  open_.add(draft.paper, {static_cast<uint32_t>(tail_), slot});
  ++papers_;
  for (int field = 0; field < kFields; ++field) lengths_[field] += draft.lengths[field];
}

void Index::grow_another() {
  tail_ = free_number();
  blocks_[tail_] = std::make_shared<Block>(weights_, averages());
}

size_t Index::free_number() {
  const auto found = std::find(blocks_.begin(), blocks_.end(), nothing_);
  if (found != blocks_.end()) return static_cast<size_t>(found - blocks_.begin());
  blocks_.push_back(nothing_);
  return blocks_.size() - 1;
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
  if (!place) return;
  Block& block = *blocks_[place->block];
  const auto dimension = static_cast<uint32_t>(vector.codes.size());
  Lists* lists = this->lists(dimension);
  for (const Vectors* area = block.vectors(dimension); lists && area; area = block.vectors(dimension, area))
    if (const uint32_t row = area->find(place->slot, kNever - 1); row != kNone) lists->note_replaced(area->born[row], seq);
  block.embed(place->slot, seq, dimension, vector.codes.data(), vector.scale, lists ? lists->nearest(vector.codes.data()) : Lists::kNone);
}

Lists* Index::lists(uint32_t dimension) const {
  for (const auto& one : lists_)
    if (one->dimension == dimension) return one.get();
  return nullptr;
}

uint64_t Index::vectors(uint32_t dimension) const {
  uint64_t size = 0;
  for (const auto& block : blocks_)
    for (const Vectors* area = block->vectors(dimension); area; area = block->vectors(dimension, area)) size += area->rows.load();
  return size;
}

bool Index::may_learn(const std::vector<Change>& changes) const {
  return std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
    const auto dimension = static_cast<uint32_t>(change.vector.codes.size());
    return change.kind == Change::kEmbed && !lists(dimension) && vectors(dimension) + changes.size() >= learned_from_;
  });
}

// Learns lists from the first vectors of a dimension once there are enough of them, and parts all that came into them.
void Index::learn_if_due(uint32_t dimension) {
  if (lists(dimension) || vectors(dimension) < learned_from_) return;
  std::vector<Lists::Row> rows;
  std::vector<std::pair<int64_t, int64_t>> replaced;  // when rows that were replaced already were shut, and when born
  for (const auto& block : blocks_)
    for (const Vectors* area = block->vectors(dimension); area; area = block->vectors(dimension, area))
      for (uint32_t row = 0; row < area->rows.load(); ++row) {
        rows.push_back({area->code(row), area->scales[row], area->born[row]});
        if (area->died[row] != kNever) replaced.emplace_back(area->died[row], area->born[row]);
      }
  std::sort(rows.begin(), rows.end(), [](const Lists::Row& one, const Lists::Row& other) { return one.born < other.born; });
  rows.resize(learned_from_);
  lists_.push_back(std::make_shared<Lists>(dimension, rows));
  Lists& learned = *lists_.back();
  std::sort(replaced.begin(), replaced.end());
  for (const auto& [seq, born] : replaced) learned.note_replaced(born, seq);
  for (const auto& block : blocks_) block->assign(learned);
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
  for (const size_t number : numbers) {
    std::vector<Block::Source> kept;
    for (uint32_t slot = 0; slot < blocks_[number]->size(); ++slot)
      if (!erased_.contains({static_cast<uint32_t>(number), slot})) kept.emplace_back(blocks_[number].get(), slot);
    blocks_[number] = kept.empty() ? nothing_ : Block::pack(weights_, {Block::Moment(*blocks_[number])}, kept);
  }
  if (numbers.contains(tail_)) grow_another();
  erased_.clear();
  open_.read_again();
  use(Lexicon());
}

// Packing

Index::Due Index::due() const {
  std::vector<size_t> mostly_closed, small;
  for (size_t number = 0; number < blocks_.size(); ++number) {
    if (number == tail_) continue;
    const Block& block = *blocks_[number];
    if (block.is_loose()) return {{number}, false};
    if (is_mostly_closed(block))
      mostly_closed.push_back(number);
    else if (block.size() && 2 * block.size() < block_slots_)
      small.push_back(number);
  }
  if (mostly_closed.empty() && small.size() < kMostSmall) return {};
  mostly_closed.insert(mostly_closed.end(), small.begin(), small.end());
  mostly_closed.resize(std::min(mostly_closed.size(), kMostAtOnce));
  return {mostly_closed, true};
}

size_t Index::waiting() const {
  size_t count = 0;
  for (size_t number = 0; number < blocks_.size(); ++number) count += number != tail_ && blocks_[number]->is_growing();
  return count;
}

void Index::begin_packing() {
  if (is_packing_ || due().numbers.empty()) return;
  is_packing_ = true;
  packer_ = std::jthread([this] { pack_all_due(); });  // the one before has ended
}

void Index::pack_all_due() {
  Lock lock(writing_);
  try {
    while (!is_closing_) {
      const Due next = due();
      if (next.numbers.empty()) break;
      auto packing = std::make_unique<Packing>(blocks_, next.numbers, next.is_parted, block_slots_);
      lock.unlock();
      packing->run(weights_);
      lock.lock();
      replace(*packing);
      publish(state_->position);
      packed_.notify_all();
      lock.unlock();
      packing.reset();  // gives back much memory
      lock.lock();
    }
  } catch (...) {
    if (!lock) lock.lock();
    failure_ = std::current_exception();
  }
  is_packing_ = false;
  packed_.notify_all();
}

void Index::settle(Lock& lock) {
  packed_.wait(lock, [this] { return !is_packing_; });
}

// Puts what was packed in the place of the blocks that it was packed from.
void Index::replace(Packing& done) {
  done.catch_up();
  const Blocks& packed = done.packed();
  std::vector<std::pair<size_t, OpenPapers::Place>> moved;
  for (uint32_t number = 0; number < packed.size() && done.is_parted(); ++number)
    for (uint32_t slot = 0; slot < packed[number]->size(); ++slot)
      if (packed[number]->died[slot] == kNever) moved.emplace_back(open_.cell_of(packed[number]->papers[slot]), OpenPapers::Place{number, slot});
  std::vector<uint32_t> numbers(done.numbers().begin(), done.numbers().end());
  for (const uint32_t number : numbers) blocks_[number] = nothing_;
  for (size_t number = 0; number < packed.size(); ++number) {
    if (number >= numbers.size()) numbers.push_back(static_cast<uint32_t>(free_number()));
    blocks_[numbers[number]] = packed[number];
  }
  for (const auto& [cell, place] : moved) open_.move(cell, {numbers[place.block], place.slot});
}

void Index::compact() {
  Lock lock(writing_);
  settle(lock);
  std::vector<size_t> numbers(blocks_.size());
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  Packing packing(blocks_, numbers, true, block_slots_);
  packing.run(weights_);
  blocks_ = packing.packed();
  grow_another();
  open_.read_again();
  use(lexicon_.of_first());
  publish(state_->position);
}

}  // namespace broadsheet
