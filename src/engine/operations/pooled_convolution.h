// What is computed of a convolution, its bias, ReLU, and the maximum of windows of 2×2.
#pragma once

#include "window_geometry.h"
#include "work_in_shares.h"

namespace nightsweep {

// Where the inputs and outputs of NightsweepConvolutionPool lie.
struct ConvolutionPoolData {
  int64_t examples;
  bool relu;
  const float *images, *kernel, *bias;
  float* pooled;
  uint8_t* places;
};

// One of many in a batch. @param imageGradient null if it is not wanted, otherwise zeros
struct PooledExample {
  const float *image, *slopes;
  const uint8_t* places;
  float* imageGradient;
};

// Where those of NightsweepConvolutionPoolGradient lie.
struct PoolGradientData {
  int64_t examples;
  const float *images, *kernel, *slopes;
  const uint8_t* places;
  float *imageGradient, *kernelGradient, *biasGradient;

  PooledExample example(const WindowGeometry& g, int64_t n) const {
    return {images + n * g.imageSize(), slopes + n * g.pooledSize(), places + n * g.pooledSize(),
            imageGradient == nullptr ? nullptr : imageGradient + n * g.imageSize()};
  }
};

void ConvolveAndPool(tensorflow::OpKernelContext* context, const WindowGeometry& geometry, const ConvolutionPoolData& data);
void AddUpPoolGradient(tensorflow::OpKernelContext* context, const WindowGeometry& geometry, const PoolGradientData& data);

}  // namespace nightsweep
