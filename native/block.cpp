#include "block.hpp"

#include <malloc.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

#include "kernels.hpp"

namespace broadsheet {

namespace {

// What a growing block may come to hold; memory that is not touched costs nothing.
constexpr uint64_t kMostText = 1 << 27, kMostRare = 1 << 26, kMostTerms = 1 << 23, kMostLetters = 1 << 28;
constexpr uint32_t kFirstCells = 1 << 10;
constexpr uint64_t kGrowing = UINT64_MAX;
constexpr size_t kManyBytes = 1 << 25;

// Hands out parts of one piece of memory; without one it only adds up.
class Layout {
 public:
  explicit Layout(std::byte* base) : base_(base) {}
  template <class T>
  void place(T*& part, uint64_t count) {
    if (base_) part = reinterpret_cast<T*>(base_ + offset_);
    skip(count * sizeof(T));
  }
  std::byte* skip(uint64_t bytes) {
    std::byte* part = base_ ? base_ + offset_ : nullptr;
    offset_ += (bytes + 63) & ~uint64_t{63};
    return part;
  }
  uint64_t size() const { return offset_; }

 private:
  std::byte* base_;
  uint64_t offset_ = 0;
};

bool is_word(std::string_view term) { return !term.empty() && static_cast<unsigned char>(term[0]) >= ' '; }

}  // namespace

double saturation(const Weights& weights, const uint32_t* counts, const uint32_t* lengths, const Averages& averages) {
  double frequency = 0;
  for (int field = 0; field < kFields; ++field) {
    const double relative = averages[field] ? lengths[field] / averages[field] : 1.0;
    frequency += weights.field[field] * counts[field] / ((1 - weights.b[field]) + weights.b[field] * relative);
  }
  return frequency / (weights.k1 + frequency);
}

const std::vector<uint32_t>& Tally::count(const uint32_t* text, uint32_t title, uint32_t both, size_t terms) {
  for (const uint32_t term : met_) frequencies_[term] = {};
  met_.clear();
  if (frequencies_.size() < terms) frequencies_.resize(terms + 4096);
  for (uint32_t place = 0; place < both; ++place) {
    if (place + kAhead < both) __builtin_prefetch(&frequencies_[text[place + kAhead]], 1);
    auto& frequency = frequencies_[text[place]];
    if (!frequency[0] && !frequency[1]) met_.push_back(text[place]);
    ++frequency[place >= title];
  }
  return met_;
}

// Vectors

size_t Vectors::lay_out(Vectors* vectors, std::byte* base, uint32_t dimension, uint32_t capacity, uint32_t lists) {
  Vectors none(0, 0, 0, nullptr);
  Vectors& to = vectors ? *vectors : none;
  Layout layout(base);
  layout.place(to.codes, uint64_t{capacity} * dimension);
  layout.place(to.bits, uint64_t{(capacity + 7) / 8 * 8} * ((dimension + 63) / 64));
  layout.place(to.scales, capacity);
  layout.place(to.born, capacity);
  layout.place(to.died, capacity);
  layout.place(to.older, capacity);
  layout.place(to.slots, capacity);
  layout.place(to.list, capacity);
  layout.place(to.latest, kSlots);
  if (lists) layout.place(to.starts, lists + 1);
  return layout.size();
}

Vectors::Vectors(uint32_t dimension, uint32_t capacity)
    : dimension(dimension), words((dimension + 63) / 64), capacity(capacity), lists(0), memory(lay_out(nullptr, nullptr, dimension, capacity, 0)) {
  lay_out(this, memory.data(), dimension, capacity, 0);
}

Vectors::Vectors(uint32_t dimension, uint32_t rows, uint32_t lists, std::byte* image)
    : dimension(dimension), words((dimension + 63) / 64), capacity(rows), lists(lists), rows(rows) {
  if (!image) return;
  lay_out(this, image, dimension, rows, lists);
  closed.store(static_cast<uint32_t>(std::count_if(died, died + rows, [](int64_t seq) { return seq != kNever; })));
  if (lists && rows) youngest = *std::max_element(born, born + rows);
}

uint32_t Vectors::find(uint32_t slot, int64_t at) const {
  uint32_t row = seen(latest[slot]);
  while (row && born[row - 1] > at) row = older[row - 1];
  return row && is_open(row - 1, at) ? row - 1 : kNone;
}

uint32_t Vectors::rows_at(int64_t at) const {
  const uint32_t count = rows.load(std::memory_order_acquire);
  return lists ? count : static_cast<uint32_t>(std::upper_bound(born, born + count, at) - born);
}

uint32_t Vectors::born_at(int64_t at) const {
  const uint32_t count = rows_at(at);
  return youngest <= at ? count : static_cast<uint32_t>(std::count_if(born, born + count, [at](int64_t seq) { return seq <= at; }));
}

void Vectors::write(uint32_t row, uint32_t slot, int64_t seq, const int8_t* code, double scale, uint16_t to_list) {
  std::memcpy(codes + size_t{row} * dimension, code, dimension);
  write_signs(code, dimension, bits, row);
  scales[row] = scale;
  born[row] = seq;
  died[row] = kNever;
  older[row] = latest[slot];
  slots[row] = static_cast<uint16_t>(slot);
  list[row] = to_list;
}

void Vectors::add(uint32_t slot, int64_t seq, const int8_t* code, double scale, uint16_t to_list) {
  const uint32_t row = rows.load(std::memory_order_relaxed);
  write(row, slot, seq, code, scale, to_list);
  rows.store(row + 1, std::memory_order_release);
  show(latest[slot], row + 1);
}

// Making a block

size_t Block::lay_out(Block* block, std::byte* base, const Sizes& sizes) {
  std::unique_ptr<Block> none;
  if (!block) none = std::make_unique<Block>(Weights{}, Sizes{}, Region());
  Block& to = block ? *block : *none;
  const bool is_packed = sizes.postings != kGrowing;
  Layout layout(base);
  if (is_packed) layout.place(to.area_sizes_, 3 * sizes.areas);
  layout.place(to.papers, sizes.slots);
  layout.place(to.born, sizes.slots);
  layout.place(to.died, sizes.slots);
  layout.place(to.days, sizes.slots);
  layout.place(to.lengths, sizes.slots * kFields);
  layout.place(to.counts, sizes.slots * kFields);
  layout.place(to.text_starts_, sizes.slots + 1);
  layout.place(to.rare_starts_, sizes.slots + 1);
  layout.place(to.rare_, sizes.rare);
  layout.place(to.letter_starts_, sizes.terms + 1);
  layout.place(to.died_slots, sizes.slots);
  layout.place(to.text_, sizes.text);
  layout.place(to.letters_, sizes.letters);
  if (!is_packed) {
    layout.place(to.chains_, sizes.terms);
    return layout.size();
  }
  layout.place(to.cells_, sizes.cells);
  layout.place(to.posting_starts_, sizes.terms + 1);
  layout.place(to.dead_starts_, sizes.terms + 1);
  layout.place(to.posting_slots_, sizes.postings);
  layout.place(to.dead_, sizes.dead_postings);
  layout.place(to.posting_impacts_, sizes.postings);
  layout.place(to.mosts_, sizes.terms);
  if (!base) return layout.size() + sizes.area_bytes;
  std::atomic<Vectors*>* last = &to.areas_;
  for (uint64_t area = 0; area < sizes.areas; ++area) {
    uint32_t sizes_of[3];
    std::copy(to.area_sizes_ + 3 * area, to.area_sizes_ + 3 * area + 3, sizes_of);
    const auto [dimension, rows, lists] = sizes_of;
    std::byte* image = layout.skip(Vectors::lay_out(nullptr, nullptr, dimension, rows, lists));
    to.owned_.push_back(std::make_unique<Vectors>(dimension, rows, lists, image));
    last->store(to.owned_.back().get());
    last = &to.owned_.back()->next;
  }
  return layout.size();
}

bool Block::can_hold(const Region& image, const Sizes& sizes) {
  const uint64_t most = image.size();
  for (const uint64_t part : {sizes.text, sizes.rare, sizes.terms, sizes.letters, sizes.cells, sizes.postings, sizes.dead_postings, sizes.areas, sizes.area_bytes})
    if (part > most) return false;
  if (sizes.slots > kSlots || sizes.deaths > sizes.slots || !std::has_single_bit(sizes.cells) || sizes.cells <= sizes.terms) return false;
  if (lay_out(nullptr, nullptr, sizes) != most) return false;
  uint64_t bytes = 0;
  for (uint64_t area = 0; area < sizes.areas; ++area) {
    uint64_t sizes_of[3];
    std::memcpy(sizes_of, image.data() + sizeof sizes_of * area, sizeof sizes_of);
    const auto [dimension, rows, lists] = sizes_of;
    if (!dimension || dimension > most || rows > most || dimension * rows > most || lists > Lists::kNone) return false;
    bytes += Vectors::lay_out(nullptr, nullptr, static_cast<uint32_t>(dimension), static_cast<uint32_t>(rows), static_cast<uint32_t>(lists));
  }
  return bytes == sizes.area_bytes;
}

Block::Block(const Weights& weights, const Averages& averages) : weights_(weights) {
  sizes_ = {.slots = kSlots, .text = kMostText, .rare = kMostRare, .terms = kMostTerms, .letters = kMostLetters, .cells = 0,
            .postings = kGrowing, .deaths = 0, .dead_postings = 0, .areas = 0, .area_bytes = 0, .averages = averages};
  image_ = Region(lay_out(nullptr, nullptr, sizes_));
  lay_out(this, image_.data(), sizes_);
  sizes_.terms = sizes_.letters = sizes_.text = sizes_.rare = 0;
  write_term(0);  // separates names
  sizes_.terms = 1;
  publish_cells(kFirstCells);
}

Block::Block(const Weights& weights, const Sizes& sizes, Region image)
    : weights_(weights), sizes_(sizes), size_(static_cast<uint32_t>(sizes.slots)), image_(std::move(image)) {
  if (!image_.data()) return;
  lay_out(this, image_.data(), sizes_);
  deaths_.store(static_cast<uint32_t>(sizes.deaths));
  note_deaths(deaths() / kDeathsANote * kDeathsANote);
  tables_.emplace_back(std::make_unique<Cells>(sizes.cells - 1, cells_), std::vector<uint32_t>());
  table_.store(tables_.back().first.get());
}

Block::~Block() = default;

std::vector<Block::Source> Block::slots() const {
  std::vector<Source> all;
  for (uint32_t slot = 0; slot < size_; ++slot) all.emplace_back(this, slot);
  return all;
}

// Dictionary

uint32_t Block::find(std::string_view term) const {
  const Cells& table = *table_.load(std::memory_order_acquire);
  for (uint64_t place = hash(term) & table.mask;; place = (place + 1) & table.mask) {
    const uint32_t found = seen(table.cells[place]);
    if (!found) return kNone;
    if (this->term(found - 1) == term) return found - 1;
  }
}

void Block::write_term(uint32_t term) {
  letter_starts_[term + 1] = static_cast<uint32_t>(sizes_.letters);
  if (!table_.load(std::memory_order_relaxed)) return;
  if (2 * sizes_.terms > table_.load(std::memory_order_relaxed)->mask) {
    publish_cells(4 * sizes_.terms);
    return;
  }
  const Cells& table = *table_.load(std::memory_order_relaxed);
  uint64_t place = hash(this->term(term)) & table.mask;
  while (table.cells[place]) place = (place + 1) & table.mask;
  show(table.cells[place], term + 1);
}

void Block::publish_cells(uint64_t size) {
  std::vector<uint32_t> cells(std::bit_ceil(size), 0);
  const uint64_t mask = cells.size() - 1;
  for (uint32_t term = 0; term < sizes_.terms; ++term) {
    uint64_t place = hash(this->term(term)) & mask;
    while (cells[place]) place = (place + 1) & mask;
    cells[place] = term + 1;
  }
  auto table = std::make_unique<Cells>(mask, cells.data());
  tables_.emplace_back(std::move(table), std::move(cells));
  table_.store(tables_.back().first.get(), std::memory_order_release);
}

uint32_t Block::local(uint32_t number, const Lexicon& lexicon) {
  if (number >= local_.size()) local_.resize(std::max<size_t>(lexicon.size(), number + 1), 0);
  if (!local_[number]) {
    const std::string_view text = lexicon.text(number);
    uint32_t term = find(text);
    if (term == kNone) {
      term = static_cast<uint32_t>(sizes_.terms++);
      std::memcpy(letters_ + sizes_.letters, text.data(), text.size());
      sizes_.letters += text.size();
      write_term(term);
    }
    local_[number] = term + 1;
  }
  return local_[number] - 1;
}

// Writing

bool Block::has_room(const Draft& draft) const {
  const uint64_t more = draft.text.size() + draft.keys.size();
  return size_ < kSlots && sizes_.text + more < kMostText && sizes_.rare + more < kMostRare &&
         sizes_.terms + more < kMostTerms && sizes_.letters < kMostLetters / 2;
}

uint32_t Block::put(const Draft& draft, const Lexicon& lexicon) {
  const uint32_t slot = size_;
  papers[slot] = draft.paper;
  born[slot] = draft.seq;
  died[slot] = kNever;
  days[slot] = draft.day;
  std::copy(draft.lengths.begin(), draft.lengths.end(), lengths + kFields * slot);
  std::copy(draft.counts.begin(), draft.counts.end(), counts + kFields * slot);
  constexpr size_t kAhead = Tally::kAhead;
  locals_.clear();
  for (size_t place = 0; place < draft.text.size(); ++place) {
    if (place + kAhead < draft.text.size() && draft.text[place + kAhead] < local_.size()) __builtin_prefetch(&local_[draft.text[place + kAhead]]);
    locals_.push_back(draft.text[place] == kNone ? 0 : local(draft.text[place], lexicon));
  }
  for (const uint32_t term : locals_) {
    text_[sizes_.text++] = static_cast<uint16_t>(std::min<uint32_t>(term, kRare));
    if (term >= kRare) rare_[sizes_.rare++] = term;
  }
  text_starts_[slot + 1] = static_cast<uint32_t>(sizes_.text);
  rare_starts_[slot + 1] = static_cast<uint32_t>(sizes_.rare);
  const std::vector<uint32_t>& terms = tally_.count(locals_.data(), draft.counts[0], draft.counts[0] + draft.counts[1], sizes_.terms);
  for (size_t number = 0; number < terms.size(); ++number) {
    if (number + 2 * kAhead < terms.size()) __builtin_prefetch(chains_ + terms[number + 2 * kAhead]);
    if (number + kAhead < terms.size()) chains_[terms[number + kAhead]].prefetch();
    const double part = saturation(weights_, tally_[terms[number]], lengths + kFields * slot, sizes_.averages);
    chains_[terms[number]].append(static_cast<uint16_t>(slot), static_cast<uint8_t>(std::ceil(255 * part)), arena_);
  }
  for (const uint32_t key : draft.keys) {
    Chain& chain = chains_[local(key, lexicon)];
    if (!chain.ends_with(static_cast<uint16_t>(slot))) chain.append(static_cast<uint16_t>(slot), 1, arena_);
  }
  is_changed_ = true;
  return size_++;
}

template <class Visit>
void Block::visit_text(uint32_t slot, uint32_t from, uint32_t to, Visit visit) const {
  const uint16_t* text = text_ + text_starts_[slot];
  uint32_t rare = rare_starts_[slot];
  for (uint32_t place = 0; place < to; ++place) {
    const uint32_t term = text[place] == kRare ? rare_[rare++] : text[place];
    if (place >= from) visit(term, place);
  }
}

void Block::close(uint32_t slot, int64_t seq) {
  Chain* chains = dead_chains_.load(std::memory_order_relaxed);
  if (!chains) {
    dead_memory_ = Region((is_growing() ? kMostTerms : sizes_.terms) * sizeof(Chain));
    chains = reinterpret_cast<Chain*>(dead_memory_.data());
    dead_chains_.store(chains, std::memory_order_release);
  }
  const uint32_t death = deaths_.load(std::memory_order_relaxed);
  died_slots[death] = static_cast<uint16_t>(slot);
  visit_text(slot, 0, counts[kFields * slot] + counts[kFields * slot + 1], [&](uint32_t term, uint32_t) {
    if (!chains[term].ends_with(static_cast<uint16_t>(death))) chains[term].append(static_cast<uint16_t>(death), 0, arena_);
  });
  show(died[slot], seq);
  deaths_.store(death + 1, std::memory_order_release);
  if ((death + 1) % kDeathsANote == 0) note_deaths(death + 1);
  is_changed_ = true;
}

void Block::note_deaths(uint32_t deaths) {
  if (!deaths) return;
  const std::vector<uint64_t> bits = closed_slots(kSlots, deaths);
  auto* note = static_cast<uint64_t*>(arena_.take(bits.size() * sizeof(uint64_t)));
  std::copy(bits.begin(), bits.end(), note);
  notes_[deaths / kDeathsANote - 1].store(note, std::memory_order_release);
}

void Block::embed(uint32_t slot, int64_t seq, uint32_t dimension, const int8_t* code, double scale, uint16_t list) {
  Vectors* free = nullptr;
  std::atomic<Vectors*>* last = &areas_;
  for (Vectors* area = areas_.load(); area; last = &area->next, area = area->next.load()) {
    if (const uint32_t row = area->find(slot, kNever - 1); row != kNone) area->close(row, seq);
    if (area->dimension == dimension && area->rows.load() < area->capacity) free = area;
  }
  if (!free) {
    owned_.push_back(std::make_unique<Vectors>(dimension, kSlots));
    free = owned_.back().get();
    last->store(free, std::memory_order_release);
  }
  free->add(slot, seq, code, scale, list);
  is_changed_ = true;
}

void Block::assign(const Lists& lists) {
  for (Vectors* area = areas_.load(); area; area = area->next.load()) {
    if (area->dimension != lists.dimension) continue;
    lists.assign(area->codes, area->rows.load(), area->list);
    is_assigned_ = true;
  }
}

// Reading

uint32_t Block::slots_at(int64_t at, uint32_t published) const {
  if (!published || born[published - 1] <= at) return published;
  return static_cast<uint32_t>(std::upper_bound(born, born + published, at) - born);
}

uint32_t Block::deaths_at(int64_t at) const {
  const uint32_t count = deaths();
  if (!count || seen(died[died_slots[count - 1]]) <= at) return count;
  const auto is_before = [this](int64_t seq, uint16_t slot) { return seq < seen(died[slot]); };
  return static_cast<uint32_t>(std::upper_bound(died_slots, died_slots + count, at, is_before) - died_slots);
}

std::vector<uint64_t> Block::closed_slots(uint32_t slots, uint32_t deaths) const {
  uint32_t notes = deaths / kDeathsANote;
  const uint64_t* note = nullptr;
  while (notes && !(note = notes_[notes - 1].load(std::memory_order_acquire))) --notes;
  const uint32_t words = (slots + 63) / 64;
  std::vector<uint64_t> bits(words, 0);
  if (note) std::copy(note, note + words, bits.begin());
  for (uint32_t death = notes * kDeathsANote; death < deaths; ++death) bits[died_slots[death] / 64] |= uint64_t{1} << died_slots[death] % 64;
  return bits;
}

uint32_t Block::holders(uint32_t term, uint32_t slots) const {
  uint32_t count = 0;
  visit(term, slots, [&](const Postings& postings) { count += postings.size; });
  return count;
}

uint32_t Block::dead_holders(uint32_t term, uint32_t deaths) const {
  uint32_t count = 0;
  if (!is_growing() && sizes_.dead_postings) {
    const uint16_t *first = dead_ + dead_starts_[term], *last = dead_ + dead_starts_[term + 1];
    count = static_cast<uint32_t>(std::lower_bound(first, last, deaths) - first);
  }
  if (const Chain* chains = dead_chains_.load(std::memory_order_acquire))
    chains[term].walk(kNone, [&](const uint16_t* list, const uint8_t*, uint32_t size) {
      count += static_cast<uint32_t>(std::lower_bound(list, list + size, deaths) - list);
    });
  return count;
}

void Block::count(uint32_t slot, const uint32_t* terms, uint32_t size, uint32_t (*counts_of)[kFields]) const {
  const uint16_t* text = text_ + text_starts_[slot];
  const Kernels& use = kernels();
  uint16_t numbers[kMostAsked];
  uint32_t found[kMostAsked];
  for (uint32_t number = 0; number < size; ++number)
    numbers[number] = static_cast<uint16_t>(std::min<uint32_t>(terms[number], kRare));
  for (int field = 0; field < kFields; ++field) {
    const uint32_t length = counts[kFields * slot + field];
    use.count(text, length, numbers, size, found);
    for (uint32_t number = 0; number < size; ++number) counts_of[number][field] = found[number];
    text += length;
  }
  for (uint32_t number = 0; number < size; ++number) {
    if (terms[number] < kRare) continue;
    counts_of[number][0] = counts_of[number][1] = 0;
    if (std::find(rare_ + rare_starts_[slot], rare_ + rare_starts_[slot + 1], terms[number]) == rare_ + rare_starts_[slot + 1]) continue;
    const uint32_t title = counts[kFields * slot];
    visit_text(slot, 0, title + counts[kFields * slot + 1],
               [&](uint32_t term, uint32_t place) { counts_of[number][place >= title] += term == terms[number]; });
  }
}

bool Block::has_phrase(uint32_t slot, const std::vector<uint32_t>& terms, bool in_title) const {
  thread_local std::vector<uint32_t> text;
  text.clear();
  const uint32_t title = counts[kFields * slot], both = title + counts[kFields * slot + 1];
  visit_text(slot, 0, in_title ? title : both, [](uint32_t term, uint32_t) { text.push_back(term); });
  const auto has = [&](auto first, auto last) { return std::search(first, last, terms.begin(), terms.end()) != last; };
  return has(text.begin(), text.begin() + title) || (!in_title && has(text.begin() + title, text.end()));
}

bool Block::has_author(uint32_t slot, const std::vector<uint32_t>& terms, const std::vector<std::string_view>& words) const {
  thread_local std::vector<uint32_t> kept_name;
  thread_local std::vector<bool> kept_matched;
  std::vector<uint32_t>& name = kept_name;
  std::vector<bool>& is_matched = kept_matched;
  // Words begin with the letter of their kind.
  const auto is_letter = [](std::string_view word) { return static_cast<int>(word.size()) == 1 + std::max(1, std::countl_one(static_cast<unsigned char>(word[1]))); };
  bool is_found = false;
  const auto check = [&] {
    size_t matched = 0, initials = 0;
    is_matched.assign(name.size(), false);
    if (!name.empty() && name.back() == terms.back() && !is_letter(words.back()))
      while (initials < name.size() && is_letter(term(name[initials]))) ++initials;
    for (size_t number = 0; number < words.size() && !is_found; ++number) {
      bool has_match = false;
      const bool is_short = is_letter(words[number]);
      for (size_t place = 0; place < name.size(); ++place) {
        const bool is_one = name[place] == terms[number] || (is_short && term(name[place]).starts_with(words[number])) ||
                            (place < initials && words[number].starts_with(term(name[place])));
        if (!is_one) continue;
        has_match = true;
        matched += !is_matched[place];
        is_matched[place] = true;
      }
      if (!has_match) return;
    }
    is_found |= matched >= words.size();
  };
  name.clear();
  const uint32_t both = counts[kFields * slot] + counts[kFields * slot + 1];
  visit_text(slot, both, text_starts_[slot + 1] - text_starts_[slot], [&](uint32_t term, uint32_t) {
    if (term) return name.push_back(term);
    check();
    name.clear();
  });
  check();
  return is_found;
}

const Vectors* Block::vectors(uint32_t dimension, const Vectors* after) const {
  const Vectors* area = after ? after->next.load(std::memory_order_acquire) : areas_.load(std::memory_order_acquire);
  while (area && area->dimension != dimension) area = area->next.load(std::memory_order_acquire);
  return area;
}

// Packing: the terms, texts and postings of the slots that are kept, counted, then laid side by side.

class Packer {
 public:
  Packer(const Weights& weights, const std::vector<Block::Moment>& moments, const std::vector<Block::Source>& sources) : weights_(weights), sources_(sources) {
    for (const Block::Moment& moment : moments) blocks_.push_back({moment.block, &moment, std::vector<uint32_t>(moment.block->size(), kNone), std::vector<uint32_t>(moment.block->sizes_.terms, kNone)});
  }

  std::shared_ptr<Block> pack() {
    number_slots();
    read_texts();
    read_keys();
    find_deaths();
    find_vectors();
    size_up();
    const size_t size = Block::lay_out(nullptr, nullptr, sizes_);
    Region image(size, size >= kManyBytes);
    auto* sizes_of_areas = reinterpret_cast<uint64_t*>(image.data());
    for (const Area& area : areas_) {
      *sizes_of_areas++ = area.dimension;
      *sizes_of_areas++ = area.rows.size();
      *sizes_of_areas++ = area.lists;
    }
    packed_ = std::make_shared<Block>(weights_, Block::Sizes{}, Region());
    Block::lay_out(packed_.get(), image.data(), sizes_);
    write_slots();
    write_terms();
    write_postings();
    write_deaths();
    write_vectors();
    return std::make_shared<Block>(weights_, sizes_, std::move(image));
  }

 private:
  struct Posting {
    uint32_t term;
    uint16_t slot;
    uint8_t impact;
  };

  void number_slots() {
    std::array<double, kFields> total{};
    for (uint32_t slot = 0; slot < sources_.size(); ++slot) {
      const auto& [block, old] = sources_[slot];
      const auto known = std::find_if(blocks_.begin(), blocks_.end(), [&](const auto& one) { return one.block == block; });
      known->slots[old] = slot;
      places_.push_back(static_cast<uint32_t>(known - blocks_.begin()));
      for (int field = 0; field < kFields; ++field) total[field] += block->lengths[kFields * old + field];
    }
    for (int field = 0; field < kFields; ++field) sizes_.averages[field] = sources_.empty() ? 0 : total[field] / sources_.size();
    term_of("");
  }

  uint32_t term_of(std::string_view text) {
    const uint32_t known = terms_.find(text);
    if (known != kNone) return known;
    holders_.push_back(0);
    return terms_.add(text);
  }

  uint32_t translate(uint32_t place, uint32_t old) {
    uint32_t& term = blocks_[place].terms[old];
    if (term == kNone) term = term_of(blocks_[place].block->term(old));
    return term;
  }

  void read_texts() {
    Tally tally;
    std::vector<uint32_t> text;
    for (uint32_t slot = 0; slot < sources_.size(); ++slot) {
      const auto& [block, old] = sources_[slot];
      const uint32_t title = block->counts[kFields * old], both = title + block->counts[kFields * old + 1];
      text.clear();
      block->visit_text(old, 0, block->text_starts_[old + 1] - block->text_starts_[old], [&](uint32_t number, uint32_t) { text.push_back(number); });
      const std::vector<uint32_t>& known = blocks_[places_[slot]].terms;
      for (size_t place = 0; place < text.size(); ++place) {
        if (place + Tally::kAhead < text.size()) __builtin_prefetch(&known[text[place + Tally::kAhead]]);
        text[place] = translate(places_[slot], text[place]);
        sizes_.rare += text[place] >= kRare;
      }
      text_.insert(text_.end(), text.begin(), text.end());
      text_ends_.push_back(text_.size());
      const std::vector<uint32_t>& met = tally.count(text.data(), title, both, terms_.size());
      for (size_t number = 0; number < met.size(); ++number) {
        if (number + Tally::kAhead < met.size()) __builtin_prefetch(&holders_[met[number + Tally::kAhead]], 1);
        const double part = saturation(weights_, tally[met[number]], block->lengths + kFields * old, sizes_.averages);
        add({met[number], static_cast<uint16_t>(slot), static_cast<uint8_t>(std::ceil(255 * part))});
      }
      words_.push_back(postings_.size());
    }
  }

  // Keys stand in no text; their lists are read, and come in the order of the slots when there is one block.
  void read_keys() {
    const size_t first = postings_.size();
    for (uint32_t place = 0; place < blocks_.size(); ++place) {
      const Block& block = *blocks_[place].block;
      for (uint32_t old = 1; old < block.sizes_.terms; ++old) {
        if (is_word(block.term(old))) continue;
        block.visit(old, kNone, [&](const Postings& postings) {
          for (uint32_t number = 0; number < postings.size; ++number)
            if (const uint32_t slot = blocks_[place].slots[postings.slots[number]]; slot != kNone)
              add({translate(place, old), static_cast<uint16_t>(slot), 1});
        });
      }
    }
    if (blocks_.size() > 1)
      std::stable_sort(postings_.begin() + first, postings_.end(), [](const auto& one, const auto& other) { return one.slot < other.slot; });
  }

  void add(Posting posting) {
    ++holders_[posting.term];
    postings_.push_back(posting);
  }

  void find_deaths() {
    for (const Part& part : blocks_)
      for (uint32_t death = 0; death < part.moment->deaths; ++death)
        if (const uint32_t slot = part.slots[part.block->died_slots[death]]; slot != kNone) dead_.push_back(slot);
    std::stable_sort(dead_.begin(), dead_.end(), [&](uint32_t one, uint32_t other) { return died(one) < died(other); });
    for (const uint32_t slot : dead_) sizes_.dead_postings += words_[slot] - (slot ? words_[slot - 1] : 0);
  }

  int64_t died(uint32_t slot) const { return seen(sources_[slot].first->died[sources_[slot].second]); }

  void find_vectors() {
    for (const Part& part : blocks_)
      for (const Block::Moment::Area& from : part.moment->areas)
        for (uint32_t row = 0; row < from.rows; ++row) {
          const uint32_t slot = part.slots[from.vectors->slots[row]], dimension = from.vectors->dimension;
          if (slot == kNone) continue;
          auto same = std::find_if(areas_.begin(), areas_.end(), [&](const Area& one) { return one.dimension == dimension; });
          if (same == areas_.end()) same = areas_.insert(areas_.end(), {dimension, 0, {}});
          same->rows.push_back({from.vectors, row, slot, from.died[row]});
        }
    for (Area& area : areas_) {
      std::stable_sort(area.rows.begin(), area.rows.end(), [](const Row& one, const Row& other) { return one.born() < other.born(); });
      const auto last = std::max_element(area.rows.begin(), area.rows.end(), [](const Row& one, const Row& other) { return one.list() < other.list(); });
      area.lists = last->list() == Lists::kNone ? 0 : last->list() + 1;
    }
  }

  void size_up() {
    sizes_.slots = sources_.size();
    sizes_.text = text_.size();
    sizes_.terms = terms_.size();
    sizes_.letters = terms_.bytes();
    sizes_.cells = std::bit_ceil(sizes_.terms * 5 / 4 + 1);
    sizes_.postings = postings_.size();
    sizes_.deaths = dead_.size();
    sizes_.areas = areas_.size();
    for (const Area& area : areas_)
      sizes_.area_bytes += Vectors::lay_out(nullptr, nullptr, area.dimension, static_cast<uint32_t>(area.rows.size()), area.lists);
  }

  void write_slots() {
    Block& to = *packed_;
    uint32_t rare = 0;
    for (uint32_t slot = 0; slot < sources_.size(); ++slot) {
      const auto& [from, old] = sources_[slot];
      to.papers[slot] = from->papers[old];
      to.born[slot] = from->born[old];
      to.died[slot] = kNever;
      to.days[slot] = from->days[old];
      for (int field = 0; field < kFields; ++field) {
        to.lengths[kFields * slot + field] = from->lengths[kFields * old + field];
        to.counts[kFields * slot + field] = from->counts[kFields * old + field];
      }
      for (size_t place = slot ? text_ends_[slot - 1] : 0; place < text_ends_[slot]; ++place) {
        to.text_[place] = static_cast<uint16_t>(std::min<uint32_t>(text_[place], kRare));
        if (text_[place] >= kRare) to.rare_[rare++] = text_[place];
      }
      to.text_starts_[slot + 1] = static_cast<uint32_t>(text_ends_[slot]);
      to.rare_starts_[slot + 1] = rare;
    }
  }

  void write_terms() {
    Block& to = *packed_;
    uint32_t letters = 0;
    for (uint32_t term = 0; term < terms_.size(); ++term) {
      const std::string_view text = terms_[term];
      std::memcpy(to.letters_ + letters, text.data(), text.size());
      to.letter_starts_[term + 1] = letters += static_cast<uint32_t>(text.size());
      uint64_t place = hash(text) & (sizes_.cells - 1);
      while (to.cells_[place]) place = (place + 1) & (sizes_.cells - 1);
      to.cells_[place] = term + 1;
    }
  }

  void write_postings() {
    Block& to = *packed_;
    for (uint32_t term = 0; term < terms_.size(); ++term) to.posting_starts_[term + 1] = to.posting_starts_[term] + holders_[term];
    std::vector<uint32_t> next(to.posting_starts_, to.posting_starts_ + terms_.size());
    for (const Posting& posting : postings_) {
      const uint32_t place = next[posting.term]++;
      to.posting_slots_[place] = posting.slot;
      to.posting_impacts_[place] = posting.impact;
      to.mosts_[posting.term] = std::max(to.mosts_[posting.term], posting.impact);
    }
  }

  void write_deaths() {
    Block& to = *packed_;
    std::vector<uint32_t> next(terms_.size() + 1, 0);
    const auto each = [&](auto visit) {
      for (uint32_t death = 0; death < dead_.size(); ++death)
        for (size_t place = dead_[death] ? words_[dead_[death] - 1] : 0; place < words_[dead_[death]]; ++place)
          visit(postings_[place].term, death);
    };
    each([&](uint32_t term, uint32_t) { ++to.dead_starts_[term + 1]; });
    std::partial_sum(to.dead_starts_, to.dead_starts_ + terms_.size() + 1, to.dead_starts_);
    std::copy(to.dead_starts_, to.dead_starts_ + terms_.size(), next.begin());
    each([&](uint32_t term, uint32_t death) { to.dead_[next[term]++] = static_cast<uint16_t>(death); });
    std::copy(dead_.begin(), dead_.end(), to.died_slots);
    for (const uint32_t slot : dead_) to.died[slot] = died(slot);
  }

  // Rows are written in the order of their birth, as those of one slot refer to each other, each to its place.
  void write_vectors() {
    Vectors* to = packed_->areas_.load();
    for (const Area& area : areas_) {
      for (const Row& row : area.rows)
        if (area.lists) ++to->starts[row.list() + 1];
      if (area.lists) std::partial_sum(to->starts, to->starts + area.lists + 1, to->starts);
      std::vector<uint32_t> next(to->starts, to->starts + area.lists);
      uint32_t written = 0;
      for (const Row& row : area.rows) {
        const uint32_t place = area.lists ? next[row.list()]++ : written++;
        to->write(place, row.slot, row.born(), row.from->code(row.row), row.from->scales[row.row], row.list());
        to->died[place] = row.died;
        to->latest[row.slot] = place + 1;
      }
      to = to->next.load();
    }
  }

  struct Part {
    const Block* block;
    const Block::Moment* moment;
    std::vector<uint32_t> slots, terms;  // old number → new number
  };
  struct Row {
    const Vectors* from;
    uint32_t row, slot;
    int64_t died;
    int64_t born() const { return from->born[row]; }
    uint16_t list() const { return from->list[row]; }
  };
  struct Area {
    uint32_t dimension, lists;
    std::vector<Row> rows;
  };
  const Weights& weights_;
  const std::vector<Block::Source>& sources_;
  std::vector<Part> blocks_;
  std::vector<uint32_t> places_;  // of each slot: where its block stands in `blocks_`
  Strings terms_;
  std::vector<uint32_t> holders_, text_, dead_;
  std::vector<size_t> text_ends_, words_;  // of each slot: where its text and the postings of its words end
  std::vector<Posting> postings_;
  std::vector<Area> areas_;
  Block::Sizes sizes_{};
  std::shared_ptr<Block> packed_;
};

Block::Moment::Moment(const Block& block) : block(&block), deaths(block.deaths()) {
  block.each_vectors([&](const Vectors& area) {
    const uint32_t rows = area.rows.load();
    areas.push_back({&area, rows, {area.died, area.died + rows}});
  });
}

std::shared_ptr<Block> Block::pack(const Weights& weights, const std::vector<Moment>& moments, const std::vector<Source>& slots) {
  auto packed = Packer(weights, moments, slots).pack();
  if (packed->image().size() >= kManyBytes) malloc_trim(0);  // packing takes several times what it makes; give that back at once
  return packed;
}

std::shared_ptr<Block> Block::pack_again() const { return pack(weights_, {Moment(*this)}, slots()); }

}  // namespace broadsheet
