// Searching the blocks of one state of the index, at one sequence number.
#pragma once

#include <memory>
#include <string>

#include "block.hpp"
#include "kernels.hpp"

namespace broadsheet {

// What readers see, from one change of the index to the next.
struct State {
  std::shared_ptr<const std::vector<std::shared_ptr<Block>>> blocks;
  size_t tail = 0;         // the block that grows,
  uint32_t published = 0;  // and how many of its slots there are
  std::vector<std::shared_ptr<const Lists>> lists;                    // those that were learned, each of a dimension
  int64_t position = 0, papers = 0;
  std::array<int64_t, kFields> lengths{};  // of the open papers, added up
};

struct Clause {
  enum Kind { kPhrase, kTitlePhrase, kAuthor, kKey, kAfter, kBefore };
  int kind;
  int32_t day;
  std::vector<std::string> terms;
};

struct Request {
  std::vector<std::string> terms;
  std::vector<Clause> required, excluded;
  bool needs_word = true, is_counted = true;
  Vector vector;
  uint32_t depth = 10, near = 10;  // how many by words, and how many by meaning
};

// Columns over the papers found; `places` say where their slots are.
struct Found {
  int64_t total = -1;
  std::vector<int64_t> papers;
  std::vector<double> words, cosines;
  std::vector<int32_t> days;
  std::vector<uint8_t> is_near;
  std::vector<std::pair<uint32_t, uint32_t>> places;
};

class Search {
 public:
  Search(std::shared_ptr<const State> state, const Weights& weights, int64_t at);
  Found run(const Request& request);
  // The share of each term in the score of a place of the answer, NaN where the term is not held.
  std::vector<double> shares(const std::pair<uint32_t, uint32_t>& place) const;
  double most_by_words() const;  // what no paper can reach, however often it had every term
  std::vector<std::pair<int64_t, double>> nearest(int64_t paper, uint32_t depth);
  std::vector<int64_t> papers() const;

 private:
  struct View {  // a block as of the sequence number
    const Block* block;
    uint32_t slots, deaths;
    std::vector<uint32_t> terms, holders;  // of each term: its number in the block, and how many slots hold it
    std::vector<uint64_t> allowed;  // one bit a slot; empty where all are
  };
  struct Place {
    double key;
    int64_t paper;
    uint32_t view, slot;
    bool operator<(const Place& other) const { return key != other.key ? key > other.key : paper < other.paper; }
  };
  class Best {  // the first places, the last of them on top
   public:
    explicit Best(uint32_t depth) : depth_(depth) {}
    bool is_full() const { return places_.size() == depth_; }
    double bar() const { return places_.front().key; }
    void offer(const Place& place);
    const std::vector<Place>& places() const { return places_; }
    uint32_t depth() const { return depth_; }

   private:
    uint32_t depth_;
    std::vector<Place> places_;
  };
  using Bits = std::vector<uint64_t>;

  void read_terms(const Request& request);
  void read_clauses(const Request& request);
  Bits open_slots(const View& view) const;
  Bits holding(const View& view, const Clause& clause) const;
  bool may_be_blind(const View& view, uint32_t dimension) const;  // whether a slot may have no vector to compare
  Bits blind_slots(const View& view, uint32_t dimension) const;
  double score(const View& view, uint32_t slot, double* shares = nullptr) const;
  double cosine(const View& view, uint32_t slot, const Vector& vector) const;
  void rank_words(uint32_t number, const Bits& allowed, Best& best) const;
  void rank_all(uint32_t number, bool has_terms, Best& best) const;
  void rank_meaning(const Vector& vector, Best& best) const;
  const Lists* lists(uint32_t dimension) const;  // those to look into, if any
  int64_t count(const Request& request) const;

  std::shared_ptr<const State> state_;
  Weights weights_;  // its own: an answer may outlive the index
  int64_t at_, papers_ = 0;
  bool is_filtered_ = false;
  Averages averages_{};
  std::vector<View> views_;
  std::vector<double> worths_;
  struct Tier {
    std::vector<uint32_t> terms;
    double unit;     // what a score of 1 counts in the sums of parts
    uint32_t below;  // what the terms of all tiers below can add
  };
  std::vector<Tier> tiers_;
  std::array<std::vector<std::array<uint16_t, 256>>, 2> parts_;  // an impact → the most it can be worth; packed, growing
};

}  // namespace broadsheet
