#include "lists.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels.hpp"
#include "parallel.hpp"

namespace broadsheet {

namespace {
constexpr uint32_t kRowsAList = 64, kSampledAList = 16;
constexpr int kRounds = 8;
constexpr size_t kRowsAtOnce = 256;
constexpr uint32_t kProbedShare = 8;
}  // namespace

void write_signs(const int8_t* code, uint32_t dimension, uint64_t* bits, size_t row) {
  const uint32_t words = (dimension + 63) / 64;
  for (uint32_t word = 0; word < words; ++word) {
    uint64_t signs = 0;
    for (uint32_t place = word * 64; place < std::min(dimension, word * 64 + 64); ++place)
      signs |= uint64_t{code[place] < 0} << (place % 64);
    bits[(row / 8 * words + word) * 8 + row % 8] = signs;
  }
}

// k-means on the sphere, from centres spread over the order of birth. Sums are taken in that order and products of
// codes are whole numbers, so every machine learns the same.
Lists::Lists(uint32_t dimension, const std::vector<Row>& rows) : dimension(dimension), from(rows.back().born), learned(rows.size()) {
  const size_t size = std::clamp<size_t>(rows.size() / kRowsAList, 1, kNone);
  const size_t step = std::max<size_t>(1, rows.size() / (size * kSampledAList));
  std::vector<Row> sample;
  for (size_t place = 0; place < rows.size(); place += step) sample.push_back(rows[place]);
  for (size_t list = 0; list < size; ++list) {
    const int8_t* code = sample[list * sample.size() / size].code;
    centres_.insert(centres_.end(), code, code + dimension);
  }
  read_centres();
  for (int round = 0; round < kRounds; ++round) {
    move_to_means(sample);
    read_centres();
  }
}

Lists::Lists(uint32_t dimension, uint32_t size, const int8_t* centres) : dimension(dimension), centres_(centres, centres + size_t{size} * dimension) {
  read_centres();
}

void Lists::move_to_means(const std::vector<Row>& rows) {
  std::vector<uint16_t> lists(rows.size());
  in_parallel(rows.size(), kRowsAtOnce, [&](size_t row) { lists[row] = nearest(rows[row].code); });
  std::vector<double> sums(centres_.size(), 0.0);
  for (size_t row = 0; row < rows.size(); ++row) {
    double* sum = sums.data() + size_t{lists[row]} * dimension;
    for (uint32_t place = 0; place < dimension; ++place) sum[place] += rows[row].scale * rows[row].code[place];
  }
  for (uint32_t list = 0; list < size(); ++list) {
    const double* sum = sums.data() + size_t{list} * dimension;
    double most = 0;
    for (uint32_t place = 0; place < dimension; ++place) most = std::max(most, std::abs(sum[place]));
    if (most == 0) continue;  // nothing is nearest: it stays
    for (uint32_t place = 0; place < dimension; ++place)
      centres_[size_t{list} * dimension + place] = static_cast<int8_t>(std::lround(127 * sum[place] / most));
  }
}

void Lists::read_centres() {
  const size_t size = centres_.size() / dimension, quads = (dimension + 3) / 4;
  scales_.resize(size);
  beside_ = Region((size + kBeside - 1) / kBeside * kBeside * quads * 4);
  auto* beside = reinterpret_cast<uint8_t*>(beside_.data());
  std::fill(beside, beside + beside_.size(), 128);
  for (size_t list = 0; list < size; ++list) {
    const int8_t* centre = centres_.data() + list * dimension;
    const int64_t square = kernels().dot(centre, centre, dimension);
    scales_[list] = square ? 1 / std::sqrt(static_cast<double>(square)) : 0;
    for (uint32_t place = 0; place < dimension; ++place)
      beside[((list / kBeside * quads + place / 4) * kBeside + list % kBeside) * 4 + place % 4] = static_cast<uint8_t>(centre[place] + 128);
  }
}

const std::vector<double>& Lists::cosines(const int8_t* code) const {
  thread_local std::vector<int8_t> padded;
  thread_local std::vector<int32_t> products;
  thread_local std::vector<double> kept;
  std::vector<double>& cosines = kept;
  const uint32_t quads = (dimension + 3) / 4, groups = (size() + kBeside - 1) / kBeside;
  if (dimension % 4) {
    padded.assign(4 * quads, 0);
    std::copy(code, code + dimension, padded.begin());
    code = padded.data();
  }
  products.resize(groups * kBeside);
  kernels().products(reinterpret_cast<const uint8_t*>(beside_.data()), groups, code, quads, products.data());
  cosines.resize(size());
  for (uint32_t list = 0; list < size(); ++list) cosines[list] = products[list] * scales_[list];
  return cosines;
}

uint16_t Lists::nearest(const int8_t* code) const {
  const std::vector<double>& all = cosines(code);
  uint16_t best = 0;
  double closest = all[0];
  for (uint32_t list = 1; list < all.size(); ++list)
    if (all[list] > closest) closest = all[list], best = static_cast<uint16_t>(list);
  return best;
}

void Lists::assign(const int8_t* codes, uint32_t rows, uint16_t* lists) const {
  in_parallel(rows, kRowsAtOnce, [&](size_t row) { lists[row] = nearest(codes + row * dimension); });
}

std::vector<uint16_t> Lists::probed(const Vector& vector) const {
  const std::vector<double>& all = cosines(vector.codes.data());
  std::vector<uint16_t> order(size());
  std::iota(order.begin(), order.end(), uint16_t{0});
  const auto count = static_cast<ptrdiff_t>((size() + kProbedShare - 1) / kProbedShare);
  std::nth_element(order.begin(), order.begin() + count - 1, order.end(), [&](uint16_t one, uint16_t other) {
    return all[one] != all[other] ? all[one] > all[other] : one < other;
  });
  order.resize(static_cast<size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace broadsheet
