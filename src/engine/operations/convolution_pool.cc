// NightsweepConvolutionPool: a convolution, its bias, ReLU, and the maximum of windows of 2×2, on a processor. The outputs of
// the convolution, the largest values of such a network, never go through memory: for the gradient,
// NightsweepConvolutionPoolGradient, it is enough to know which place of each window was the largest.
#include "pooled_convolution.h"
#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/shape_inference.h"

namespace nightsweep {
namespace {

using tensorflow::OpKernelConstruction;
using tensorflow::OpKernelContext;
using tensorflow::Tensor;
using tensorflow::TensorShape;

class PooledConvolutionOp : public tensorflow::OpKernel {
 public:
  explicit PooledConvolutionOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, context->GetAttr("strides", &strides_));
    OP_REQUIRES_OK(context, context->GetAttr("padding", &padding_));
  }

 protected:
  WindowGeometry geometryOf(const Tensor& images, const Tensor& kernel) const {
    WindowGeometry g{images.dim_size(1), images.dim_size(2), images.dim_size(3), kernel.dim_size(0),
                     kernel.dim_size(1), kernel.dim_size(3), strides_[0], strides_[1]};
    g.place(padding_);
    return g;
  }

 private:
  std::vector<int64_t> strides_;
  std::string padding_;
};

class ConvolutionPoolOp : public PooledConvolutionOp {
 public:
  explicit ConvolutionPoolOp(OpKernelConstruction* context) : PooledConvolutionOp(context) {
    OP_REQUIRES_OK(context, context->GetAttr("relu", &relu_));
  }

  void Compute(OpKernelContext* context) override {
    const Tensor &images = context->input(0), &kernel = context->input(1), &bias = context->input(2);
    const WindowGeometry g = geometryOf(images, kernel);
    OP_REQUIRES(context, kernel.dim_size(2) == g.channels && bias.NumElements() == g.filters,
                tensorflow::errors::InvalidArgument("images, kernel and bias do not fit together"));
    const TensorShape shape({images.dim_size(0), g.pooledHeight(), g.pooledWidth(), g.filters});
    Tensor *pooled = nullptr, *places = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, shape, &pooled));
    OP_REQUIRES_OK(context, context->allocate_output(1, shape, &places));
    ConvolveAndPool(context, g,
                    {images.dim_size(0), relu_, images.flat<float>().data(), kernel.flat<float>().data(),
                     bias.flat<float>().data(), pooled->flat<float>().data(), places->flat<uint8_t>().data()});
  }

 private:
  bool relu_;
};

class ConvolutionPoolGradientOp : public PooledConvolutionOp {
 public:
  explicit ConvolutionPoolGradientOp(OpKernelConstruction* context) : PooledConvolutionOp(context) {
    OP_REQUIRES_OK(context, context->GetAttr("of_images", &ofImages_));
  }

  void Compute(OpKernelContext* context) override {
    const Tensor &images = context->input(0), &kernel = context->input(1), &slopes = context->input(2), &places = context->input(3);
    const WindowGeometry g = geometryOf(images, kernel);
    const int64_t examples = images.dim_size(0), windows = examples * g.pooledSize();
    OP_REQUIRES(context, kernel.dim_size(2) == g.channels && slopes.NumElements() == windows && places.NumElements() == windows,
                tensorflow::errors::InvalidArgument("images, kernel, slopes and places do not fit together"));
    Tensor *imageGradient = nullptr, *kernelGradient = nullptr, *biasGradient = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, ofImages_ ? images.shape() : TensorShape({0}), &imageGradient));
    OP_REQUIRES_OK(context, context->allocate_output(1, kernel.shape(), &kernelGradient));
    OP_REQUIRES_OK(context, context->allocate_output(2, TensorShape({g.filters}), &biasGradient));
    float* imageTarget = ofImages_ ? imageGradient->flat<float>().data() : nullptr;
    if (ofImages_) std::fill_n(imageTarget, imageGradient->NumElements(), 0.0f);
    AddUpPoolGradient(context, g,
                      {examples, images.flat<float>().data(), kernel.flat<float>().data(), slopes.flat<float>().data(),
                       places.flat<uint8_t>().data(), imageTarget, kernelGradient->flat<float>().data(),
                       biasGradient->flat<float>().data()});
  }

 private:
  bool ofImages_;
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
    .Input("kernel: float")
    .Input("slopes: float")
    .Input("places: uint8")
    .Output("image_gradient: float")
    .Output("kernel_gradient: float")
    .Output("bias_gradient: float")
    .Attr("strides: list(int) = [1, 1]")
    .Attr("padding: {'SAME', 'VALID'}")
    .Attr("of_images: bool")
    .SetShapeFn(tensorflow::shape_inference::UnknownShape);
REGISTER_KERNEL_BUILDER(Name("NightsweepConvolutionPoolGradient").Device(tensorflow::DEVICE_CPU),
                        ConvolutionPoolGradientOp);

}  // namespace
}  // namespace nightsweep
