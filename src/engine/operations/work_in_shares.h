// How operations use the threads of a process.
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

}  // namespace nightsweep
