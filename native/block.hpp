// A block: up to 65,536 versions of papers, each in a slot of its own, with all that searches ask of them.
//
// One block grows at a time; one that is full is packed into one piece of memory, which is also what a snapshot holds.
// Slots stand in the order of their birth, so what was born up to a sequence number is a prefix of every list. What is
// closed later is told apart by the numbered deaths of the block. A slot is published by whoever publishes the number of
// slots; vectors and deaths carry the sequence number from which they count.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

#include "lexicon.hpp"
#include "lists.hpp"
#include "memory.hpp"

namespace broadsheet {

constexpr uint32_t kSlots = 1 << 16;
constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr uint16_t kRare = 0xFFFF;  // stands in a text for a term whose number needs more bits
constexpr int kFields = 2;          // title, abstract
constexpr uint32_t kMostAsked = 1'024;  // terms of one search

// The constants of BM25F; see search/bm25.py.
struct Weights {
  double k1 = 1.5;
  std::array<double, kFields> b{0.5, 0.75}, field{2.0, 1.0};
};
using Averages = std::array<double, kFields>;

// How often a term stands in the fields of a slot → its part in the score, before its own worth: tf' / (k1 + tf').
double saturation(const Weights& weights, const uint32_t* counts, const uint32_t* lengths, const Averages& averages);

// A version as the index takes it, terms as numbers of the lexicon. Words and names stand in one text, fields in turn.
struct Draft {
  int64_t seq, paper;
  int32_t day;
  std::array<uint32_t, kFields> lengths, counts;
  std::vector<uint32_t> text;  // title, abstract, then names: the words of each after a kNone
  std::vector<uint32_t> keys;  // whatever else it is found under: names, initials, topics, identifiers
};

// How often each term of a text stands in its fields. Asks ahead for memory: what takes time here is waiting for it.
class Tally {
 public:
  static constexpr size_t kAhead = 8;
  // Counts a text whose first `title` terms are its title; returns its different terms in the order in which they came.
  const std::vector<uint32_t>& count(const uint32_t* text, uint32_t title, uint32_t both, size_t terms);
  const uint32_t* operator[](uint32_t term) const { return frequencies_[term].data(); }

 private:
  std::vector<std::array<uint32_t, kFields>> frequencies_;  // of the last text; all others are 0
  std::vector<uint32_t> met_;
};

struct Postings {
  const uint16_t* slots;
  const uint8_t* impacts;
  uint32_t size;
};

// The embeddings of one dimension in a block: in the order in which they came, or, where all of them belong to lists and
// are packed, list by list.
struct Vectors {
  Vectors(uint32_t dimension, uint32_t capacity);
  Vectors(uint32_t dimension, uint32_t rows, uint32_t lists, std::byte* image);
  static size_t lay_out(Vectors* vectors, std::byte* base, uint32_t dimension, uint32_t capacity, uint32_t lists);
  uint32_t find(uint32_t slot, int64_t at) const;  // the row of a slot's vector at a sequence number, or kNone
  uint32_t rows_at(int64_t at) const;              // how many rows to look at; all that were born are among them
  uint32_t born_at(int64_t at) const;              // how many were born
  bool is_whole(int64_t at) const { return !closed.load(std::memory_order_relaxed) && youngest <= at; }  // none of them is shut
  bool is_open(uint32_t row, int64_t at) const { return born[row] <= at && at < seen(died[row]); }
  const int8_t* code(uint32_t row) const { return codes + size_t{row} * dimension; }
  void write(uint32_t row, uint32_t slot, int64_t seq, const int8_t* code, double scale, uint16_t list);
  void add(uint32_t slot, int64_t seq, const int8_t* code, double scale, uint16_t list);
  void close(uint32_t row, int64_t seq) {
    show(died[row], seq);
    closed.fetch_add(1);
  }

  uint32_t dimension, words, capacity, lists;  // `lists`: how many the rows are parted into, or 0
  std::atomic<uint32_t> rows{0}, closed{0};
  int64_t youngest = 0;  // of rows that lie list by list: when the last one was born
  int8_t* codes = nullptr;
  uint64_t* bits = nullptr;  // signs; those of eight rows lie word by word beside each other
  double* scales = nullptr;
  int64_t *born = nullptr, *died = nullptr;
  uint32_t* older = nullptr;   // the row that a row took the place of, + 1
  uint32_t* latest = nullptr;  // of each slot: its last row + 1
  uint32_t* starts = nullptr;  // where the rows of each list start, and where the last ones end
  uint16_t *slots = nullptr, *list = nullptr;
  std::atomic<Vectors*> next{nullptr};
  Region memory;
};

class Block {
 public:
  struct Sizes {
    uint64_t slots, text, rare, terms, letters, cells, postings, deaths, dead_postings, areas, area_bytes;
    Averages averages;
  };
  using Source = std::pair<const Block*, uint32_t>;
  // What has happened to a block so far: it can be packed as it is now while more happens to it.
  struct Moment {
    struct Area {
      const Vectors* vectors;
      uint32_t rows;
      std::vector<int64_t> died;
    };
    explicit Moment(const Block& block);
    const Block* block;
    uint32_t deaths;
    std::vector<Area> areas;
  };

  Block(const Weights& weights, const Averages& averages);       // a growing one
  Block(const Weights& weights, const Sizes& sizes, Region image);  // one that was packed
  ~Block();
  // Packs slots of other blocks, given in the order of their birth, with all that happened to them up to a moment.
  static std::shared_ptr<Block> pack(const Weights& weights, const std::vector<Moment>& moments, const std::vector<Source>& slots);
  std::shared_ptr<Block> pack_again() const;  // as it is now
  static bool can_hold(const Region& image, const Sizes& sizes);  // whether a packed block of such sizes fills an image

  // Writing
  bool has_room(const Draft& draft) const;
  uint32_t put(const Draft& draft, const Lexicon& lexicon);
  void forget_lexicon() { local_ = {}; }
  void close(uint32_t slot, int64_t seq);
  void embed(uint32_t slot, int64_t seq, uint32_t dimension, const int8_t* code, double scale, uint16_t list);
  void assign(const Lists& lists);  // finds the list of each vector of their dimension

  // Reading
  uint32_t find(std::string_view term) const;
  uint32_t slots_at(int64_t at, uint32_t published) const;  // how many slots were born
  uint32_t deaths_at(int64_t at) const;
  std::vector<uint64_t> closed_slots(uint32_t slots, uint32_t deaths) const;  // one bit for each of the first so many slots
  uint32_t holders(uint32_t term, uint32_t slots) const;     // of the first so many slots
  uint32_t dead_holders(uint32_t term, uint32_t deaths) const;
  uint8_t most_impact(uint32_t term) const { return chains_ ? chains_[term].most.load() : mosts_[term]; }
  template <class Visit>
  void visit(uint32_t term, uint32_t slots, Visit visit) const;
  void count(uint32_t slot, const uint32_t* terms, uint32_t size, uint32_t (*counts)[kFields]) const;
  void prefetch(uint32_t slot) const {
    for (uint32_t line = 0; line < 6; ++line) __builtin_prefetch(text_ + text_starts_[slot] + 32 * line);
  }
  bool has_phrase(uint32_t slot, const std::vector<uint32_t>& terms, bool in_title) const;
  bool has_author(uint32_t slot, const std::vector<uint32_t>& terms, const std::vector<std::string_view>& words) const;
  const Vectors* vectors(uint32_t dimension, const Vectors* after = nullptr) const;
  template <class Visit>
  void each_vectors(Visit visit) const {
    for (const Vectors* area = areas_.load(std::memory_order_acquire); area; area = area->next.load(std::memory_order_acquire)) visit(*area);
  }
  std::string_view term(uint32_t number) const {
    return {letters_ + letter_starts_[number], letter_starts_[number + 1] - letter_starts_[number]};
  }

  bool is_growing() const { return chains_ != nullptr; }  // or waits to be packed
  bool is_loose() const { return is_growing() || is_assigned_; }  // packing would make it smaller, or faster to search
  bool is_changed() const { return is_changed_; }  // since it was packed
  uint32_t size() const { return size_; }           // for the writer, and for blocks that were packed
  std::vector<Source> slots() const;                // all of them, to be packed
  uint32_t deaths() const { return deaths_.load(std::memory_order_acquire); }
  const Sizes& sizes() const { return sizes_; }
  const Region& image() const { return image_; }
  const Averages& averages() const { return sizes_.averages; }

  int64_t *papers = nullptr, *born = nullptr, *died = nullptr;
  int32_t* days = nullptr;
  uint32_t *lengths = nullptr, *counts = nullptr;  // kFields a slot: words without and with stop words
  uint16_t* died_slots = nullptr;  // in the order of their deaths

 private:
  friend class Packer;
  static size_t lay_out(Block* block, std::byte* base, const Sizes& sizes);  // the vectors' sizes are read off `base`
  void publish_cells(uint64_t size);
  uint32_t local(uint32_t number, const Lexicon& lexicon);
  void write_term(uint32_t term);
  void note_deaths(uint32_t deaths);
  uint32_t rare_at(uint32_t slot, uint32_t place) const;
  template <class Visit>
  void visit_text(uint32_t slot, uint32_t from, uint32_t to, Visit visit) const;

  Weights weights_;
  Sizes sizes_{};
  uint32_t size_ = 0;
  bool is_changed_ = false, is_assigned_ = false;
  Region image_;
  // Texts: term numbers, the rare ones aside; where those of each slot start.
  uint16_t* text_ = nullptr;
  uint32_t *rare_ = nullptr, *text_starts_ = nullptr, *rare_starts_ = nullptr;
  // Dictionary: letters of each term, and a hash table of term numbers + 1.
  struct Cells {
    uint64_t mask;
    uint32_t* cells;
  };
  char* letters_ = nullptr;
  uint32_t *letter_starts_ = nullptr, *cells_ = nullptr;
  std::atomic<const Cells*> table_{nullptr};
  std::vector<std::pair<std::unique_ptr<Cells>, std::vector<uint32_t>>> tables_;
  // Postings: of a growing block chains, of a packed one lists side by side, with the greatest impact of each.
  Chain* chains_ = nullptr;
  uint32_t* posting_starts_ = nullptr;
  uint16_t* posting_slots_ = nullptr;
  uint8_t *posting_impacts_ = nullptr, *mosts_ = nullptr;
  // Deaths, numbered as they came: for each term those of its holders.
  std::atomic<uint32_t> deaths_{0};
  static constexpr uint32_t kDeathsANote = 1024;
  std::array<std::atomic<const uint64_t*>, kSlots / kDeathsANote> notes_{};  // which slots were closed after so many deaths
  uint32_t* dead_starts_ = nullptr;
  uint16_t* dead_ = nullptr;
  Region dead_memory_;
  std::atomic<Chain*> dead_chains_{nullptr};
  std::atomic<Vectors*> areas_{nullptr};
  uint64_t* area_sizes_ = nullptr;  // of a packed block: dimension, rows and lists of each
  std::vector<std::unique_ptr<Vectors>> owned_;
  Arena arena_;
  // The writer's notes
  std::vector<uint32_t> local_;  // lexicon number → term + 1
  std::vector<uint32_t> locals_;
  Tally tally_;
};

template <class Visit>
void Block::visit(uint32_t term, uint32_t slots, Visit visit) const {
  const auto cut = [slots](const uint16_t* list, uint32_t size) {
    return size && list[size - 1] >= slots ? static_cast<uint32_t>(std::lower_bound(list, list + size, slots) - list) : size;
  };
  if (chains_) {
    chains_[term].walk(kNone, [&](const uint16_t* list, const uint8_t* impacts, uint32_t size) {
      if (const uint32_t most = cut(list, size)) visit(Postings{list, impacts, most});
    });
  } else {
    const uint32_t start = posting_starts_[term];
    const uint16_t* list = posting_slots_ + start;
    visit(Postings{list, posting_impacts_ + start, cut(list, posting_starts_[term + 1] - start)});
  }
}

}  // namespace broadsheet
