// NightsweepConvolutionPool: what networks often begin with, a convolution of images with few channels, its bias, ReLU, and the
// maximum of windows of 2×2; and its gradient by kernel and bias. The outputs of the convolution, the largest values of such a
// network, never go through memory: for the gradient it is enough to know which place of each window was the largest.
// oneDNN's kernel for such convolutions multiplies matrices of one row, besides.
//
// Results don't depend on the number of threads: sums over examples are made in pieces of fixed size, in their order.
#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/shape_inference.h"
#include "window_geometry.h"
#include "work_in_shares.h"

namespace nightsweep {
namespace {

using tensorflow::OpKernelConstruction;
using tensorflow::OpKernelContext;
using tensorflow::Tensor;
using tensorflow::TensorShape;

// The place of a window whose maximum ReLU cuts off.
constexpr int kNowhere = 4;
// Examples of a piece of a sum.
constexpr int64_t kPiece = 16;

namespace avx512 {
#define NIGHTSWEEP_TARGET __attribute__((target("arch=skylake-avx512,prefer-vector-width=512")))
#include "convolution_pool_image.inc"
}  // namespace avx512
namespace avx2 {
#define NIGHTSWEEP_TARGET __attribute__((target("arch=haswell")))
#include "convolution_pool_image.inc"
}  // namespace avx2
namespace anywhere {
#define NIGHTSWEEP_TARGET
#include "convolution_pool_image.inc"
}  // namespace anywhere

struct Functions {
  decltype(&anywhere::ConvolveAndPool) convolveAndPool;
  decltype(&anywhere::AddGradient) addGradient;
};

const Functions& FunctionsForProcessor() {
  static const Functions functions = [] {
    if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
      return Functions{avx512::ConvolveAndPool, avx512::AddGradient};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      return Functions{avx2::ConvolveAndPool, avx2::AddGradient};
    return Functions{anywhere::ConvolveAndPool, anywhere::AddGradient};
  }();
  return functions;
}

// Weights of 16 filters after one another in the order of the taps, then their bias; zeros behind the last filter.
std::vector<Lanes> PackFilters(const WindowGeometry& g, const float* kernel, const float* bias) {
  const int64_t rows = g.taps() + 1;
  std::vector<Lanes> packed(g.vectors() * rows, Lanes{});
  for (int64_t filter = 0; filter < g.filters; filter++) {
    Lanes* target = packed.data() + filter / kLanes * rows;
    for (int64_t tap = 0; tap < g.taps(); tap++) target[tap][filter % kLanes] = kernel[tap * g.filters + filter];
    target[g.taps()][filter % kLanes] = bias[filter];
  }
  return packed;
}

class ConvolutionPoolOp : public tensorflow::OpKernel {
 public:
  explicit ConvolutionPoolOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, context->GetAttr("strides", &strides_));
    OP_REQUIRES_OK(context, context->GetAttr("padding", &padding_));
    OP_REQUIRES_OK(context, context->GetAttr("relu", &relu_));
  }

  void Compute(OpKernelContext* context) override {
    const Tensor &images = context->input(0), &kernel = context->input(1), &bias = context->input(2);
    WindowGeometry g{images.dim_size(1), images.dim_size(2), images.dim_size(3), kernel.dim_size(0),
                     kernel.dim_size(1), kernel.dim_size(3), strides_[0], strides_[1]};
    OP_REQUIRES(context, kernel.dim_size(2) == g.channels && bias.NumElements() == g.filters,
                tensorflow::errors::InvalidArgument("images, kernel and bias do not fit together"));
    g.place(padding_);
    const TensorShape shape({images.dim_size(0), g.pooledHeight(), g.pooledWidth(), g.filters});
    Tensor *pooled = nullptr, *places = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, shape, &pooled));
    OP_REQUIRES_OK(context, context->allocate_output(1, shape, &places));
    const std::vector<int64_t> offsets = g.tapOffsets();
    const std::vector<Lanes> packed = PackFilters(g, kernel.flat<float>().data(), bias.flat<float>().data());
    const float* source = images.flat<float>().data();
    float* target = pooled->flat<float>().data();
    uint8_t* placeTarget = places->flat<uint8_t>().data();
    WorkInShares(context, images.dim_size(0), 4 * g.pooledSize() * g.taps() / kLanes, [&](int64_t begin, int64_t end) {
      std::vector<float> padded(g.paddedSize(), 0.0f);
      std::vector<Lanes> rows(2 * g.groups() * kPixels);
      for (int64_t n = begin; n < end; n++) {
        g.pad(source + n * g.imageSize(), padded.data());
        FunctionsForProcessor().convolveAndPool(g, relu_, padded.data(), offsets.data(), packed.data(), rows.data(),
                                                target + n * g.pooledSize(), placeTarget + n * g.pooledSize());
      }
    });
  }

 private:
  std::vector<int64_t> strides_;
  std::string padding_;
  bool relu_;
};

class ConvolutionPoolGradientOp : public tensorflow::OpKernel {
 public:
  explicit ConvolutionPoolGradientOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, context->GetAttr("strides", &strides_));
    OP_REQUIRES_OK(context, context->GetAttr("padding", &padding_));
    OP_REQUIRES_OK(context, context->GetAttr("kernel_size", &kernelSize_));
  }

  void Compute(OpKernelContext* context) override {
    const Tensor &images = context->input(0), &slopes = context->input(1), &places = context->input(2);
    WindowGeometry g{images.dim_size(1), images.dim_size(2), images.dim_size(3), kernelSize_[0],
                     kernelSize_[1], places.dim_size(3), strides_[0], strides_[1]};
    g.place(padding_);
    OP_REQUIRES(context, slopes.NumElements() == images.dim_size(0) * g.pooledSize() && slopes.NumElements() == places.NumElements(),
                tensorflow::errors::InvalidArgument("images, slopes and places do not fit together"));
    Tensor *kernelGradient = nullptr, *biasGradient = nullptr;
    const TensorShape shape({g.kernelHeight, g.kernelWidth, g.channels, g.filters});
    OP_REQUIRES_OK(context, context->allocate_output(0, shape, &kernelGradient));
    OP_REQUIRES_OK(context, context->allocate_output(1, TensorShape({g.filters}), &biasGradient));
    const int64_t taps = (g.taps() + kTaps - 1) / kTaps * kTaps, pieces = (images.dim_size(0) + kPiece - 1) / kPiece;
    const int64_t pieceSize = g.vectors() * (taps + 1);
    std::vector<Lanes> sums(pieces * pieceSize, Lanes{});
    std::vector<int64_t> offsets = g.tapOffsets();
    offsets.resize(taps, 0);
    const float *source = images.flat<float>().data(), *slopeSource = slopes.flat<float>().data();
    const uint8_t* placeSource = places.flat<uint8_t>().data();
    WorkInShares(context, pieces, kPiece * 4 * g.pooledSize() * taps / kLanes, [&](int64_t begin, int64_t end) {
      std::vector<float> padded(g.paddedSize(), 0.0f);
      std::vector<Lanes> slopesAt(4 * g.pooledWidth());
      for (int64_t n = begin * kPiece; n < std::min(end * kPiece, images.dim_size(0)); n++) {
        Lanes* own = sums.data() + n / kPiece * pieceSize;
        g.pad(source + n * g.imageSize(), padded.data());
        FunctionsForProcessor().addGradient(g, padded.data(), offsets.data(), taps, slopeSource + n * g.pooledSize(),
                                            placeSource + n * g.pooledSize(), slopesAt.data(), own,
                                            own + g.vectors() * taps);
      }
    });
    for (int64_t piece = 1; piece < pieces; piece++)
      for (int64_t i = 0; i < pieceSize; i++) sums[i] += sums[piece * pieceSize + i];
    float *kernelTarget = kernelGradient->flat<float>().data(), *biasTarget = biasGradient->flat<float>().data();
    for (int64_t filter = 0; filter < g.filters; filter++) {
      const int64_t vector = filter / kLanes, lane = filter % kLanes;
      for (int64_t tap = 0; tap < g.taps(); tap++) kernelTarget[tap * g.filters + filter] = sums[vector * taps + tap][lane];
      biasTarget[filter] = sums[g.vectors() * taps + vector][lane];
    }
  }

 private:
  std::vector<int64_t> strides_, kernelSize_;
  std::string padding_;
};

REGISTER_OP("NightsweepConvolutionPool")
    .Input("images: float")
    .Input("kernel: float")
    .Input("bias: float")
    .Output("pooled: float")
    .Output("places: uint8")
    .Attr("strides: list(int) = [1, 1]")
    .Attr("padding: {'SAME', 'VALID'}")
    .Attr("relu: bool = false")
    .SetShapeFn(tensorflow::shape_inference::UnknownShape);
REGISTER_KERNEL_BUILDER(Name("NightsweepConvolutionPool").Device(tensorflow::DEVICE_CPU), ConvolutionPoolOp);

REGISTER_OP("NightsweepConvolutionPoolGradient")
    .Input("images: float")
    .Input("slopes: float")
    .Input("places: uint8")
    .Output("kernel_gradient: float")
    .Output("bias_gradient: float")
    .Attr("strides: list(int) = [1, 1]")
    .Attr("padding: {'SAME', 'VALID'}")
    .Attr("kernel_size: list(int)")
    .SetShapeFn(tensorflow::shape_inference::UnknownShape);
REGISTER_KERNEL_BUILDER(Name("NightsweepConvolutionPoolGradient").Device(tensorflow::DEVICE_CPU),
                        ConvolutionPoolGradientOp);

}  // namespace
}  // namespace nightsweep
