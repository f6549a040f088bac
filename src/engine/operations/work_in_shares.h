// How operations use the threads and the vector instructions of a processor.
#pragma once

#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/platform/threadpool.h"

// A function is compiled for several generations of processors; the best is chosen when the library is loaded.
#define NIGHTSWEEP_FOR_EACH_PROCESSOR \
  __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))

namespace nightsweep {

// Shares `count` examples among the threads within an operation. @param cost of one, in processor cycles, roughly
template <class Work>
void WorkInShares(tensorflow::OpKernelContext* context, int64_t count, int64_t cost, const Work& work) {
  const auto& threads = *context->device()->tensorflow_cpu_worker_threads();
  if (threads.num_threads <= 1) return work(0, count);
  threads.workers->ParallelFor(count, cost, [&](int64_t begin, int64_t end) { work(begin, end); });
}

}  // namespace nightsweep
