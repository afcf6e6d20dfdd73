#include "lists.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels.hpp"

namespace broadsheet {

namespace {
constexpr uint32_t kRowsAList = 64, kSampledAList = 16;
constexpr int kRounds = 8;
constexpr uint32_t kCandidates = 32;  // centres that are compared, those that agree most by their signs
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
  read_signs();
  for (int round = 0; round < kRounds; ++round) {
    move_to_means(sample);
    read_signs();
  }
}

Lists::Lists(uint32_t dimension, uint32_t size, const int8_t* centres) : dimension(dimension), centres_(centres, centres + size_t{size} * dimension) {
  read_signs();
}

void Lists::move_to_means(const std::vector<Row>& rows) {
  std::vector<double> sums(centres_.size(), 0.0);
  for (const Row& row : rows) {
    double* sum = sums.data() + size_t{nearest(row.code)} * dimension;
    for (uint32_t place = 0; place < dimension; ++place) sum[place] += row.scale * row.code[place];
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

void Lists::read_signs() {
  const size_t size = centres_.size() / dimension;
  scales_.resize(size);
  signs_.assign((size + 7) / 8 * 8 * ((dimension + 63) / 64), 0);
  for (size_t list = 0; list < size; ++list) {
    const int8_t* centre = centres_.data() + list * dimension;
    const int64_t square = kernels().dot(centre, centre, dimension);
    scales_[list] = square ? 1 / std::sqrt(static_cast<double>(square)) : 0;
    write_signs(centre, dimension, signs_.data(), list);
  }
}

uint16_t Lists::nearest(const int8_t* code) const {
  thread_local std::vector<uint16_t> sums, sorted;
  const size_t groups = (size() + 7) / 8;
  sums.resize(groups * 8);
  kernels().agree(signs_.data(), static_cast<uint32_t>(groups), sign_query(code, dimension), sums.data());
  uint16_t bar = 0;
  if (size() > kCandidates) {
    sorted.assign(sums.begin(), sums.begin() + size());
    std::nth_element(sorted.begin(), sorted.begin() + kCandidates, sorted.end(), std::greater());
    bar = sorted[kCandidates];
  }
  uint16_t best = 0;
  double closest = -2 * 127.0 * 127.0 * dimension;
  for (uint32_t list = 0; list < size(); ++list) {
    if (sums[list] < bar) continue;
    const double product = static_cast<double>(kernels().dot(code, centres_.data() + size_t{list} * dimension, dimension)) * scales_[list];
    if (product > closest) closest = product, best = static_cast<uint16_t>(list);
  }
  return best;
}

std::vector<uint16_t> Lists::probed(const Vector& vector) const {
  std::vector<double> products(size());
  for (uint32_t list = 0; list < size(); ++list)
    products[list] = static_cast<double>(kernels().dot(vector.codes.data(), centres_.data() + size_t{list} * dimension, dimension)) * scales_[list];
  std::vector<uint16_t> order(size());
  std::iota(order.begin(), order.end(), uint16_t{0});
  const auto count = static_cast<ptrdiff_t>((size() + kProbedShare - 1) / kProbedShare);
  std::nth_element(order.begin(), order.begin() + count - 1, order.end(), [&](uint16_t one, uint16_t other) {
    return products[one] != products[other] ? products[one] > products[other] : one < other;
  });
  order.resize(static_cast<size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace broadsheet
