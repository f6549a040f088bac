#include "pooled_convolution.h"

namespace nightsweep {
namespace {

namespace avx512 {
#define NIGHTSWEEP_TARGET __attribute__((target("arch=skylake-avx512,prefer-vector-width=512")))
constexpr int kLanes = 16, kWide = 4, kMostTaps = 9, kMostVectors = 9;
constexpr bool kPairs = true;
#include "for_a_processor.inc"
#undef NIGHTSWEEP_TARGET
}  // namespace avx512

namespace avx2 {
#define NIGHTSWEEP_TARGET __attribute__((target("arch=haswell")))
constexpr int kLanes = 8, kWide = 2, kMostTaps = 9, kMostVectors = 6;
constexpr bool kPairs = false;
#include "for_a_processor.inc"
#undef NIGHTSWEEP_TARGET
}  // namespace avx2

namespace anywhere {
#define NIGHTSWEEP_TARGET
constexpr int kLanes = 4, kWide = 2, kMostTaps = 9, kMostVectors = 6;
constexpr bool kPairs = false;
#include "for_a_processor.inc"
#undef NIGHTSWEEP_TARGET
}  // namespace anywhere

}  // namespace

void ConvolveAndPool(tensorflow::OpKernelContext* context, const WindowGeometry& geometry, const ConvolutionPoolData& data) {
  static const auto convolve = ForProcessor(avx512::Convolve, avx2::Convolve, anywhere::Convolve);
  convolve(context, geometry, data);
}

void AddUpPoolGradient(tensorflow::OpKernelContext* context, const WindowGeometry& geometry, const PoolGradientData& data) {
  static const auto addUp = ForProcessor(avx512::AddUpGradient, avx2::AddUpGradient, anywhere::AddUpGradient);
  addUp(context, geometry, data);
}

}  // namespace nightsweep
