// NightsweepConvolution: a convolution of images with few channels, as first layers have, with bias and ReLU in one pass.
// oneDNN's kernel for it multiplies matrices of one row and takes three times as long.
// Each output is a sum over kernel rows, columns and channels, in this order, however many threads there are.
#include <algorithm>
#include <vector>

#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/shape_inference.h"
#include "work_in_shares.h"

namespace nightsweep {
namespace {

using tensorflow::Tensor;
using tensorflow::TensorShape;

// Outputs side by side that are computed at once, and channels of a vector.
constexpr int kPixels = 8;
constexpr int kLanes = 16;
using Lanes = float __attribute__((vector_size(4 * kLanes), aligned(4)));

struct Geometry {
  int64_t height, width, channels;
  int64_t kernelHeight, kernelWidth, filters;
  int64_t outputHeight, outputWidth;
  int64_t strideHeight, strideWidth, top, left;
  bool relu;

  int64_t taps() const { return kernelHeight * kernelWidth * channels; }
  int64_t vectors() const { return (filters + kLanes - 1) / kLanes; }
  // A padded image is a plane for each channel and each remainder of x by the stride: outputs side by side then multiply
  // values side by side. On the right there is enough for a whole group of outputs.
  int64_t planeHeight() const { return (outputHeight - 1) * strideHeight + kernelHeight; }
  int64_t planeWidth() const {
    const int64_t groups = (outputWidth + kPixels - 1) / kPixels;
    return groups * kPixels + (kernelWidth - 1) / strideWidth;
  }
  int64_t place(int64_t y, int64_t x, int64_t channel) const {
    return ((channel * strideWidth + x % strideWidth) * planeHeight() + y) * planeWidth() + x / strideWidth;
  }
  int64_t paddedSize() const { return channels * strideWidth * planeHeight() * planeWidth(); }
};

// The margins of `padded` are zeros already.
void PadImage(const Geometry& g, const float* image, float* padded) {
  for (int64_t y = 0; y < g.height && y + g.top < g.planeHeight(); y++)
    for (int64_t x = 0; x < g.width && (x + g.left) / g.strideWidth < g.planeWidth(); x++)
      for (int64_t c = 0; c < g.channels; c++)
        padded[g.place(y + g.top, x + g.left, c)] = image[(y * g.width + x) * g.channels + c];
}

// Where the values that the taps multiply are in a padded image, from the first of them.
std::vector<int64_t> TapOffsets(const Geometry& g) {
  std::vector<int64_t> offsets;
  for (int64_t y = 0; y < g.kernelHeight; y++)
    for (int64_t x = 0; x < g.kernelWidth; x++)
      for (int64_t c = 0; c < g.channels; c++) offsets.push_back(g.place(y, x, c));
  return offsets;
}

// Vectors of filters in the order of the taps, zeros behind the last filter; then the bias likewise.
std::vector<float> PackFilters(const Geometry& g, const float* kernel, const float* bias) {
  const int64_t vectors = g.vectors(), rows = g.taps() + 1;
  std::vector<float> packed(vectors * rows * kLanes, 0.0f);
  for (int64_t filter = 0; filter < g.filters; filter++) {
    float* target = packed.data() + filter / kLanes * rows * kLanes + filter % kLanes;
    for (int64_t tap = 0; tap < g.taps(); tap++) target[tap * kLanes] = kernel[tap * g.filters + filter];
    target[g.taps() * kLanes] = bias[filter];
  }
  return packed;
}

#define NIGHTSWEEP_TARGET __attribute__((target("arch=skylake-avx512,prefer-vector-width=512")))
#define NIGHTSWEEP_NAME ConvolveWithAvx512
#include "convolve_image.inc"
#define NIGHTSWEEP_TARGET __attribute__((target("arch=haswell")))
#define NIGHTSWEEP_NAME ConvolveWithAvx2
#include "convolve_image.inc"
#define NIGHTSWEEP_TARGET
#define NIGHTSWEEP_NAME ConvolveAnywhere
#include "convolve_image.inc"

using ConvolveImage = decltype(&ConvolveAnywhere);

ConvolveImage ChooseForProcessor() {
  if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return ConvolveWithAvx512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? ConvolveWithAvx2 : ConvolveAnywhere;
}

class ConvolutionOp : public tensorflow::OpKernel {
 public:
  explicit ConvolutionOp(tensorflow::OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, context->GetAttr("strides", &strides_));
    OP_REQUIRES_OK(context, context->GetAttr("padding", &padding_));
    OP_REQUIRES_OK(context, context->GetAttr("relu", &relu_));
  }

  void Compute(tensorflow::OpKernelContext* context) override {
    const Tensor &images = context->input(0), &kernel = context->input(1), &bias = context->input(2);
    Geometry g{images.dim_size(1), images.dim_size(2), images.dim_size(3), kernel.dim_size(0), kernel.dim_size(1),
               kernel.dim_size(3), 0, 0, strides_[0], strides_[1], 0, 0, relu_};
    OP_REQUIRES(context, kernel.dim_size(2) == g.channels && bias.NumElements() == g.filters,
                tensorflow::errors::InvalidArgument("images, kernel and bias do not fit together"));
    PlaceWindows(g);
    Tensor* output = nullptr;
    const int64_t count = images.dim_size(0);
    const TensorShape shape({count, g.outputHeight, g.outputWidth, g.filters});
    OP_REQUIRES_OK(context, context->allocate_output(0, shape, &output));
    const std::vector<int64_t> offsets = TapOffsets(g);
    const std::vector<float> packed = PackFilters(g, kernel.flat<float>().data(), bias.flat<float>().data());
    const int64_t imageSize = g.height * g.width * g.channels, outputSize = g.outputHeight * g.outputWidth * g.filters;
    const float* source = images.flat<float>().data();
    float* target = output->flat<float>().data();
    static const ConvolveImage convolve = ChooseForProcessor();
    WorkInShares(context, count, outputSize * g.taps(), [&](int64_t begin, int64_t end) {
      std::vector<float> padded(g.paddedSize(), 0.0f);
      for (int64_t n = begin; n < end; n++) {
        PadImage(g, source + n * imageSize, padded.data());
        convolve(g, padded.data(), offsets.data(), packed.data(), target + n * outputSize, target + end * outputSize);
      }
    });
  }

 private:
  void PlaceWindows(Geometry& g) const {
    const auto place = [this](int64_t size, int64_t kernel, int64_t stride, int64_t* outputs, int64_t* before) {
      *outputs = padding_ == "SAME" ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
      const int64_t margin = std::max<int64_t>(0, (*outputs - 1) * stride + kernel - size);
      *before = padding_ == "SAME" ? margin / 2 : 0;
    };
    place(g.height, g.kernelHeight, g.strideHeight, &g.outputHeight, &g.top);
    place(g.width, g.kernelWidth, g.strideWidth, &g.outputWidth, &g.left);
  }

  std::vector<int64_t> strides_;
  std::string padding_;
  bool relu_;
};

REGISTER_OP("NightsweepConvolution")
    .Input("images: float")
    .Input("kernel: float")
    .Input("bias: float")
    .Output("output: float")
    .Attr("strides: list(int) = [1, 1]")
    .Attr("padding: {'SAME', 'VALID'}")
    .Attr("relu: bool = false")
    .SetShapeFn(tensorflow::shape_inference::UnknownShape);
REGISTER_KERNEL_BUILDER(Name("NightsweepConvolution").Device(tensorflow::DEVICE_CPU), ConvolutionOp);

}  // namespace
}  // namespace nightsweep
