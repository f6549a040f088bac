// NightsweepAdam: Adam's change of all weights of a network in one operation, with the arithmetic of TensorFlow's
// ResourceApplyAdam to the bit. That goes through the values three times, weight by weight, and with several threads wakes them for each:
// a quarter of the step of a small perceptron.
#include <immintrin.h>

#include <cmath>

#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/resource_mgr.h"
#include "tensorflow/core/framework/resource_var.h"
#include "work_in_shares.h"

namespace nightsweep {
namespace {

using tensorflow::OpInputList;
using tensorflow::OpKernelConstruction;
using tensorflow::OpKernelContext;
using tensorflow::Tensor;
using tensorflow::Var;

// Values that a thread changes at once, at most.
constexpr int64_t kPiece = 8192;

struct Rates {
  float stepSize, beta1, beta2, epsilon;
};

// A part of a weight, of its slots and of its gradient.
struct Piece {
  float *weight, *m, *v;
  const float* gradient;
  int64_t size;
};

// For processors without fused multiplication and addition: TensorFlow rounds each product, too.
__attribute__((target("avx"))) void Change(const Piece& piece, const Rates& rates) {
  const float rest1 = 1.0f - rates.beta1, rest2 = 1.0f - rates.beta2;
  const __m256 rests1 = _mm256_set1_ps(rest1), rests2 = _mm256_set1_ps(rest2);
  const __m256 stepSizes = _mm256_set1_ps(rates.stepSize), epsilons = _mm256_set1_ps(rates.epsilon);
  int64_t i = 0;
  for (; i + 8 <= piece.size; i += 8) {
    const __m256 gradient = _mm256_loadu_ps(piece.gradient + i);
    __m256 m = _mm256_loadu_ps(piece.m + i), v = _mm256_loadu_ps(piece.v + i), weight = _mm256_loadu_ps(piece.weight + i);
    m = _mm256_add_ps(m, _mm256_mul_ps(_mm256_sub_ps(gradient, m), rests1));
    v = _mm256_add_ps(v, _mm256_mul_ps(_mm256_sub_ps(_mm256_mul_ps(gradient, gradient), v), rests2));
    const __m256 move = _mm256_div_ps(_mm256_mul_ps(m, stepSizes), _mm256_add_ps(_mm256_sqrt_ps(v), epsilons));
    weight = _mm256_sub_ps(weight, move);
    _mm256_storeu_ps(piece.m + i, m);
    _mm256_storeu_ps(piece.v + i, v);
    _mm256_storeu_ps(piece.weight + i, weight);
  }
  for (; i < piece.size; i++) {
    const float gradient = piece.gradient[i];
    float &m = piece.m[i], &v = piece.v[i];
    m += (gradient - m) * rest1;
    v += (gradient * gradient - v) * rest2;
    piece.weight[i] -= (m * rates.stepSize) / (std::sqrt(v) + rates.epsilon);
  }
}

class AdamOp : public tensorflow::OpKernel {
 public:
  explicit AdamOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, context->GetAttr("beta1", &rates_.beta1));
    OP_REQUIRES_OK(context, context->GetAttr("beta2", &rates_.beta2));
    OP_REQUIRES_OK(context, context->GetAttr("epsilon", &rates_.epsilon));
  }

  void Compute(OpKernelContext* context) override {
    OpInputList weights, ms, vs, gradients;
    OP_REQUIRES_OK(context, context->input_list("weights", &weights));
    OP_REQUIRES_OK(context, context->input_list("ms", &ms));
    OP_REQUIRES_OK(context, context->input_list("vs", &vs));
    OP_REQUIRES_OK(context, context->input_list("gradients", &gradients));
    Rates rates = rates_;
    rates.stepSize = context->input(3 * weights.size()).scalar<float>()();
    std::vector<Piece> pieces;
    for (int i = 0; i < weights.size(); i++) {
      const Tensor& gradient = gradients[i];
      float* values[3];
      const OpInputList* lists[] = {&weights, &ms, &vs};
      for (int k = 0; k < 3; k++)
        OP_REQUIRES_OK(context, ValuesOf(context, (*lists[k])[i], gradient.NumElements(), &values[k]));
      for (int64_t from = 0; from < gradient.NumElements(); from += kPiece)
        pieces.push_back({values[0] + from, values[1] + from, values[2] + from, gradient.flat<float>().data() + from,
                          std::min(kPiece, gradient.NumElements() - from)});
    }
    WorkInShares(context, pieces.size(), 2 * kPiece, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) Change(pieces[i], rates);
    });
  }

 private:
  // Of a variable, to be changed. Who has read it before keeps what it was.
  static absl::Status ValuesOf(OpKernelContext* context, const Tensor& handle, int64_t size, float** values) {
    tensorflow::core::RefCountPtr<Var> variable;
    TF_RETURN_IF_ERROR(LookupResource(context, handle.flat<tensorflow::ResourceHandle>()(0), &variable));
    tensorflow::mutex_lock lock(*variable->mu());
    Tensor* tensor = variable->tensor();
    if (tensor->dtype() != tensorflow::DT_FLOAT || tensor->NumElements() != size)
      return tensorflow::errors::InvalidArgument("a weight, its slots and its gradient do not fit together");
    if (!tensor->RefCountIsOne()) {
      Tensor copy;
      TF_RETURN_IF_ERROR(context->allocate_temp(tensorflow::DT_FLOAT, tensor->shape(), &copy));
      std::copy_n(tensor->flat<float>().data(), size, copy.flat<float>().data());
      *tensor = copy;
    }
    *values = tensor->flat<float>().data();
    return absl::OkStatus();
  }

  Rates rates_;
};

REGISTER_OP("NightsweepAdam")
    .Input("weights: N * resource")
    .Input("ms: N * resource")
    .Input("vs: N * resource")
    .Input("step_size: float")
    .Input("gradients: N * float")
    .Attr("N: int >= 1")
    .Attr("beta1: float")
    .Attr("beta2: float")
    .Attr("epsilon: float")
    .SetIsStateful()
    .SetShapeFn(tensorflow::shape_inference::NoOutputs);
REGISTER_KERNEL_BUILDER(Name("NightsweepAdam").Device(tensorflow::DEVICE_CPU), AdamOp);

}  // namespace
}  // namespace nightsweep
