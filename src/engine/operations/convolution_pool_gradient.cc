// NightsweepConvolutionPoolGradient: the gradient of NightsweepConvolutionPool by images, kernel and bias.
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

class ConvolutionPoolGradientOp : public tensorflow::OpKernel {
 public:
  explicit ConvolutionPoolGradientOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, context->GetAttr("strides", &strides_));
    OP_REQUIRES_OK(context, context->GetAttr("padding", &padding_));
    OP_REQUIRES_OK(context, context->GetAttr("of_images", &ofImages_));
  }

  void Compute(OpKernelContext* context) override {
    const Tensor &images = context->input(0), &kernel = context->input(1), &slopes = context->input(2), &places = context->input(3);
    WindowGeometry g{images.dim_size(1), images.dim_size(2), images.dim_size(3), kernel.dim_size(0),
                     kernel.dim_size(1), kernel.dim_size(3), strides_[0], strides_[1]};
    g.place(padding_);
    const int64_t examples = images.dim_size(0);
    OP_REQUIRES(context, slopes.NumElements() == examples * g.pooledSize() && slopes.NumElements() == places.NumElements(),
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
  std::vector<int64_t> strides_;
  std::string padding_;
  bool ofImages_;
};

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
