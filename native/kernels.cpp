#include "kernels.hpp"

#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // the compiler's own headers
#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <numeric>
#include <string_view>

namespace broadsheet {

namespace {

// Portable

uint32_t count_from_portable(const uint16_t* numbers, uint32_t size, uint16_t bar) {
  return static_cast<uint32_t>(std::count_if(numbers, numbers + size, [bar](uint16_t number) { return number >= bar; }));
}

uint32_t find_from_portable(const uint16_t* numbers, uint32_t size, uint16_t bar, uint16_t* places) {
  uint32_t found = 0;
  for (uint32_t place = 0; place < size; ++place)
    if (numbers[place] >= bar) places[found++] = static_cast<uint16_t>(place);
  return found;
}

uint32_t maxima_portable(const uint16_t* numbers, uint32_t size, uint16_t* maxima) {
  uint32_t found = 0;
  for (uint32_t place = 0; place < size; place += kMaximaOf) maxima[found++] = *std::max_element(numbers + place, numbers + std::min(size, place + kMaximaOf));
  return found;
}

void keep_portable(uint16_t* numbers, uint32_t size, const uint64_t* bits) {
  for (uint32_t place = 0; place < size; ++place) numbers[place] &= static_cast<uint16_t>(-(bits[place / 64] >> place % 64 & 1));
}

void keep_at_portable(uint16_t* numbers, const uint16_t* places, uint32_t size, const uint64_t* bits) {
  for (uint32_t number = 0; number < size; ++number) numbers[number] &= static_cast<uint16_t>(-(bits[places[number] / 64] >> places[number] % 64 & 1));
}

void count_portable(const uint16_t* text, uint32_t size, const uint16_t* wanted, uint32_t terms, uint32_t* counts) {
  for (uint32_t term = 0; term < terms; ++term) counts[term] = static_cast<uint32_t>(std::count(text, text + size, wanted[term]));
}

int64_t dot_portable(const int8_t* one, const int8_t* other, uint32_t dimension) {
  int64_t sum = 0;
  for (uint32_t place = 0; place < dimension; ++place) sum += one[place] * other[place];
  return sum;
}

int32_t times_128(const int8_t* code, uint32_t quads) { return 128 * std::accumulate(code, code + 4 * quads, int32_t{0}); }

void products_portable(const uint8_t* beside, uint32_t groups, const int8_t* code, uint32_t quads, int32_t* products) {
  const int32_t extra = times_128(code, quads);
  for (uint32_t group = 0; group < groups; ++group, products += kBeside) {
    int32_t sums[kBeside];
    std::fill(sums, sums + kBeside, -extra);
    for (uint32_t quad = 0; quad < quads; ++quad, beside += 4 * kBeside) {
      const int8_t* four = code + 4 * quad;
      for (uint32_t one = 0; one < kBeside; ++one) {
        const uint8_t* other = beside + 4 * one;
        sums[one] += other[0] * four[0] + other[1] * four[1] + other[2] * four[2] + other[3] * four[3];
      }
    }
    std::copy(sums, sums + kBeside, products);
  }
}

void agree_portable(const uint64_t* bits, uint32_t groups, const SignQuery& query, uint16_t* sums) {
  const size_t words = query.signs.size();
  for (uint32_t group = 0; group < groups; ++group)
    for (uint32_t lane = 0; lane < 8; ++lane) {
      int apart = 0;
      for (size_t word = 0; word < words; ++word) {
        const uint64_t differ = bits[(group * words + word) * 8 + lane] ^ query.signs[word];
        for (size_t plane = 0; plane < 3; ++plane) apart += std::popcount(differ & query.planes[plane * words + word]) << plane;
      }
      *sums++ = static_cast<uint16_t>(query.total - apart);
    }
}

constexpr Kernels kPortable{"portable", count_from_portable, find_from_portable, maxima_portable, keep_portable, keep_at_portable, count_portable, dot_portable, products_portable, agree_portable};

#if defined(__x86_64__)

// AVX2

#pragma GCC push_options
#pragma GCC target("avx2,popcnt,bmi,bmi2")

uint32_t count_from_avx2(const uint16_t* numbers, uint32_t size, uint16_t bar) {
  const __m256i bars = _mm256_set1_epi16(static_cast<short>(bar));
  uint32_t found = 0, place = 0;
  for (; place + 16 <= size; place += 16) {
    const __m256i part = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers + place));
    const __m256i is_from = _mm256_cmpeq_epi16(_mm256_max_epu16(part, bars), part);
    found += static_cast<uint32_t>(_mm_popcnt_u32(static_cast<uint32_t>(_mm256_movemask_epi8(is_from)))) / 2;
  }
  return found + count_from_portable(numbers + place, size - place, bar);
}

uint32_t find_from_avx2(const uint16_t* numbers, uint32_t size, uint16_t bar, uint16_t* places) {
  const __m256i bars = _mm256_set1_epi16(static_cast<short>(bar));
  uint32_t found = 0, place = 0;
  for (; place + 16 <= size; place += 16) {
    const __m256i part = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers + place));
    uint32_t mask = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_max_epu16(part, bars), part))) & 0x55555555u;
    for (; mask; mask &= mask - 1) places[found++] = static_cast<uint16_t>(place + std::countr_zero(mask) / 2);
  }
  for (; place < size; ++place)
    if (numbers[place] >= bar) places[found++] = static_cast<uint16_t>(place);
  return found;
}

uint32_t maxima_avx2(const uint16_t* numbers, uint32_t size, uint16_t* maxima) {
  uint32_t found = 0, place = 0;
  for (; place + 16 * kMaximaOf <= size; place += 16 * kMaximaOf, found += 16) {
    __m256i most = _mm256_setzero_si256();
    for (uint32_t part = 0; part < kMaximaOf; ++part)
      most = _mm256_max_epu16(most, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers + place + 16 * part)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(maxima + found), most);
  }
  return found + maxima_portable(numbers + place, size - place, maxima + found);
}

void count_avx2(const uint16_t* text, uint32_t size, const uint16_t* wanted, uint32_t terms, uint32_t* counts) {
  const uint32_t whole = size / 16 * 16;
  count_portable(text + whole, size - whole, wanted, terms, counts);
  for (uint32_t place = 0; place < whole; place += 16) {
    const __m256i part = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + place));
    for (uint32_t term = 0; term < terms; ++term) {
      const __m256i equal = _mm256_cmpeq_epi16(part, _mm256_set1_epi16(static_cast<short>(wanted[term])));
      counts[term] += static_cast<uint32_t>(_mm_popcnt_u32(static_cast<uint32_t>(_mm256_movemask_epi8(equal)))) / 2;
    }
  }
}

int64_t dot_avx2(const int8_t* one, const int8_t* other, uint32_t dimension) {
  int64_t total = 0;
  uint32_t place = 0;
  while (place + 16 <= dimension) {
    __m256i sums = _mm256_setzero_si256();
    for (const uint32_t end = std::min(dimension, place + 16 * 4096); place + 16 <= end; place += 16) {
      const __m256i left = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(one + place)));
      const __m256i right = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(other + place)));
      sums = _mm256_add_epi32(sums, _mm256_madd_epi16(left, right));
    }
    alignas(32) int32_t parts[8];
    _mm256_store_si256(reinterpret_cast<__m256i*>(parts), sums);
    for (const int32_t part : parts) total += part;
  }
  return total + dot_portable(one + place, other + place, dimension - place);
}

void products_avx2(const uint8_t* beside, uint32_t groups, const int8_t* code, uint32_t quads, int32_t* products) {
  constexpr uint32_t kAtOnce = 16;  // of those beside each other: two sums for each, in four registers
  const int32_t extra = times_128(code, quads);
  for (uint32_t group = 0; group < groups; ++group, beside += size_t{quads} * 4 * kBeside)
    for (uint32_t first = 0; first < kBeside; first += kAtOnce) {
      __m256i sums[4] = {};
      for (uint32_t quad = 0; quad < quads; ++quad) {
        int32_t four;
        std::memcpy(&four, code + 4 * quad, sizeof four);
        const __m256i codes = _mm256_cvtepi8_epi16(_mm_set1_epi32(four));
        const auto* others = reinterpret_cast<const __m128i*>(beside + (size_t{quad} * kBeside + first) * 4);
#pragma GCC unroll 4
        for (size_t part = 0; part < 4; ++part)
          sums[part] = _mm256_add_epi32(sums[part], _mm256_madd_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128(others + part)), codes));
      }
      alignas(32) int32_t halves[2 * kAtOnce];
      for (size_t part = 0; part < 4; ++part) _mm256_store_si256(reinterpret_cast<__m256i*>(halves) + part, sums[part]);
      for (uint32_t one = 0; one < kAtOnce; ++one) *products++ = halves[2 * one] + halves[2 * one + 1] - extra;
    }
}

void agree_avx2(const uint64_t* bits, uint32_t groups, const SignQuery& query, uint16_t* sums) {
  const size_t words = query.signs.size();
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(15);
  const auto ones = [&](__m256i part) {
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(part, 4), low);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(part, low)), _mm256_shuffle_epi8(table, high));
  };
  for (uint32_t half = 0; half < 2 * groups; ++half) {
    const uint64_t* rows = bits + size_t{half / 2} * words * 8 + half % 2 * 4;
    __m256i apart = _mm256_setzero_si256();
    for (size_t word = 0; word < words; ++word) {
      const __m256i part = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows + word * 8));
      const __m256i differ = _mm256_xor_si256(part, _mm256_set1_epi64x(static_cast<int64_t>(query.signs[word])));
      __m256i count = _mm256_setzero_si256();
      for (size_t plane = 3; plane-- > 0;) {
        const __m256i in_plane = _mm256_and_si256(differ, _mm256_set1_epi64x(static_cast<int64_t>(query.planes[plane * words + word])));
        count = _mm256_add_epi8(_mm256_add_epi8(count, count), ones(in_plane));  // at most 7 * 8 a byte
      }
      apart = _mm256_add_epi64(apart, _mm256_sad_epu8(count, _mm256_setzero_si256()));
    }
    alignas(32) uint64_t parts[4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(parts), apart);
    for (const uint64_t part : parts) *sums++ = static_cast<uint16_t>(query.total - part);
  }
}

#pragma GCC pop_options

constexpr Kernels kAvx2{"avx2", count_from_avx2, find_from_avx2, maxima_avx2, keep_portable, keep_at_portable, count_avx2, dot_avx2, products_avx2, agree_avx2};

// AVX-512, as processors since 2019 have it

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2,avx512vpopcntdq,avx512vnni,popcnt,bmi,bmi2")

uint32_t count_from_avx512(const uint16_t* numbers, uint32_t size, uint16_t bar) {
  const __m512i bars = _mm512_set1_epi16(static_cast<short>(bar));
  uint64_t found = 0;
  uint32_t place = 0;
  for (; place + 32 <= size; place += 32)
    found += static_cast<uint64_t>(_mm_popcnt_u64(_mm512_cmpge_epu16_mask(_mm512_loadu_si512(numbers + place), bars)));
  return static_cast<uint32_t>(found) + count_from_portable(numbers + place, size - place, bar);
}

uint32_t find_from_avx512(const uint16_t* numbers, uint32_t size, uint16_t bar, uint16_t* places) {
  const __m512i bars = _mm512_set1_epi16(static_cast<short>(bar));
  uint32_t found = 0, place = 0;
  for (; place + 32 <= size; place += 32) {
    __mmask32 mask = _mm512_cmpge_epu16_mask(_mm512_loadu_si512(numbers + place), bars);
    for (; mask; mask &= mask - 1) places[found++] = static_cast<uint16_t>(place + static_cast<uint32_t>(std::countr_zero(mask)));
  }
  for (; place < size; ++place)
    if (numbers[place] >= bar) places[found++] = static_cast<uint16_t>(place);
  return found;
}

uint32_t maxima_avx512(const uint16_t* numbers, uint32_t size, uint16_t* maxima) {
  uint32_t found = 0, place = 0;
  for (; place + 32 * kMaximaOf <= size; place += 32 * kMaximaOf, found += 32) {
    __m512i most = _mm512_setzero_si512();
    for (uint32_t part = 0; part < kMaximaOf; ++part) most = _mm512_max_epu16(most, _mm512_loadu_si512(numbers + place + 32 * part));
    _mm512_storeu_si512(maxima + found, most);
  }
  return found + maxima_portable(numbers + place, size - place, maxima + found);
}

void keep_avx512(uint16_t* numbers, uint32_t size, const uint64_t* bits) {
  for (uint32_t place = 0; place < size; place += 32) {
    const __mmask32 inside = size - place >= 32 ? ~__mmask32{0} : (__mmask32{1} << (size - place)) - 1;
    const auto gone = static_cast<__mmask32>(~(bits[place / 64] >> place % 64)) & inside;
    _mm512_mask_storeu_epi16(numbers + place, gone, _mm512_setzero_si512());
  }
}

void keep_at_avx512(uint16_t* numbers, const uint16_t* places, uint32_t size, const uint64_t* bits) {
  for (uint32_t number = 0; number < size; number += 16) {
    const auto inside = static_cast<__mmask16>(size - number >= 16 ? 0xFFFF : (1u << (size - number)) - 1);
    const __m512i place = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(inside, places + number));
    const __m512i words = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), inside, _mm512_srli_epi32(place, 5), bits, 4);
    const __m512i bit = _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(place, _mm512_set1_epi32(31)));
    _mm256_mask_storeu_epi16(numbers + number, _mm512_mask_testn_epi32_mask(inside, words, bit), _mm256_setzero_si256());
  }
}

void count_avx512(const uint16_t* text, uint32_t size, const uint16_t* wanted, uint32_t terms, uint32_t* counts) {
  std::fill(counts, counts + terms, 0);
  for (uint32_t place = 0; place < size; place += 32) {
    const __mmask32 inside = size - place >= 32 ? ~__mmask32{0} : (__mmask32{1} << (size - place)) - 1;
    const __m512i part = _mm512_maskz_loadu_epi16(inside, text + place);
    for (uint32_t term = 0; term < terms; ++term)
      counts[term] += static_cast<uint32_t>(
          _mm_popcnt_u32(_mm512_mask_cmpeq_epi16_mask(inside, part, _mm512_set1_epi16(static_cast<short>(wanted[term])))));
  }
}

int64_t dot_avx512(const int8_t* one, const int8_t* other, uint32_t dimension) {
  int64_t total = 0;
  uint32_t place = 0;
  while (place + 32 <= dimension) {
    __m512i sums = _mm512_setzero_si512();
    for (const uint32_t end = std::min(dimension, place + 32 * 4096); place + 32 <= end; place += 32) {
      const __m512i left = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(one + place)));
      const __m512i right = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(other + place)));
      sums = _mm512_add_epi32(sums, _mm512_madd_epi16(left, right));
    }
    total += _mm512_reduce_add_epi32(sums);
  }
  return total + dot_portable(one + place, other + place, dimension - place);
}

void products_avx512(const uint8_t* beside, uint32_t groups, const int8_t* code, uint32_t quads, int32_t* products) {
  const __m512i less = _mm512_set1_epi32(-times_128(code, quads));
  for (uint32_t group = 0; group < groups; ++group, products += kBeside) {
    __m512i sums[4] = {less, less, less, less};  // that do not wait for each other
    for (uint32_t quad = 0; quad < quads; ++quad, beside += 4 * kBeside) {
      int32_t four;
      std::memcpy(&four, code + 4 * quad, sizeof four);
      const __m512i codes = _mm512_set1_epi32(four);
#pragma GCC unroll 4
      for (size_t part = 0; part < 4; ++part) sums[part] = _mm512_dpbusd_epi32(sums[part], _mm512_loadu_si512(beside + 64 * part), codes);
    }
    for (size_t part = 0; part < 4; ++part) _mm512_storeu_si512(products + 16 * part, sums[part]);
  }
}

void agree_avx512(const uint64_t* bits, uint32_t groups, const SignQuery& query, uint16_t* sums) {
  const size_t words = query.signs.size();
  const uint64_t *low = query.planes.data(), *middle = low + words, *high = middle + words;
  const __m512i total = _mm512_set1_epi64(query.total);
  for (uint32_t group = 0; group < groups; ++group, sums += 8) {
    __m512i ones = _mm512_setzero_si512(), twos = ones, fours = ones;
    for (size_t word = 0; word < words; ++word, bits += 8) {
      const __m512i rows = _mm512_loadu_si512(bits), signs = _mm512_set1_epi64(static_cast<int64_t>(query.signs[word]));
      const auto in = [&](uint64_t plane) {  // 0x28: (rows ^ signs) & plane
        return _mm512_popcnt_epi64(_mm512_ternarylogic_epi64(rows, signs, _mm512_set1_epi64(static_cast<int64_t>(plane)), 0x28));
      };
      ones = _mm512_add_epi64(ones, in(low[word]));
      twos = _mm512_add_epi64(twos, in(middle[word]));
      fours = _mm512_add_epi64(fours, in(high[word]));
    }
    const __m512i apart = _mm512_add_epi64(ones, _mm512_add_epi64(_mm512_slli_epi64(twos, 1), _mm512_slli_epi64(fours, 2)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(sums), _mm512_cvtepi64_epi16(_mm512_sub_epi64(total, apart)));
  }
}

#pragma GCC pop_options

constexpr Kernels kAvx512{"avx512", count_from_avx512, find_from_avx512, maxima_avx512, keep_avx512, keep_at_avx512, count_avx512, dot_avx512, products_avx512, agree_avx512};

#endif

std::vector<const Kernels*> possible() {
  std::vector<const Kernels*> all{&kPortable};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) all.push_back(&kAvx2);
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vnni"))
    all.push_back(&kAvx512);
#endif
  return all;
}

std::atomic<const Kernels*> chosen{possible().back()};

}  // namespace

SignQuery sign_query(const int8_t* code, uint32_t dimension) {
  SignQuery query;
  const size_t words = (dimension + 63) / 64;
  query.signs.assign(words, 0);
  query.planes.assign(3 * words, 0);
  int most = 1;
  for (uint32_t place = 0; place < dimension; ++place) most = std::max(most, std::abs(int{code[place]}));
  for (uint32_t place = 0; place < dimension; ++place) {
    const uint64_t bit = uint64_t{1} << place % 64;
    const int weight = std::min((std::abs(int{code[place]}) * 15 + most) / (2 * most), 7);  // 0 to 7, halves up
    if (code[place] < 0) query.signs[place / 64] |= bit;
    for (int plane = 0; plane < 3; ++plane)
      if (weight >> plane & 1) query.planes[static_cast<size_t>(plane) * words + place / 64] |= bit;
    query.total = static_cast<uint16_t>(std::min(65'535, query.total + weight));
  }
  return query;
}

const Kernels& kernels() { return *chosen.load(std::memory_order_relaxed); }

bool use_kernels(const char* name) {
  for (const Kernels* one : possible())
    if (std::string_view(one->name) == name) {
      chosen.store(one);
      return true;
    }
  return false;
}

}  // namespace broadsheet
