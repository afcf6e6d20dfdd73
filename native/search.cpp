#include "search.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

namespace broadsheet {

namespace {

constexpr uint32_t kUnits = 60'000;      // what the parts of all terms together are worth, at most
constexpr double kMostApart = 64;        // terms of one tier are worth at most so many times what comes after them
constexpr uint32_t kPostingsAnExact = 150;  // postings that can be added up in the time of one exact score
constexpr uint32_t kFewRows = 4'096;     // vectors that are all compared as a whole
constexpr uint32_t kFewestCompared = 1'000;  // vectors that are compared as a whole, of those that agree by their signs
constexpr uint32_t kRowsACompared = 500;
constexpr uint32_t kRowsAFind = 64;  // fewer vectors for each that is wanted, and all are looked at: lists may not hold so many
constexpr uint32_t kChunk = 4'096;

constexpr auto kNowhere = std::numeric_limits<double>::quiet_NaN();

// What a thread adds up on. It is asked for once a block: each look at a thread's own memory has its price.
struct Board {
  struct Term {
    uint32_t number, most, holders;
  };
  alignas(64) uint16_t sums[kSlots], places[kSlots], maxima[kSlots / kMaximaOf + kMaximaOf];
  std::vector<uint64_t> done;
  std::vector<Term> terms;
};

[[gnu::noipa]] Board& board() {
  thread_local Board board;
  return board;
}

bool holds(const std::vector<uint64_t>& bits, uint32_t slot) { return bits.empty() || (bits[slot / 64] >> slot % 64 & 1); }

template <class Visit>
void each_bit(const std::vector<uint64_t>& bits, Visit visit) {
  for (size_t word = 0; word < bits.size(); ++word)
    for (uint64_t left = bits[word]; left; left &= left - 1) visit(static_cast<uint32_t>(word * 64 + static_cast<unsigned>(std::countr_zero(left))));
}

int64_t count_bits(const std::vector<uint64_t>& bits) {
  int64_t count = 0;
  for (const uint64_t word : bits) count += std::popcount(word);
  return count;
}

void set(std::vector<uint64_t>& bits, const Postings& postings) {
  for (uint32_t number = 0; number < postings.size; ++number)
    bits[postings.slots[number] / 64] |= uint64_t{1} << postings.slots[number] % 64;
}

// The first letter of a word, behind the letter of its kind.
std::string_view letter_of(std::string_view word) {
  size_t size = std::min<size_t>(2, word.size());
  while (size < word.size() && (static_cast<unsigned char>(word[size]) & 0xC0) == 0x80) ++size;
  return word.substr(0, size);
}

void prefetch_signs(const Vectors* area, uint32_t first, uint32_t size) {
  const uint64_t* bits = area->bits + size_t{first} / 8 * 8 * area->words;
  for (size_t line = 0; line < std::min<size_t>(size * area->words / 8, 128); ++line) __builtin_prefetch(bits + 8 * line);
}

// Adds how much some rows agree with a query by their signs, at least 1 each. Those of eight rows are read at once; the
// last few of an area that grows, where one of the eight may be written just now, each by itself.
void sum_signs(const Vectors* area, uint32_t first, uint32_t size, const SignQuery& query, std::vector<uint16_t>& sums) {
  const uint32_t start = first / 8 * 8, end = first + size, groups = (area->lists ? end - start + 7 : end - start) / 8;
  const size_t before = sums.size();
  sums.resize(before + std::max(8 * groups, end - start));
  kernels().agree(area->bits + size_t{start} * area->words, groups, query, sums.data() + before);
  for (uint32_t row = start + 8 * groups; row < end; ++row) {
    int apart = 0;
    for (uint32_t word = 0; word < area->words; ++word) {
      const uint64_t differ = area->bits[(size_t{row / 8} * area->words + word) * 8 + row % 8] ^ query.signs[word];
      for (uint32_t plane = 0; plane < 3; ++plane) apart += std::popcount(differ & query.planes[plane * area->words + word]) << plane;
    }
    sums[before + row - start] = static_cast<uint16_t>(query.total - apart);
  }
  if (first > start) std::copy_n(sums.begin() + static_cast<ptrdiff_t>(before + first - start), size, sums.begin() + static_cast<ptrdiff_t>(before));
  sums.resize(before + size);
  for (size_t place = before; place < sums.size(); ++place) sums[place] = std::max<uint16_t>(sums[place], 1);
}

}  // namespace

void Search::Best::offer(const Place& place) {
  if (!is_full()) {
    places_.push_back(place);
    std::push_heap(places_.begin(), places_.end());
  } else if (place < places_.front()) {
    std::pop_heap(places_.begin(), places_.end());
    places_.back() = place;
    std::push_heap(places_.begin(), places_.end());
  }
}

Search::Search(std::shared_ptr<const State> state, const Weights& weights, int64_t at)
    : state_(std::move(state)), weights_(weights), at_(at) {
  std::array<int64_t, kFields> lengths{};
  const bool is_head = at == state_->position;
  for (size_t number = 0; number < state_->blocks->size(); ++number) {
    const auto& block = (*state_->blocks)[number];
    const uint32_t slots = block->slots_at(at, number == state_->tail ? state_->published : block->size());
    const uint32_t deaths = block->deaths_at(at);
    if (slots == deaths) continue;
    views_.push_back({block.get(), slots, deaths, {}, {}, {}});
    papers_ += slots - deaths;
    if (is_head) continue;
    for (int field = 0; field < kFields; ++field) {
      for (uint32_t slot = 0; slot < slots; ++slot) lengths[field] += block->lengths[kFields * slot + field];
      for (uint32_t death = 0; death < deaths; ++death) lengths[field] -= block->lengths[kFields * block->died_slots[death] + field];
    }
  }
  if (is_head) lengths = state_->lengths;
  for (int field = 0; field < kFields; ++field)
    averages_[field] = papers_ ? static_cast<double>(lengths[field]) / static_cast<double>(papers_) : 0.0;
}

Found Search::run(const Request& request) {
  read_terms(request);
  read_clauses(request);
  const auto dimension = static_cast<uint32_t>(request.vector.codes.size());
  const auto depth = static_cast<uint32_t>(std::min<int64_t>(request.depth, papers_ + 1));
  const auto near = static_cast<uint32_t>(std::min<int64_t>(request.near, papers_ + 1));
  Best by_words(depth), by_meaning(near), blind(depth);
  const bool has_vectors = dimension && std::any_of(views_.begin(), views_.end(), [&](const View& view) { return view.block->vectors(dimension); });
  for (uint32_t number = 0; number < views_.size(); ++number) {
    if (request.needs_word)
      rank_words(number, views_[number].allowed, by_words);
    else
      rank_all(number, !request.terms.empty(), by_words);
  }
  if (has_vectors) {
    rank_meaning(request.vector, by_meaning);
    for (uint32_t number = 0; number < views_.size(); ++number) {
      if (!may_be_blind(views_[number], dimension)) continue;
      const Bits unseen = blind_slots(views_[number], dimension);
      if (!std::any_of(unseen.begin(), unseen.end(), [](uint64_t word) { return word; })) continue;
      if (request.needs_word) {
        rank_words(number, unseen, blind);
      } else {
        Bits allowed = unseen;
        std::swap(views_[number].allowed, allowed);
        rank_all(number, !request.terms.empty(), blind);
        std::swap(views_[number].allowed, allowed);
      }
    }
  }
  struct Row {
    uint32_t view, slot;
    double words, cosine;
    bool is_near;
  };
  std::vector<Row> rows;
  for (const Best* best : {&by_words, &blind})
    for (const Place& place : best->places()) rows.push_back({place.view, place.slot, request.terms.empty() ? 0 : place.key, kNowhere, false});
  for (const Place& place : by_meaning.places()) rows.push_back({place.view, place.slot, kNowhere, place.key, true});
  std::sort(rows.begin(), rows.end(), [](const Row& one, const Row& other) { return std::pair(one.view, one.slot) < std::pair(other.view, other.slot); });
  Found found;
  if (request.is_counted) found.total = count(request);
  for (size_t next = 0; next < rows.size(); ++next) {
    Row row = rows[next];
    if (next + 8 < rows.size()) views_[rows[next + 8].view].block->prefetch(rows[next + 8].slot);
    for (; next + 1 < rows.size() && rows[next + 1].view == row.view && rows[next + 1].slot == row.slot; ++next) {
      if (std::isnan(row.words)) row.words = rows[next + 1].words;
      if (std::isnan(row.cosine)) row.cosine = rows[next + 1].cosine;
      row.is_near |= rows[next + 1].is_near;
    }
    const View& view = views_[row.view];
    found.papers.push_back(view.block->papers[row.slot]);
    found.days.push_back(view.block->days[row.slot]);
    found.words.push_back(std::isnan(row.words) ? score(view, row.slot) : row.words);
    found.cosines.push_back(dimension && std::isnan(row.cosine) ? cosine(view, row.slot, request.vector) : row.cosine);
    found.is_near.push_back(row.is_near);
    found.places.emplace_back(row.view, row.slot);
  }
  return found;
}

double Search::cosine(const View& view, uint32_t slot, const Vector& vector) const {
  const auto dimension = static_cast<uint32_t>(vector.codes.size());
  for (const Vectors* area = view.block->vectors(dimension); area; area = view.block->vectors(dimension, area))
    if (const uint32_t row = area->find(slot, at_); row != kNone)
      return static_cast<double>(kernels().dot(vector.codes.data(), area->code(row), dimension)) * (vector.scale * area->scales[row]);
  return kNowhere;
}

std::vector<double> Search::shares(const std::pair<uint32_t, uint32_t>& place) const {
  std::vector<double> shares(worths_.size());
  score(views_[place.first], place.second, shares.data());
  return shares;
}

double Search::most_by_words() const { return std::accumulate(worths_.begin(), worths_.end(), 0.0); }

void Search::read_terms(const Request& request) {
  double sum = 0;
  for (const std::string& term : request.terms) {
    int64_t holders = 0;
    for (View& view : views_) {
      const uint32_t number = view.block->find(term);
      view.terms.push_back(number);
      view.holders.push_back(number == kNone ? 0 : view.block->holders(number, view.slots));
      if (number != kNone) holders += int64_t{view.holders.back()} - view.block->dead_holders(number, view.deaths);
    }
    worths_.push_back(std::log(1 + (static_cast<double>(papers_ - holders) + 0.5) / (static_cast<double>(holders) + 0.5)));
    sum += worths_.back();
  }
  // A part grows at most as the averages did since the impact was noted: tf' by the factor `stretch`.
  std::array<double, 2> stretch{1, 1};
  for (const View& view : views_)
    for (int field = 0; field < kFields; ++field)
      if (const double before = view.block->averages()[field]; before < averages_[field])
        stretch[view.block->is_growing()] = std::max(stretch[view.block->is_growing()], before ? averages_[field] / before : 1e9);
  std::vector<uint32_t> order(worths_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t one, uint32_t other) { return worths_[one] > worths_[other]; });
  parts_[0].resize(order.size());
  parts_[1].resize(order.size());
  for (const uint32_t term : order) {
    if (tiers_.empty() || kMostApart * sum < worths_[tiers_.back().terms.front()]) tiers_.push_back({{}, kUnits / sum, 0});
    Tier& tier = tiers_.back();
    tier.terms.push_back(term);
    sum = std::max(0.0, sum - worths_[term]);
    tier.below = static_cast<uint32_t>(sum * tier.unit + 2);
    for (int kind = 0; kind < 2; ++kind)
      for (uint32_t impact = 0; impact < 256; ++impact) {
        const double noted = impact / 255.0, grown = impact == 255 ? 1 : noted * stretch[kind] / (1 + noted * (stretch[kind] - 1));
        parts_[kind][term][impact] = static_cast<uint16_t>(grown * worths_[term] * tier.unit + 2);
      }
  }
}

void Search::read_clauses(const Request& request) {
  is_filtered_ = !request.required.empty() || !request.excluded.empty();
  for (View& view : views_) {
    if (view.deaths || is_filtered_ || !request.needs_word) view.allowed = open_slots(view);
    for (const Clause& clause : request.required) {
      const Bits bits = holding(view, clause);
      for (size_t word = 0; word < bits.size(); ++word) view.allowed[word] &= bits[word];
    }
    for (const Clause& clause : request.excluded) {
      const Bits bits = holding(view, clause);
      for (size_t word = 0; word < bits.size(); ++word) view.allowed[word] &= ~bits[word];
    }
  }
}

Search::Bits Search::open_slots(const View& view) const {
  Bits bits = view.block->closed_slots(view.slots, view.deaths);
  for (uint64_t& word : bits) word = ~word;
  if (view.slots % 64) bits.back() &= (uint64_t{1} << view.slots % 64) - 1;
  return bits;
}

Search::Bits Search::holding(const View& view, const Clause& clause) const {
  const Block& block = *view.block;
  Bits bits((view.slots + 63) / 64, 0);
  const auto keep = [&](auto test) {
    each_bit(bits, [&](uint32_t slot) {
      if (!test(slot)) bits[slot / 64] &= ~(uint64_t{1} << slot % 64);
    });
  };
  if (clause.kind == Clause::kAfter || clause.kind == Clause::kBefore) {
    for (uint32_t slot = 0; slot < view.slots; ++slot) {
      const int32_t day = block.days[slot];
      if (clause.kind == Clause::kAfter ? day >= clause.day : day && day < clause.day) bits[slot / 64] |= uint64_t{1} << slot % 64;
    }
    return bits;
  }
  if (clause.terms.empty()) return bits;
  std::vector<uint32_t> terms, wanted;
  for (const std::string& term : clause.terms) {
    terms.push_back(block.find(term));
    // Beside its last word, a name may have initials in place of the words; all names are listed under their letters.
    const bool is_last = &term == &clause.terms.back();
    wanted.push_back(clause.kind == Clause::kAuthor && !is_last ? block.find(letter_of(term)) : terms.back());
    if (wanted.back() == kNone) return bits;
  }
  const auto fill = [&](uint32_t term, Bits& into) { block.visit(term, view.slots, [&](const Postings& postings) { set(into, postings); }); };
  const auto rarest = std::min_element(wanted.begin(), wanted.end(), [&](uint32_t one, uint32_t other) {
    return block.holders(one, view.slots) < block.holders(other, view.slots);
  });
  fill(*rarest, bits);
  for (auto term = wanted.begin(); term != wanted.end(); ++term) {
    if (term == rarest) continue;
    Bits other(bits.size(), 0);
    fill(*term, other);
    for (size_t word = 0; word < bits.size(); ++word) bits[word] &= other[word];
  }
  if (clause.kind == Clause::kTitlePhrase || (clause.kind == Clause::kPhrase && terms.size() > 1)) {
    keep([&](uint32_t slot) { return block.has_phrase(slot, terms, clause.kind == Clause::kTitlePhrase); });
  } else if (clause.kind == Clause::kAuthor && terms.size() > 1) {
    const std::vector<std::string_view> words(clause.terms.begin(), clause.terms.end());
    keep([&](uint32_t slot) { return block.has_author(slot, terms, words); });
  }
  return bits;
}

bool Search::may_be_blind(const View& view, uint32_t dimension) const {
  int64_t open = 0;
  for (const Vectors* area = view.block->vectors(dimension); area; area = view.block->vectors(dimension, area))
    if (area->youngest <= at_) open += int64_t{area->rows_at(at_)} - area->closed.load();
  return open < view.slots;
}

Search::Bits Search::blind_slots(const View& view, uint32_t dimension) const {
  Bits bits = view.allowed.empty() ? open_slots(view) : view.allowed;
  for (const Vectors* area = view.block->vectors(dimension); area; area = view.block->vectors(dimension, area)) {
    const uint32_t rows = area->rows_at(at_);
    for (uint32_t row = 0; row < rows; ++row)
      if (area->is_open(row, at_)) bits[area->slots[row] / 64] &= ~(uint64_t{1} << area->slots[row] % 64);
  }
  return bits;
}

// The exact score of a slot by words, in the order of the query's terms, as search/bm25.py counts.
double Search::score(const View& view, uint32_t slot, double* shares) const {
  uint32_t counts[kMostAsked][kFields];
  const auto size = static_cast<uint32_t>(worths_.size());
  view.block->count(slot, view.terms.data(), size, counts);
  double sum = 0;
  for (uint32_t term = 0; term < size; ++term) {
    const bool is_held = view.terms[term] != kNone && (counts[term][0] || counts[term][1]);
    const double share = is_held ? worths_[term] * saturation(weights_, counts[term], view.block->lengths + kFields * slot, averages_) : 0;
    if (shares) shares[term] = is_held ? share : kNowhere;
    if (is_held) sum += share;
  }
  return sum;
}

// Adds up what each slot can be worth, the terms worth most first, and scores exactly those that can be among the best.
// Terms are left out when together they cannot lift a slot over the bar (MaxScore: Turtle, Flood, "Query evaluation",
// 1995), and when scoring the slots in question is cheaper than adding them up. Terms worth next to nothing beside the
// others form a tier of their own, counted in finer units among the slots that have none of the others.
void Search::rank_words(uint32_t number, const Bits& allowed, Best& best) const {
  const View& view = views_[number];
  auto& [sums, places, maxima, done, terms] = board();
  const auto& parts = parts_[view.block->is_growing()];
  const bool is_sparse = 2 * count_bits(allowed) < view.slots && !allowed.empty();
  done.clear();
  for (const Tier& tier : tiers_) {
    uint32_t rest = tier.below;
    terms.clear();
    for (const uint32_t term : tier.terms) {
      if (view.terms[term] == kNone) continue;
      terms.push_back({term, parts[term][view.block->most_impact(view.terms[term])], view.holders[term]});
      rest += terms.back().most;
    }
    const auto bar = [&] { return best.is_full() ? static_cast<uint32_t>(std::min(best.bar() * tier.unit, 1e9)) : 0; };
    if (best.is_full() && rest < bar()) return;
    if (terms.empty()) continue;
    std::sort(terms.begin(), terms.end(), [](const Board::Term& one, const Board::Term& other) { return one.most > other.most; });
    const uint32_t slots = view.slots;
    std::memset(sums, 0, slots * sizeof(uint16_t));
    done.resize((slots + 63) / 64, 0);
    const auto score_from = [&](uint32_t least) {
      const uint32_t found = kernels().find_from(sums, slots, static_cast<uint16_t>(least), places);
      for (uint32_t place = 0; place < found; ++place) {
        const uint32_t slot = places[place];
        if (place + 8 < found) view.block->prefetch(places[place + 8]);
        if (sums[slot] + rest < bar() || holds(done, slot)) continue;
        done[slot / 64] |= uint64_t{1} << slot % 64;
        best.offer({score(view, slot), view.block->papers[slot], number, slot});
      }
    };
    const auto keep_allowed = [&] {
      if (!allowed.empty()) kernels().keep(sums, slots, allowed.data());
    };
    const auto least = [&] { return bar() > rest ? bar() - rest : 1; };
    // Scores the slots with the greatest sums, just enough to fill the list, so that the bar is high for the others.
    const auto probe = [&] {
      const uint32_t size = kernels().maxima(sums, slots, maxima);
      uint32_t low = least(), high = kUnits + 3 * static_cast<uint32_t>(worths_.size());
      while (high - low > 64) {
        const uint32_t middle = (low + high) / 2;
        (kernels().count_from(maxima, size, static_cast<uint16_t>(middle)) >= best.depth() ? low : high) = middle;
      }
      score_from(low);
    };
    uint64_t added = 0;
    bool is_probed = best.is_full();
    for (const Board::Term& term : terms) {
      if (best.is_full() && rest < bar()) {
        const uint64_t doubtful = kernels().count_from(sums, slots, static_cast<uint16_t>(least()));
        if (doubtful * kPostingsAnExact <= term.holders) break;
      }
      const auto& worth = parts[term.number];
      view.block->visit(view.terms[term.number], slots, [&](const Postings& postings) {
        for (uint32_t place = 0; place < postings.size; ++place) sums[postings.slots[place]] += worth[postings.impacts[place]];
      });
      rest -= term.most;
      added += term.holders;
      const bool is_probing = !is_probed && added >= 2 * best.depth();
      if (is_sparse || is_probing) keep_allowed();  // else, until the end, some that are not asked for do no harm
      if (is_probing) {
        is_probed = true;
        probe();
      }
    }
    keep_allowed();
    if (kernels().count_from(sums, slots, static_cast<uint16_t>(least())) > 2 * best.depth() + 64) probe();
    score_from(least());
  }
}

void Search::rank_all(uint32_t number, bool has_terms, Best& best) const {
  const View& view = views_[number];
  each_bit(view.allowed, [&](uint32_t slot) {
    const double key = has_terms ? score(view, slot) : view.block->days[slot];
    best.offer({key, view.block->papers[slot], number, slot});
  });
}

const Lists* Search::lists(uint32_t dimension) const {
  if (is_filtered_) return nullptr;  // what passes may lie in any list
  for (const auto& one : state_->lists)
    if (one->dimension == dimension && one->serves(at_)) return one.get();
  return nullptr;
}

// Compares the signs of all vectors, or of those in the lists nearest to the query, and then as a whole those that agree
// most: as many as it takes to find what comparing all would. Rows that agree equally are all compared, so that neither
// their order nor how they were packed matters.
void Search::rank_meaning(const Vector& vector, Best& best) const {
  const auto dimension = static_cast<uint32_t>(vector.codes.size());
  struct Part {  // rows beside each other in an area
    const Vectors* area;
    uint32_t view, first, size;
    bool is_listed;  // all of them are in a list that is looked into
  };
  std::vector<std::pair<uint32_t, const Vectors*>> areas;
  uint64_t rows = 0;
  for (uint32_t number = 0; number < views_.size(); ++number)
    for (const Vectors* area = views_[number].block->vectors(dimension); area; area = views_[number].block->vectors(dimension, area)) {
      areas.emplace_back(number, area);
      rows += area->born_at(at_);
    }
  std::vector<Part> parts;
  std::vector<uint16_t> probed;
  const Lists* lists = rows >= uint64_t{kRowsAFind} * best.depth() ? this->lists(dimension) : nullptr;
  if (lists) probed = lists->probed(vector);
  Bits is_probed(kSlots / 64, 0);  // one bit for each list that there can be
  for (const uint16_t list : probed) is_probed[list / 64] |= uint64_t{1} << list % 64;
  for (const auto& [number, area] : areas) {
    if (!lists || !area->lists) {
      parts.push_back({area, number, 0, area->rows_at(at_), !lists});
      continue;
    }
    for (const uint16_t list : probed)
      if (list < area->lists && area->starts[list] < area->starts[list + 1])
        parts.push_back({area, number, area->starts[list], area->starts[list + 1] - area->starts[list], true});
  }
  const uint64_t most = rows <= kFewRows ? rows : std::max<uint64_t>({4 * best.depth(), kFewestCompared, rows / kRowsACompared});
  const SignQuery query = sign_query(vector.codes.data(), dimension);
  thread_local std::vector<uint16_t> kept_sums;
  std::vector<uint16_t>& sums = kept_sums;
  sums.clear();
  for (size_t next = 0; next < parts.size(); ++next) {
    const Part& part = parts[next];
    if (next + 1 < parts.size() && parts[next + 1].is_listed) prefetch_signs(parts[next + 1].area, parts[next + 1].first, parts[next + 1].size);
    const size_t first = sums.size();
    sum_signs(part.area, part.first, part.size, query, sums);
    const Vectors& area = *part.area;
    const Bits& allowed = views_[part.view].allowed;
    if (!part.is_listed) kernels().keep_at(sums.data() + first, area.list + part.first, part.size, is_probed.data());
    if (area.is_whole(at_)) {
      if (!allowed.empty()) kernels().keep_at(sums.data() + first, area.slots + part.first, part.size, allowed.data());
      continue;
    }
    for (uint32_t place = 0; place < part.size; ++place) {
      const uint32_t row = part.first + place;
      const bool is_asked = area.is_open(row, at_) && holds(allowed, area.slots[row]);  // a slot that was not born yet has no bit
      if (!is_asked) sums[first + place] = 0;
    }
  }
  const auto count_from = [&](uint32_t bar) { return kernels().count_from(sums.data(), static_cast<uint32_t>(sums.size()), static_cast<uint16_t>(bar)); };
  uint32_t bar = 1;  // the greatest that as many rows reach as are compared; 1 where there are fewer
  for (uint32_t high = query.total + 1u; high - bar > 1;) {
    const uint32_t middle = (bar + high) / 2;
    (count_from(middle) >= most ? bar : high) = middle;
  }
  struct Row {
    const Vectors* area;
    uint32_t view, row;
  };
  std::vector<Row> chosen;
  const uint16_t* sum = sums.data();
  uint16_t places[kChunk];
  for (const Part& part : parts)
    for (uint32_t start = 0; start < part.size; start += kChunk) {
      const uint32_t length = std::min(kChunk, part.size - start), found = kernels().find_from(sum, length, static_cast<uint16_t>(bar), places);
      for (uint32_t place = 0; place < found; ++place) chosen.push_back({part.area, part.view, part.first + start + places[place]});
      sum += length;
    }
  for (size_t next = 0; next < chosen.size(); ++next) {
    const auto& [area, view, row] = chosen[next];
    if (next + 8 < chosen.size()) {
      const Row& ahead = chosen[next + 8];
      for (uint32_t line = 0; line < dimension; line += 64) __builtin_prefetch(ahead.area->code(ahead.row) + line);
      __builtin_prefetch(ahead.area->scales + ahead.row);
    }
    const double cosine = static_cast<double>(kernels().dot(vector.codes.data(), area->code(row), dimension)) * (vector.scale * area->scales[row]);
    if (best.is_full() && cosine < best.bar()) continue;
    const uint32_t slot = area->slots[row];
    best.offer({cosine, views_[view].block->papers[slot], view, slot});
  }
}

int64_t Search::count(const Request& request) const {
  int64_t total = 0;
  for (const View& view : views_) {
    if (!request.needs_word) {
      total += count_bits(view.allowed);
      continue;
    }
    uint16_t* marks = board().sums;  // a mark that is made again waits for nothing, unlike a bit
    std::memset(marks, 0, view.slots * sizeof(uint16_t));
    for (const uint32_t term : view.terms)
      if (term != kNone)
        view.block->visit(term, view.slots, [&](const Postings& postings) {
          for (uint32_t place = 0; place < postings.size; ++place) marks[postings.slots[place]] = 1;
        });
    if (!view.allowed.empty()) kernels().keep(marks, view.slots, view.allowed.data());
    total += kernels().count_from(marks, view.slots, 1);
  }
  return total;
}

std::vector<std::pair<int64_t, double>> Search::nearest(int64_t paper, uint32_t depth) {
  for (View& view : views_) {
    const int64_t* papers = view.block->papers;
    for (const int64_t* found = std::find(papers, papers + view.slots, paper); found != papers + view.slots; found = std::find(found + 1, papers + view.slots, paper)) {
      const auto slot = static_cast<uint32_t>(found - papers);
      if (seen(view.block->died[slot]) <= at_) continue;
      const Vectors* own = nullptr;
      uint32_t row = kNone;
      view.block->each_vectors([&](const Vectors& area) {
        if (const uint32_t here = area.find(slot, at_); here != kNone) own = &area, row = here;
      });
      if (!own) return {};
      Vector vector{{own->code(row), own->code(row) + own->dimension}, own->scales[row]};
      Best best(static_cast<uint32_t>(std::min<int64_t>(depth, papers_)) + 1);
      read_clauses({});
      rank_meaning(vector, best);
      std::vector<Place> places = best.places();
      std::sort(places.begin(), places.end());
      std::vector<std::pair<int64_t, double>> near;
      for (const Place& place : places)
        if (place.paper != paper && near.size() < depth) near.emplace_back(place.paper, place.key);
      return near;
    }
  }
  return {};
}

std::vector<int64_t> Search::papers() const {
  std::vector<int64_t> all;
  for (const View& view : views_) each_bit(open_slots(view), [&](uint32_t slot) { all.push_back(view.block->papers[slot]); });
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace broadsheet
