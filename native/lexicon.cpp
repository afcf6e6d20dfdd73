#include "lexicon.hpp"

#include <algorithm>
#include <cstring>

namespace broadsheet {

namespace {

// Python's str.split() cuts at these too; a chunk that holds a space of another kind is analysed as well as its parts.
bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r') || (byte >= 0x1c && byte <= 0x1f); }

template <class Visit>
void split(std::string_view text, Visit visit) {
  size_t end = 0;
  while (true) {
    size_t start = end;
    while (start < text.size() && is_space(text[start])) ++start;
    if (start == text.size()) return;
    end = start;
    while (end < text.size() && !is_space(text[end])) ++end;
    visit(text.substr(start, end - start));
  }
}

}  // namespace

namespace {

// Up to eight letters as one number, which tells them apart from all others of the same length.
uint64_t short_word(const char* at, size_t size) {
  uint32_t low, high;
  if (size >= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    return word;
  }
  if (size >= 4) {
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + size - 4, 4);
    return low | uint64_t{high} << 32;
  }
  const auto letter = [at](size_t place) { return uint64_t{static_cast<unsigned char>(at[place])}; };
  return size ? letter(0) | letter(size / 2) << 8 | letter(size - 1) << 16 : 0;
}

}  // namespace

uint64_t hash(std::string_view text) {
  uint64_t state = 0x9E3779B97F4A7C15u ^ text.size();
  const char* at = text.data();
  size_t left = text.size();
  for (;; left -= 8, at += 8) {
    const auto wide = static_cast<unsigned __int128>(state ^ short_word(at, left)) * 0xD6E8FEB86659FD93u;
    state = static_cast<uint64_t>(wide) ^ static_cast<uint64_t>(wide >> 64);
    if (left <= 8) return state;
  }
}

uint64_t& Strings::cell(std::string_view text, uint64_t hash_of_it) {
  const size_t mask = cells_.size() - 1;
  const uint64_t first = short_word(text.data(), text.size());
  for (size_t place = hash_of_it & mask;; place = (place + 1) & mask) {
    const uint64_t cell = cells_[place];
    if (!cell) return cells_[place];
    if (cell >> 32 != hash_of_it >> 32) continue;
    const Head& head = heads_[static_cast<uint32_t>(cell) - 1];
    if (head.first == first && head.size == text.size() && (head.size <= 8 || !std::memcmp(letters_.data() + head.start + 8, text.data() + 8, head.size - 8))) return cells_[place];
  }
}

uint32_t Strings::find(std::string_view text) const { return static_cast<uint32_t>(const_cast<Strings*>(this)->cell(text, hash(text))) - 1; }

void Strings::prefetch(uint64_t hash_of_it, size_t step) const {
  const uint64_t* cell = cells_.data() + (hash_of_it & (cells_.size() - 1));
  if (!step) return __builtin_prefetch(cell);
  if (*cell) __builtin_prefetch(heads_.data() + (static_cast<uint32_t>(*cell) - 1));
}

uint32_t Strings::add(std::string_view text, uint64_t hash_of_it) {
  if (const uint64_t known = cell(text, hash_of_it)) return static_cast<uint32_t>(known) - 1;
  if (heads_.size() * 2 >= cells_.size()) {
    cells_.assign(cells_.size() * 2, 0);
    for (uint32_t number = 0; number < size(); ++number) {
      size_t place = hashes_[number] & (cells_.size() - 1);
      while (cells_[place]) place = (place + 1) & (cells_.size() - 1);
      cells_[place] = hashes_[number] >> 32 << 32 | (number + 1);
    }
  }
  uint64_t& free = cell(text, hash_of_it);
  heads_.push_back({short_word(text.data(), text.size()), static_cast<uint32_t>(letters_.size()), static_cast<uint32_t>(text.size())});
  letters_ += text;
  hashes_.push_back(hash_of_it);
  free = hash_of_it >> 32 << 32 | size();
  return size() - 1;
}

void Lexicon::read(std::string_view text, std::vector<uint32_t>& unknown) {
  if (asked_ == texts_.size()) texts_.clear(), asked_ = 0;
  texts_.emplace_back();
  split_.clear();
  split(text, [&](std::string_view chunk) { split_.emplace_back(chunk, hash(chunk)); });
  constexpr size_t kAhead = 6;
  for (size_t next = 0; next < split_.size() + Strings::kSteps * kAhead; ++next) {
    for (size_t step = 0; step < Strings::kSteps; ++step)
      if (const size_t place = next - step * kAhead; place < split_.size()) chunks_.prefetch(split_[place].second, step);
    const size_t place = next - Strings::kSteps * kAhead;
    if (place >= split_.size()) continue;
    const uint32_t number = chunks_.add(split_[place].first, split_[place].second);
    texts_.back().push_back(number);
    if (number < analysed_.size()) continue;
    analysed_.emplace_back();
    unknown.push_back(number);
  }
}

void Lexicon::learn(uint32_t chunk, const std::vector<std::string_view>& terms, uint32_t words) {
  analysed_.at(chunk) = {static_cast<uint32_t>(numbers_.size()), static_cast<uint32_t>(terms.size()), words};
  for (const std::string_view text : terms) numbers_.push_back(terms_.add(text));
}

Lexicon Lexicon::of_first() const {
  Lexicon made;
  for (uint32_t chunk = 0; chunk < std::min(kFirst, static_cast<uint32_t>(analysed_.size())); ++chunk) {
    const auto& [start, count, words] = analysed_[chunk];
    if (words == kUnknown) continue;  // it was read, and then something failed
    made.analysed_.emplace_back();
    std::vector<std::string_view> terms;
    for (uint32_t place = start; place < start + count; ++place) terms.push_back(terms_[numbers_[place]]);
    made.learn(made.chunks_.add(chunks_[chunk]), terms, words);
  }
  return made;
}

uint32_t Lexicon::next_text(std::vector<uint32_t>& terms) {
  constexpr size_t kAhead = 8;
  uint32_t words = 0;
  const std::vector<uint32_t>& chunks = texts_.at(asked_);
  for (size_t place = 0; place < chunks.size(); ++place) {
    if (place + 2 * kAhead < chunks.size()) __builtin_prefetch(&analysed_[chunks[place + 2 * kAhead]]);
    if (place + kAhead < chunks.size()) __builtin_prefetch(numbers_.data() + analysed_[chunks[place + kAhead]].start);
    const Analysed& analysed = analysed_[chunks[place]];
    const auto* first = numbers_.data() + analysed.start;
    terms.insert(terms.end(), first, first + analysed.count);
    words += analysed.words;
  }
  ++asked_;
  return words;
}

}  // namespace broadsheet
