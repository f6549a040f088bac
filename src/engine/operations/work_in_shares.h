// How operations use a processor: its threads, its generation, and its cache.
#pragma once

#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/platform/threadpool.h"

namespace nightsweep {

// Shares `count` pieces of work among the threads within an operation. @param cost of one, in processor cycles, roughly
template <class Work>
void WorkInShares(tensorflow::OpKernelContext* context, int64_t count, int64_t cost, const Work& work) {
  const auto& threads = *context->device()->tensorflow_cpu_worker_threads();
  if (threads.num_threads <= 1) return work(0, count);
  threads.workers->ParallelFor(count, cost, [&](int64_t begin, int64_t end) { work(begin, end); });
}

// That of three versions of a function which this processor can run.
template <class Function>
Function ForProcessor(Function avx512, Function avx2, Function anywhere) {
  if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    return avx512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? avx2 : anywhere;
}

// Zeros that begin with a line of the cache, and 16 more of them behind the end, so that the last vector may reach beyond it.
class AlignedFloats {
 public:
  explicit AlignedFloats(int64_t size) : floats_(size + 32, 0.0f) {
    const auto address = reinterpret_cast<uintptr_t>(floats_.data());
    data_ = floats_.data() + (64 - address % 64) % 64 / 4;
  }
  AlignedFloats(AlignedFloats&&) = default;
  AlignedFloats(const AlignedFloats&) = delete;
  float* data() { return data_; }
  const float* data() const { return data_; }

 private:
  std::vector<float> floats_;
  float* data_;
};

}  // namespace nightsweep
