// Work that is the same whoever does it, shared out to the processors.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace broadsheet {

// Calls with each number below `size`, so many after another in one thread. What a call raises is raised.
template <class Visit>
void in_parallel(size_t size, size_t at_once, Visit visit) {
  const size_t threads = std::min<size_t>(std::max(1u, std::thread::hardware_concurrency()), (size + at_once - 1) / at_once);
  std::atomic<size_t> next{0};
  std::vector<std::exception_ptr> failures(threads);
  const auto work = [&](size_t thread) {
    try {
      for (size_t start; (start = next.fetch_add(at_once)) < size;)
        for (size_t number = start; number < std::min(size, start + at_once); ++number) visit(number);
    } catch (...) {
      failures[thread] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (size_t thread = 1; thread < threads; ++thread) others.emplace_back(work, thread);
    if (threads) work(0);
  }
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace broadsheet
