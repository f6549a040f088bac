// Where the windows of a convolution and of the pooling behind it lie.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace nightsweep {

// Outputs side by side that are computed at once, channels of a vector, and taps that share a vector.
constexpr int kPixels = 8;
constexpr int kLanes = 16;
constexpr int kTaps = 8;
using Lanes = float __attribute__((vector_size(4 * kLanes), aligned(4)));
using LaneFlags = int32_t __attribute__((vector_size(4 * kLanes), aligned(4)));

// A tap is a row, a column and a channel of a kernel.
struct WindowGeometry {
  int64_t height, width, channels;
  int64_t kernelHeight, kernelWidth, filters;
  int64_t strideHeight, strideWidth;
  int64_t top = 0, left = 0, outputHeight = 0, outputWidth = 0;

  void place(const std::string& padding) {
    placeAlong(padding, height, kernelHeight, strideHeight, &outputHeight, &top);
    placeAlong(padding, width, kernelWidth, strideWidth, &outputWidth, &left);
  }
  int64_t pooledHeight() const { return outputHeight / 2; }
  int64_t pooledWidth() const { return outputWidth / 2; }
  int64_t pooledSize() const { return pooledHeight() * pooledWidth() * filters; }
  int64_t imageSize() const { return height * width * channels; }
  int64_t taps() const { return kernelHeight * kernelWidth * channels; }
  int64_t vectors() const { return (filters + kLanes - 1) / kLanes; }
  int64_t groups() const { return (outputWidth + kPixels - 1) / kPixels; }

  // A padded image is a plane for each channel and each remainder of x by the stride: outputs side by side then multiply
  // values side by side. On the right there is enough for a whole group of outputs.
  int64_t planeHeight() const { return (outputHeight - 1) * strideHeight + kernelHeight; }
  int64_t planeWidth() const { return groups() * kPixels + (kernelWidth - 1) / strideWidth; }
  int64_t paddedSize() const { return channels * strideWidth * planeHeight() * planeWidth(); }
  int64_t placeOf(int64_t y, int64_t x, int64_t channel) const {
    return ((channel * strideWidth + x % strideWidth) * planeHeight() + y) * planeWidth() + x / strideWidth;
  }

  // The margins of `padded` are zeros already.
  void pad(const float* image, float* padded) const {
    for (int64_t y = 0; y < height && y + top < planeHeight(); y++)
      for (int64_t x = 0; x < width && (x + left) / strideWidth < planeWidth(); x++)
        for (int64_t c = 0; c < channels; c++) padded[placeOf(y + top, x + left, c)] = image[(y * width + x) * channels + c];
  }

  // Where in a padded image the values are that the taps multiply for the first output.
  std::vector<int64_t> tapOffsets() const {
    std::vector<int64_t> offsets;
    for (int64_t y = 0; y < kernelHeight; y++)
      for (int64_t x = 0; x < kernelWidth; x++)
        for (int64_t c = 0; c < channels; c++) offsets.push_back(placeOf(y, x, c));
    return offsets;
  }

 private:
  static void placeAlong(const std::string& padding, int64_t size, int64_t kernel, int64_t stride, int64_t* outputs,
                         int64_t* before) {
    const bool isSame = padding == "SAME";
    *outputs = isSame ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
    *before = isSame ? std::max<int64_t>(0, (*outputs - 1) * stride + kernel - size) / 2 : 0;
  }
};

}  // namespace nightsweep
