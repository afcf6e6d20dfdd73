// Runs the index without Python, for the sanitizers: one writer, three searching threads, and what must always hold.
//
// Papers come in families of four with the same words that are put, embedded, closed and erased together, so whoever sees a number of
// papers that four does not divide has seen half a batch; and a state that is kept gives the same answers for ever.

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <tuple>

#include <unistd.h>

#include "index.hpp"

using namespace broadsheet;

namespace {

constexpr int64_t kFamily = 4;
constexpr uint32_t kLearnedFrom = 5'000, kDimension = 96, kWords = 400, kSearchers = 3;
constexpr const char* kIdentity = "stress";

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "stress: %s\n", what);
  std::abort();
}

void check(bool holds, const char* what) {
  if (!holds) fail(what);
}

class Chance {
 public:
  explicit Chance(uint64_t seed) : bits_(seed) {}
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(bits_() % limit); }
  std::string word() { return "w" + std::to_string(below(1 + below(kWords))); }  // the first ones more often
  Vector vector(uint32_t dimension) {
    Vector made{std::vector<int8_t>(dimension), 0.01};
    for (int8_t& code : made.codes) code = static_cast<int8_t>(static_cast<int>(below(256)) - 128);
    return made;
  }

 private:
  std::mt19937_64 bits_;
};

// The index as it is now; another one after a restart.
class Place {
 public:
  explicit Place(std::shared_ptr<Index> index) : index_(std::move(index)) {}
  std::shared_ptr<Index> get() const {
    const std::lock_guard lock(changing_);
    return index_;
  }
  void set(std::shared_ptr<Index> index) {
    const std::lock_guard lock(changing_);
    index_ = std::move(index);
  }

 private:
  mutable std::mutex changing_;
  std::shared_ptr<Index> index_;
};

void read(Lexicon& lexicon, const std::string& text) {
  std::vector<uint32_t> unknown;
  lexicon.read(text, unknown);
  for (const uint32_t chunk : unknown) {
    const std::string letters(lexicon.chunk(chunk));
    lexicon.learn(chunk, {letters}, letters != "the");
  }
}

Request random_request(Chance& chance) {
  Request request;
  request.depth = 1 + chance.below(20);
  request.near = 1 + chance.below(40);
  switch (chance.below(7)) {
    case 0: request.terms = {"every"}; break;
    case 1: request.terms = {chance.word(), chance.word(), "every", "the"}; break;
    case 2:
      request.terms = {chance.word(), "every"};
      request.excluded = {{Clause::kPhrase, 0, {chance.word()}}};
      break;
    case 3:
      request.terms = {"every", "paper"};
      request.required = {{Clause::kPhrase, 0, {"every", "paper"}}};
      request.needs_word = false;
      break;
    case 4:
      request.required = {{Clause::kAfter, static_cast<int32_t>(chance.below(1'000)), {}}};
      request.needs_word = false;
      break;
    case 5:
      request.required = {{Clause::kAuthor, 0, {"\3smith", "\3" "a"}}};
      request.needs_word = false;
      break;
    default: request.terms = {"every", chance.word()}; request.required = {{Clause::kKey, 0, {"\1topic"}}};
  }
  if (chance.below(2)) request.vector = chance.vector(chance.below(8) ? kDimension : 7);
  return request;
}

bool is_same(const Found& one, const Found& other) {
  const auto equal = [](const std::vector<double>& left, const std::vector<double>& right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](double a, double b) { return a == b || (a != a && b != b); });
  };
  return one.total == other.total && one.papers == other.papers && one.days == other.days && equal(one.words, other.words) &&
         equal(one.cosines, other.cosines) && one.is_near == other.is_near;
}

void check_answer(const Found& found, const Request& request, const std::vector<double>& shares) {
  check(found.total >= 0 && found.total % kFamily == 0, "an answer counts half a batch");
  check(found.papers.size() <= 2 * size_t{request.depth} + request.near, "an answer is too long");
  check(request.vector.codes.size() || found.papers.size() == std::min<size_t>(request.depth, static_cast<size_t>(found.total)), "an answer is cut");
  std::vector<int64_t> papers = found.papers;
  std::sort(papers.begin(), papers.end());
  check(std::adjacent_find(papers.begin(), papers.end()) == papers.end(), "a paper is found twice");
  for (const double words : found.words) check(words >= 0 && words < 1e3, "a score by words is none");
  double sum = 0;
  for (const double share : shares) sum += share == share ? share : 0;
  check(found.words.empty() || request.terms.empty() || std::abs(sum - found.words[0]) < 1e-9, "shares do not add up");
}

Found ask(const std::shared_ptr<const State>& state, int64_t at, const Request& request) {
  Search search(state, Weights{}, at);
  Found found = search.run(request);
  check_answer(found, request, found.places.empty() ? std::vector<double>{} : search.shares(found.places[0]));
  return found;
}

void search(const Place& place, const std::atomic<bool>& is_over, uint64_t seed, std::atomic<uint64_t>& searches) {
  Chance chance(seed);
  while (!is_over.load()) {
    const auto state = place.get()->state();
    for (int turn = 0; turn < 3; ++turn) {
      const int64_t at = turn ? static_cast<int64_t>(chance.below(static_cast<uint32_t>(state->position) + 1)) : state->position;
      const Request request = random_request(chance);
      const auto papers = Search(state, Weights{}, at).papers();
      Request every;
      every.terms = {"every"};
      // A search between two changes of a batch sees a part of it; only ends of batches are whole.
      if (at == state->position) {
        check(papers.size() % kFamily == 0 && static_cast<int64_t>(papers.size()) == state->papers, "a state holds half a batch");
        check(ask(state, at, every).total == state->papers, "a word of every paper is not in every paper");
        const Found found = ask(state, at, request);
        check(is_same(found, ask(state, at, request)), "a state changed");
        Search near(state, Weights{}, at);
        if (!papers.empty()) near.nearest(papers[chance.below(static_cast<uint32_t>(papers.size()))], 5);
      } else {
        const Found found = Search(state, Weights{}, at).run(request);
        check(is_same(found, Search(state, Weights{}, at).run(request)), "the past changed");
      }
      searches.fetch_add(1);
    }
  }
}

class Writer {
 public:
  Writer(Place& place, uint64_t seed, uint32_t block_slots) : place_(place), chance_(seed), block_slots_(block_slots) {
    path_ = "/tmp/broadsheet-stress." + std::to_string(getpid());
  }
  ~Writer() { unlink(path_.c_str()); }

  // So many vectors that they are found by their signs.
  void start() {
    for (; families_ < 1'100; ++families_) {
      put(families_);
      change(Change::kEmbed, families_);
    }
  }

  // Blocks that were emptied are used again, however often something comes and is erased.
  void erase_again_and_again() {
    const size_t before = place_.get()->state()->blocks->size();
    for (int turn = 0; turn < 100; ++turn) {
      put(families_);
      change(Change::kErase, families_);
    }
    check(place_.get()->state()->blocks->size() <= before + 16, "emptied blocks pile up");
  }

  void step() {
    const uint32_t choice = chance_.below(100);
    if (choice < 45) {
      put(families_++);
    } else if (choice < 60) {
      put(any());
    } else if (choice < 85) {
      change(Change::kEmbed, any());
    } else if (choice < 93) {
      change(Change::kWithdraw, any());
    } else if (choice < 97) {
      change(Change::kErase, any());
    } else if (choice < 98) {
      keep_answers([&] { place_.get()->compact(); });
    } else {
      keep_answers([&] { restart(); });
    }
    const char* kernels[] = {"portable", "avx2", "avx512"};
    use_kernels(kernels[chance_.below(3)]);  // one that the processor lacks changes nothing
  }

 private:
  int64_t any() { return chance_.below(static_cast<uint32_t>(families_) + 1); }

  void put(int64_t family) {
    Lexicon& lexicon = place_.get()->lexicon();
    if (lexicon.is_full()) place_.get()->forget_words();
    std::vector<Change> changes;
    const std::string title = "the every paper f" + std::to_string(family);
    std::string abstract = "u" + std::to_string(seq_);
    for (uint32_t left = chance_.below(30); left; --left) abstract += " " + chance_.word();
    for (int64_t member = 0; member < kFamily; ++member) {
      read(lexicon, title);
      read(lexicon, abstract);
      Change change{Change::kPut, ++seq_, family * kFamily + member, {}, {}};
      Draft& draft = change.draft;
      draft.seq = change.seq;
      draft.paper = change.paper;
      draft.day = static_cast<int32_t>(family % 1'000);
      for (size_t field = 0; field < kFields; ++field) {
        const size_t before = draft.text.size();
        draft.lengths[field] = lexicon.next_text(draft.text);
        draft.counts[field] = static_cast<uint32_t>(draft.text.size() - before);
      }
      draft.text.push_back(kNone);
      for (const char* key : {"\3ann", "\3smith"}) draft.text.push_back(lexicon.term(key));
      for (const char* key : {"\3ann", "\3" "a", "\3smith", "\3s"}) draft.keys.push_back(lexicon.term(key));
      if (family % 3 == 0) draft.keys.push_back(lexicon.term("\1topic"));
      changes.push_back(std::move(change));
    }
    place_.get()->apply(changes, seq_);
  }

  void change(Change::Kind kind, int64_t family) {
    const uint32_t dimension = chance_.below(10) ? kDimension : 7;
    std::vector<Change> changes;
    for (int64_t member = 0; member < kFamily; ++member) {
      changes.push_back({kind, ++seq_, family * kFamily + member, {}, {}});
      if (kind == Change::kEmbed) changes.back().vector = chance_.vector(dimension);
    }
    place_.get()->apply(changes, seq_);
  }

  // Packing and restarts are seen by nobody.
  template <class Act>
  void keep_answers(Act act) {
    std::vector<Request> requests;
    for (int number = 0; number < 4; ++number) requests.push_back(random_request(chance_));
    const auto sorted = [&](const Request& request, int64_t at) {
      Found found = Search(place_.get()->state(), Weights{}, at).run(request);
      std::vector<std::tuple<int64_t, double, double>> rows;
      const auto number_of = [](double value) { return value == value ? value : -1e9; };
      for (size_t row = 0; row < found.papers.size(); ++row) rows.emplace_back(found.papers[row], number_of(found.words[row]), number_of(found.cosines[row]));
      std::sort(rows.begin(), rows.end());
      return std::pair(found.total, rows);
    };
    std::vector<std::pair<int64_t, std::vector<std::tuple<int64_t, double, double>>>> before;
    const int64_t past = chance_.below(static_cast<uint32_t>(seq_) + 1);
    for (const Request& request : requests)
      for (const int64_t at : {seq_, past}) before.push_back(sorted(request, at));
    act();
    size_t next = 0;
    for (const Request& request : requests)
      for (const int64_t at : {seq_, past}) check(before[next++] == sorted(request, at), "packing or a restart changed an answer");
  }

  void restart() {
    place_.get()->save(path_, kIdentity);
    check(Index::position_of(path_) == seq_, "a snapshot tells another position");
    place_.set(std::make_shared<Index>(Weights{}, path_, kIdentity, block_slots_, kLearnedFrom));
  }

  Place& place_;
  Chance chance_;
  const uint32_t block_slots_;
  std::string path_;
  int64_t seq_ = 0, families_ = 0;
};

}  // namespace

int main(int count, char** words) {
  const uint64_t steps = count > 1 ? std::strtoull(words[1], nullptr, 10) : 2'000;
  const uint64_t seed = count > 2 ? std::strtoull(words[2], nullptr, 10) : 1;
  const auto block_slots = static_cast<uint32_t>(count > 3 ? std::strtoul(words[3], nullptr, 10) : 256);
  Place place(std::make_shared<Index>(Weights{}, block_slots, kLearnedFrom));
  std::atomic<bool> is_over{false};
  std::atomic<uint64_t> searches{0};
  {
    std::vector<std::jthread> searchers;
    for (uint32_t number = 0; number < kSearchers; ++number)
      searchers.emplace_back([&, number] { search(place, is_over, seed * 100 + number, searches); });
    Writer writer(place, seed, block_slots);
    if (block_slots > 16 * kFamily) writer.start();
    for (uint64_t step = 0; step < steps; ++step) writer.step();
    if (block_slots > kFamily) writer.erase_again_and_again();
    is_over = true;
  }
  const auto state = place.get()->state();
  std::printf("%llu steps, %llu searches, %lld papers in %zu blocks\n", static_cast<unsigned long long>(steps),
              static_cast<unsigned long long>(searches.load()), static_cast<long long>(state->papers), state->blocks->size());
}
