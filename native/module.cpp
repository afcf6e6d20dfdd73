// The module broadsheet.search._native: what Python hands over and gets back. Every call works without the GIL.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <system_error>

#include "index.hpp"

namespace nb = nanobind;
using namespace broadsheet;

namespace {

using Codes = nb::ndarray<const int8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// A Python string as UTF-8; half characters, which only damaged text has, are passed on.
class Utf8 {
 public:
  explicit Utf8(nb::handle text) {
    Py_ssize_t size = 0;
    const char* letters = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
    if (!letters) {
      PyErr_Clear();
      bytes_ = nb::steal(PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogatepass"));
      if (!bytes_.is_valid()) throw nb::python_error();
      letters = PyBytes_AS_STRING(bytes_.ptr());
      size = PyBytes_GET_SIZE(bytes_.ptr());
    }
    view = {letters, static_cast<size_t>(size)};
  }
  std::string_view view;

 private:
  nb::object bytes_;
};

nb::object to_str(std::string_view text) {
  return nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogatepass"));
}

// Keys of other kinds than words begin with a character that no word has.
constexpr char kTopic = 1, kIdentifier = 2, kName = 3, kNothing = 4;  // of a word that looks like a key

uint32_t key(Lexicon& lexicon, char kind, std::string_view text) { return lexicon.term(std::string(1, kind).append(text)); }

std::string_view first_letter(std::string_view word) {
  size_t size = 1;
  while (size < word.size() && (static_cast<unsigned char>(word[size]) & 0xC0) == 0x80) ++size;
  return word.substr(0, size);
}

// (kind, seq, paper, names as lists of words, topic keys, identifiers, day); others are shorter. Of the text, only the
// names are there yet.
Change change_of(nb::tuple from, Lexicon& lexicon) {
  Change change{};
  change.kind = nb::cast<int>(from[0]);
  change.seq = nb::cast<int64_t>(from[1]);
  change.paper = nb::cast<int64_t>(from[2]);
  if (change.kind == Change::kEmbed) {
    const auto codes = nb::cast<Codes>(from[3]);
    change.vector = {{codes.data(), codes.data() + codes.size()}, nb::cast<double>(from[4])};
  }
  if (change.kind != Change::kPut) return change;
  Draft& draft = change.draft;
  draft.seq = change.seq;
  draft.paper = change.paper;
  for (nb::handle name : nb::cast<nb::list>(from[3])) {
    draft.text.push_back(kNone);
    for (nb::handle word : nb::cast<nb::list>(name)) {
      const Utf8 letters(word);
      draft.text.push_back(key(lexicon, kName, letters.view));
      draft.keys.push_back(draft.text.back());
      draft.keys.push_back(key(lexicon, kName, first_letter(letters.view)));
    }
  }
  for (nb::handle topic : nb::cast<nb::list>(from[4])) draft.keys.push_back(key(lexicon, kTopic, Utf8(topic).view));
  for (nb::handle name : nb::cast<nb::sequence>(from[5])) draft.keys.push_back(key(lexicon, kIdentifier, Utf8(name).view));
  draft.day = nb::cast<int32_t>(from[6]);
  return change;
}

// Puts the title and the abstract, which were read, before the names.
void take_texts(Draft& draft, Lexicon& lexicon) {
  const std::vector<uint32_t> names = std::move(draft.text);
  draft.text.clear();
  for (size_t field = 0; field < kFields; ++field) {
    const size_t before = draft.text.size();
    draft.lengths[field] = lexicon.next_text(draft.text);
    draft.counts[field] = static_cast<uint32_t>(draft.text.size() - before);
  }
  draft.text.insert(draft.text.end(), names.begin(), names.end());
}

std::vector<std::string> terms_of(nb::handle from, std::string_view kind = "") {
  std::vector<std::string> terms;
  for (nb::handle term : nb::cast<nb::sequence>(from)) {
    const Utf8 letters(term);
    const bool is_none = kind.empty() && !letters.view.empty() && static_cast<unsigned char>(letters.view[0]) < ' ';
    terms.push_back(std::string(is_none ? std::string_view(&kNothing, 1) : kind).append(letters.view));
  }
  return terms;
}

// (kind, terms, day), the kind as in Clause, topics and identifiers told apart by their letter.
std::vector<Clause> clauses_of(nb::list from) {
  std::vector<Clause> clauses;
  for (nb::handle one : from) {
    const auto parts = nb::cast<nb::tuple>(one);
    const auto kind = nb::cast<std::string>(parts[0]);
    Clause clause{Clause::kPhrase, nb::cast<int32_t>(parts[2]), {}};
    char letter = 0;
    if (kind == "title") clause.kind = Clause::kTitlePhrase;
    if (kind == "author") clause.kind = Clause::kAuthor, letter = kName;
    if (kind == "topic") clause.kind = Clause::kKey, letter = kTopic;
    if (kind == "identifier") clause.kind = Clause::kKey, letter = kIdentifier;
    if (kind == "after") clause.kind = Clause::kAfter;
    if (kind == "before") clause.kind = Clause::kBefore;
    clause.terms = terms_of(parts[1], std::string_view(&letter, letter ? 1 : 0));
    clauses.push_back(std::move(clause));
  }
  return clauses;
}

template <class T>
nb::object to_array(std::vector<T> values, std::vector<size_t> shape) {
  auto* kept = new std::vector<T>(std::move(values));
  const nb::capsule owner(kept, [](void* gone) noexcept { delete static_cast<std::vector<T>*>(gone); });
  return nb::cast(nb::ndarray<nb::numpy, T>(kept->data(), shape.size(), shape.data(), owner));
}

// An answer, with what it takes to explain it.
struct Answer {
  Search search;
  Found found;
};

nb::tuple search(const Index& index, nb::sequence terms, nb::list required, nb::list excluded, bool needs_word, std::optional<Codes> codes,
                 double scale, uint32_t depth, uint32_t near, int64_t at, bool is_counted) {
  Request request;
  request.terms = terms_of(terms);
  request.required = clauses_of(required);
  request.excluded = clauses_of(excluded);
  request.needs_word = needs_word;
  request.is_counted = is_counted;
  request.depth = depth;
  request.near = near;
  if (request.terms.size() > kMostAsked) throw nb::value_error("a search has at most 1024 terms");
  if (codes) request.vector = {{codes->data(), codes->data() + codes->size()}, scale};
  std::unique_ptr<Answer> answer;
  {
    const nb::gil_scoped_release released;
    auto state = index.state();
    if (at < 0) at = state->position;
    answer = std::make_unique<Answer>(Search(std::move(state), index.weights(), at), Found{});
    answer->found = answer->search.run(request);
  }
  Found& found = answer->found;
  const size_t size = found.papers.size();
  const double most_by_words = answer->search.most_by_words();
  const auto papers = to_array(std::move(found.papers), {size}), words = to_array(std::move(found.words), {size}),
             cosines = to_array(std::move(found.cosines), {size}), days = to_array(std::move(found.days), {size}), is_near = to_array(std::move(found.is_near), {size});
  return nb::make_tuple(found.total, papers, words, cosines, days, is_near, most_by_words, nb::cast(answer.release(), nb::rv_policy::take_ownership));
}

}  // namespace

NB_MODULE(_native, module) {
  nb::set_leak_warnings(false);  // what lives when a process ends is no leak; AddressSanitizer looks for those
  static nb::exception<SnapshotError> snapshot_error(module, "SnapshotError", PyExc_ValueError);
  nb::register_exception_translator([](const std::exception_ptr& raised, void*) {
    try {
      std::rethrow_exception(raised);
    } catch (const std::system_error& error) {
      PyErr_SetObject(PyExc_OSError, nb::make_tuple(error.code().value(), error.what()).ptr());
    }
  });
  module.def("use_kernels", &use_kernels);
  module.def("kernels", [] { return kernels().name; });
  nb::class_<Answer>(module, "Answer").def("shares", [](const Answer& answer, size_t place) { return answer.search.shares(answer.found.places.at(place)); });
  nb::class_<Index>(module, "Index")
      .def("__init__", [](Index* place, uint32_t block_slots, uint32_t learned_from) { new (place) Index(Weights{}, std::clamp(block_slots, 1u, kSlots), std::max(learned_from, 1u)); },
           nb::arg("block_slots") = kSlots, nb::arg("learned_from") = Lists::kLearnedFrom)
      .def_static("position_of", &Index::position_of)
      .def_static("load", [](const std::string& path, const std::string& identity, uint32_t block_slots, uint32_t learned_from) { return new Index(Weights{}, path, identity, std::clamp(block_slots, 1u, kSlots), std::max(learned_from, 1u)); },
                  nb::arg("path"), nb::arg("identity"), nb::arg("block_slots") = kSlots, nb::arg("learned_from") = Lists::kLearnedFrom, nb::call_guard<nb::gil_scoped_release>(), nb::rv_policy::take_ownership)
      .def("save", &Index::save, nb::call_guard<nb::gil_scoped_release>())
      .def("compact", &Index::compact, nb::call_guard<nb::gil_scoped_release>())
      .def_prop_ro("position", [](const Index& index) { return index.state()->position; })
      .def_prop_ro("size", [](const Index& index) { return index.state()->papers; })
      .def("read", [](Index& index, nb::list texts) {
        std::vector<Utf8> kept;
        kept.reserve(nb::len(texts));
        for (nb::handle text : texts) kept.emplace_back(text);
        std::vector<uint32_t> unknown;
        {
          const nb::gil_scoped_release released;
          if (index.lexicon().is_full() && !index.lexicon().is_read()) index.forget_words();
          for (const Utf8& text : kept) index.lexicon().read(text.view, unknown);
        }
        nb::list chunks;
        for (const uint32_t number : unknown) chunks.append(nb::make_tuple(number, to_str(index.lexicon().chunk(number))));
        return chunks;
      })
      .def("learn", [](Index& index, nb::list chunks) {
        for (nb::handle one : chunks) {
          const auto parts = nb::cast<nb::tuple>(one);
          std::vector<Utf8> kept;
          std::vector<std::string_view> terms;
          for (nb::handle term : nb::cast<nb::tuple>(parts[1])) terms.push_back(kept.emplace_back(term).view);
          index.lexicon().learn(nb::cast<uint32_t>(parts[0]), terms, nb::cast<uint32_t>(parts[2]));
        }
      })
      .def("forget", &Index::forget_words, nb::call_guard<nb::gil_scoped_release>())
      .def("apply", [](Index& index, nb::list changes, int64_t position) {
        std::vector<Change> native;
        native.reserve(nb::len(changes));
        for (nb::handle change : changes) native.push_back(change_of(nb::cast<nb::tuple>(change), index.lexicon()));
        const nb::gil_scoped_release released;
        for (Change& change : native)
          if (change.kind == Change::kPut) take_texts(change.draft, index.lexicon());
        index.apply(native, position);
      })
      .def("search", &search, nb::arg("terms"), nb::arg("required"), nb::arg("excluded"), nb::arg("needs_word"), nb::arg("codes").none(),
           nb::arg("scale"), nb::arg("depth"), nb::arg("near"), nb::arg("at"), nb::arg("counted"))
      .def("nearest", [](const Index& index, int64_t paper, uint32_t depth, int64_t at) {
        auto state = index.state();
        if (at < 0) at = state->position;
        return Search(std::move(state), index.weights(), at).nearest(paper, depth);
      }, nb::call_guard<nb::gil_scoped_release>())
      .def("papers", [](const Index& index, int64_t at) {
        auto state = index.state();
        if (at < 0) at = state->position;
        return Search(std::move(state), index.weights(), at).papers();
      }, nb::call_guard<nb::gil_scoped_release>());
}
