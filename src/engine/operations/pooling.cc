// NightsweepMaxPool and NightsweepMaxPoolGradient: windows of 2×2 side by side. The values are those of TensorFlow's MaxPool and
// MaxPoolGrad, where the first of equal values gets the gradient; oneDNN's kernels also keep the places of the maxima, and find
// them a second time for the gradient.
#include <algorithm>

#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/shape_inference.h"
#include "work_in_shares.h"

namespace nightsweep {
namespace {

using tensorflow::Tensor;
using tensorflow::TensorShape;

// NaN wins, so that a training that diverges is noticed.
inline float Larger(float best, float value) { return value > best || value != value ? value : best; }

// One row of windows. @param upper, lower rows of `2 × windows × channels` values
NIGHTSWEEP_FOR_EACH_PROCESSOR
void PoolRow(int64_t windows, int64_t channels, const float* __restrict upper, const float* __restrict lower,
             float* __restrict pooled) {
  for (int64_t window = 0; window < windows; window++, upper += 2 * channels, lower += 2 * channels, pooled += channels)
    for (int64_t c = 0; c < channels; c++)
      pooled[c] = Larger(Larger(Larger(upper[c], upper[channels + c]), lower[c]), lower[channels + c]);
}

// The gradient of one row of windows. @param threshold below or at which a maximum passes nothing on
NIGHTSWEEP_FOR_EACH_PROCESSOR
void PoolRowGradient(int64_t windows, int64_t channels, float threshold, const float* __restrict upper,
                     const float* __restrict lower, const float* __restrict slopes, float* __restrict upperSlopes,
                     float* __restrict lowerSlopes) {
  for (int64_t window = 0; window < windows; window++) {
    // The four outputs of a channel never overlap.
#pragma GCC ivdep
    for (int64_t c = 0; c < channels; c++) {
      const float a = upper[c], b = upper[channels + c], d = lower[c], e = lower[channels + c];
      const float most = Larger(Larger(Larger(a, b), d), e);
      const float given = slopes[c];
      const float slope = most <= threshold ? 0.0f : given;
      // What is still to be given to one of the four.
      const float afterA = a == most ? 0.0f : slope;
      const float afterB = b == most ? 0.0f : afterA;
      const float afterD = d == most ? 0.0f : afterB;
      upperSlopes[c] = a == most ? slope : 0.0f;
      upperSlopes[channels + c] = b == most ? afterA : 0.0f;
      lowerSlopes[c] = d == most ? afterB : 0.0f;
      lowerSlopes[channels + c] = afterD;
    }
    upper += 2 * channels, lower += 2 * channels, slopes += channels;
    upperSlopes += 2 * channels, lowerSlopes += 2 * channels;
  }
}

class MaxPoolOp : public tensorflow::OpKernel {
 public:
  using OpKernel::OpKernel;

  void Compute(tensorflow::OpKernelContext* context) override {
    const Tensor& images = context->input(0);
    const int64_t height = images.dim_size(1) / 2, width = images.dim_size(2) / 2, channels = images.dim_size(3);
    const int64_t row = images.dim_size(2) * channels, image = images.dim_size(1) * row, pooled = height * width * channels;
    Tensor* output = nullptr;
    const TensorShape shape({images.dim_size(0), height, width, channels});
    OP_REQUIRES_OK(context, context->allocate_output(0, shape, &output));
    const float* source = images.flat<float>().data();
    float* target = output->flat<float>().data();
    WorkInShares(context, images.dim_size(0), image, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; n++)
        for (int64_t y = 0; y < height; y++) {
          const float* upper = source + n * image + 2 * y * row;
          PoolRow(width, channels, upper, upper + row, target + n * pooled + y * width * channels);
        }
    });
  }
};

class MaxPoolGradientOp : public tensorflow::OpKernel {
 public:
  explicit MaxPoolGradientOp(tensorflow::OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, context->GetAttr("relu", &relu_));
  }

  void Compute(tensorflow::OpKernelContext* context) override {
    const Tensor &images = context->input(0), &given = context->input(1);
    const int64_t height = images.dim_size(1) / 2, width = images.dim_size(2) / 2, channels = images.dim_size(3);
    const int64_t row = images.dim_size(2) * channels, image = images.dim_size(1) * row, pooled = height * width * channels;
    OP_REQUIRES(context, given.NumElements() == images.dim_size(0) * pooled,
                tensorflow::errors::InvalidArgument("the gradient is not that of the images' windows"));
    Tensor* output = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, images.shape(), &output));
    const float *source = images.flat<float>().data(), *slopes = given.flat<float>().data();
    float* target = output->flat<float>().data();
    const float threshold = relu_ ? 0.0f : -std::numeric_limits<float>::infinity();
    WorkInShares(context, images.dim_size(0), 2 * image, [&](int64_t begin, int64_t end) {
      // Rows and columns that no window covers.
      if (2 * height * 2 * width * channels < image) std::fill(target + begin * image, target + end * image, 0.0f);
      for (int64_t n = begin; n < end; n++)
        for (int64_t y = 0; y < height; y++) {
          const int64_t place = n * image + 2 * y * row;
          PoolRowGradient(width, channels, threshold, source + place, source + place + row,
                          slopes + n * pooled + y * width * channels, target + place, target + place + row);
        }
    });
  }

 private:
  bool relu_;
};

REGISTER_OP("NightsweepMaxPool").Input("images: float").Output("pooled: float").SetShapeFn(
    tensorflow::shape_inference::UnknownShape);
REGISTER_KERNEL_BUILDER(Name("NightsweepMaxPool").Device(tensorflow::DEVICE_CPU), MaxPoolOp);

REGISTER_OP("NightsweepMaxPoolGradient")
    .Input("images: float")
    .Input("slopes: float")
    .Output("gradient: float")
    .Attr("relu: bool = false")
    .SetShapeFn(tensorflow::shape_inference::UnchangedShape);
REGISTER_KERNEL_BUILDER(Name("NightsweepMaxPoolGradient").Device(tensorflow::DEVICE_CPU), MaxPoolGradientOp);

}  // namespace
}  // namespace nightsweep
