// The inner loops, each for the widest instructions that the processor has; all give the same results.
#pragma once

#include <cstdint>
#include <vector>

namespace broadsheet {

// A query vector for the scan: its signs, and how much each place counts, 0 to 7, in three planes of bits.
struct SignQuery {
  std::vector<uint64_t> signs, planes;  // `planes`: plane 0 of every word, then plane 1, then plane 2
  uint16_t total = 0;                   // what a vector with all signs equal would reach
};

SignQuery sign_query(const int8_t* code, uint32_t dimension);

constexpr uint32_t kMaximaOf = 8;
constexpr uint32_t kBeside = 64;  // vectors that lie beside each other: four components of each in turn, plus 128

struct Kernels {
  const char* name;
  // How many of `size` numbers are at least `bar`; which ones, written to `places` (room for all of them).
  uint32_t (*count_from)(const uint16_t* numbers, uint32_t size, uint16_t bar);
  uint32_t (*find_from)(const uint16_t* numbers, uint32_t size, uint16_t bar, uint16_t* places);
  // The greatest of every few numbers, at most kMaximaOf, each number counted once; returns how many maxima these are,
  // one more than their share where the last are fewer.
  uint32_t (*maxima)(const uint16_t* numbers, uint32_t size, uint16_t* maxima);
  // Sets to 0 the numbers whose bit is not set.
  void (*keep)(uint16_t* numbers, uint32_t size, const uint64_t* bits);
  void (*keep_at)(uint16_t* numbers, const uint16_t* places, uint32_t size, const uint64_t* bits);  // the bit at a number's place
  // How often each of `wanted` stands in a text.
  void (*count)(const uint16_t* text, uint32_t size, const uint16_t* wanted, uint32_t terms, uint32_t* counts);
  int64_t (*dot)(const int8_t* one, const int8_t* other, uint32_t dimension);
  // The products of a vector with `groups` times kBeside others that lie beside each other; of `code`, four components a quad are read.
  void (*products)(const uint8_t* beside, uint32_t groups, const int8_t* code, uint32_t quads, int32_t* products);
  // The weighted agreement of the signs of `groups` times eight rows with a query, one number a row.
  void (*agree)(const uint64_t* bits, uint32_t groups, const SignQuery& query, uint16_t* sums);
};

const Kernels& kernels();
// Uses "avx512", "avx2" or "portable" kernels from now on; false where the processor cannot. For tests.
bool use_kernels(const char* name);

}  // namespace broadsheet
