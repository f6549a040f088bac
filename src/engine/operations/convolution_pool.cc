// NightsweepConvolutionPool: a convolution, its bias, ReLU, and the maximum of windows of 2×2, on a processor. The outputs of
// the convolution, the largest values of such a network, never go through memory: for the gradient
// (convolution_pool_gradient.cc) it is enough to know which place of each window was the largest.
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
    ConvolveAndPool(context, g,
                    {images.dim_size(0), relu_, images.flat<float>().data(), kernel.flat<float>().data(),
                     bias.flat<float>().data(), pooled->flat<float>().data(), places->flat<uint8_t>().data()});
  }

 private:
  std::vector<int64_t> strides_;
  std::string padding_;
  bool relu_;
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

}  // namespace
}  // namespace nightsweep
