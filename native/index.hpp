// The live index: one writer applies changes in the journal's order, any number of readers search states of it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "open_papers.hpp"
#include "packing.hpp"
#include "search.hpp"

namespace broadsheet {

struct Change {
  enum Kind { kPut, kEmbed, kWithdraw, kErase };
  int kind;
  int64_t seq, paper;
  Draft draft;    // of a put
  Vector vector;  // of an embed
};

// A snapshot that is damaged, of another version or of another library. The message is a sentence.
struct SnapshotError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Index {
 public:
  // `block_slots` is how many slots fill a block, at most kSlots; tests make small blocks.
  // `learned_from` how many vectors lists are learned from; tests have few.
  explicit Index(const Weights& weights, uint32_t block_slots = kSlots, uint32_t learned_from = Lists::kLearnedFrom);
  // Maps a snapshot. Raises SnapshotError.
  Index(const Weights& weights, const std::string& path, const std::string& identity, uint32_t block_slots = kSlots,
        uint32_t learned_from = Lists::kLearnedFrom);
  ~Index();
  static int64_t position_of(const std::string& path);  // what a snapshot claims, unchecked
  void save(const std::string& path, const std::string& identity);

  // Applies checked changes, visible all at once. A block that grew full is then packed, and those mostly closed are
  // compacted, by another thread; only what erases a paper, or lists are learned from, waits for that.
  void apply(const std::vector<Change>& changes, int64_t position);
  void compact();
  std::shared_ptr<const State> state() const;
  Lexicon& lexicon() { return lexicon_; }
  void forget_words();  // but the commonest
  const Weights& weights() const { return weights_; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  Block& tail() { return *blocks_[tail_]; }
  void put(const Draft& draft);
  void close(int64_t seq, int64_t paper);
  void forget(int64_t paper, const OpenPapers::Place& place);  // that it is open
  void embed(int64_t seq, int64_t paper, const Vector& vector);
  void erase(int64_t paper);
  void remove_erased();
  void learn_if_due(uint32_t dimension);
  bool may_learn(const std::vector<Change>& changes) const;
  Lists* lists(uint32_t dimension) const;
  uint64_t vectors(uint32_t dimension) const;  // how many there are, closed ones too
  void use(Lexicon lexicon);  // from now on
  void grow_another();
  size_t free_number();
  // Packing
  struct Due {
    std::vector<size_t> numbers;
    bool is_parted;
  };
  Due due() const;  // which blocks to pack next, if any
  size_t waiting() const;  // how many full blocks wait to be packed
  void begin_packing();
  void pack_all_due();  // what the thread does
  void settle(Lock& lock);
  void replace(Packing& done);
  void publish(int64_t position);
  Averages averages() const;

  const Weights weights_;
  const uint32_t block_slots_, learned_from_;
  const std::shared_ptr<Block> nothing_;  // stands where a block was packed into others, so that numbers last
  std::mutex writing_;
  Lexicon lexicon_;
  Blocks blocks_;
  size_t tail_ = 0;  // the number of the block that grows
  OpenPapers open_{blocks_};
  std::set<std::pair<uint32_t, uint32_t>> erased_;
  std::vector<std::shared_ptr<Lists>> lists_;
  int64_t papers_ = 0;
  std::array<int64_t, kFields> lengths_{};
  mutable std::mutex showing_;  // held for the copy of a pointer
  std::shared_ptr<const State> state_;
  std::condition_variable packed_;  // told when `is_packing_` or what waits changes
  bool is_packing_ = false, is_closing_ = false;
  std::exception_ptr failure_;  // of the last packing
  std::jthread packer_;         // the last member: it is joined while the others are
};

}  // namespace broadsheet
