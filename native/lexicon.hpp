// The writer's memory of words: what a stretch of text between spaces was analysed into, and a number for each term.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace broadsheet {

uint64_t hash(std::string_view text);

// Strings numbered from 0 in the order in which they came.
class Strings {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t find(std::string_view text) const;
  uint32_t add(std::string_view text) { return add(text, hash(text)); }  // the number of a new or a known one
  uint32_t add(std::string_view text, uint64_t hash_of_it);
  // Asks for the memory that `add` will look at, which takes as many steps: each needs what the one before asked for.
  static constexpr size_t kSteps = 2;
  void prefetch(uint64_t hash_of_it, size_t step) const;
  std::string_view operator[](uint32_t number) const { return {letters_.data() + heads_[number].start, heads_[number].size}; }
  uint32_t size() const { return static_cast<uint32_t>(heads_.size()); }
  size_t bytes() const { return letters_.size(); }

 private:
  uint64_t& cell(std::string_view text, uint64_t hash_of_it);
  struct Head {
    uint64_t first;  // the first eight letters: most words have no more, and are known by them
    uint32_t start, size;
  };
  std::string letters_;
  std::vector<Head> heads_;
  std::vector<uint64_t> hashes_;
  std::vector<uint64_t> cells_ = std::vector<uint64_t>(64);  // a number + 1 or 0, and in the upper half that of the hash
};

class Lexicon {
 public:
  // Reads a text: its chunks wait for `next_text`, and the numbers of those that were never analysed are noted, for
  // `learn` to tell their terms before.
  void read(std::string_view text, std::vector<uint32_t>& unknown);
  void learn(uint32_t chunk, const std::vector<std::string_view>& terms, uint32_t words);  // `words`: that are no stop words
  // Appends the terms of the next text that was read; returns how many are no stop words.
  uint32_t next_text(std::vector<uint32_t>& terms);
  bool is_read() const { return asked_ < texts_.size(); }  // texts wait for `next_text`
  std::string_view chunk(uint32_t number) const { return chunks_[number]; }

  uint32_t term(std::string_view text) { return terms_.add(text); }
  std::string_view text(uint32_t term) const { return terms_[term]; }
  uint32_t size() const { return terms_.size(); }

  // Another one that knows no more than the first stretches that were met: by Zipf's law these are the commonest.
  Lexicon of_first() const;
  // Whether enough was remembered to make another one, with other numbers.
  bool is_full() const { return chunks_.size() > kMost || terms_.size() > kMost || chunks_.bytes() > kMostBytes; }

 private:
  static constexpr uint32_t kMost = 400'000, kFirst = 32'768, kUnknown = UINT32_MAX;
  static constexpr size_t kMostBytes = 1 << 24;
  struct Analysed {
    uint32_t start, count, words = kUnknown;
  };
  Strings chunks_, terms_;
  std::vector<Analysed> analysed_;
  std::vector<uint32_t> numbers_;
  std::vector<std::pair<std::string_view, uint64_t>> split_;  // the chunks of a text and their hashes
  std::vector<std::vector<uint32_t>> texts_;  // as chunks; those before `asked_` were asked for
  size_t asked_ = 0;
};

}  // namespace broadsheet
