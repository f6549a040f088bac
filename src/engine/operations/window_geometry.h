// Where the windows of a convolution and of the pooling behind it lie.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace nightsweep {

// The place of a window whose maximum ReLU cuts off; the others are 0 to 3, row by row.
constexpr int kNowhere = 4;

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

  // A padded image has its margins, and nothing that no output depends on.
  int64_t paddedHeight() const { return (outputHeight - 1) * strideHeight + kernelHeight; }
  int64_t paddedRow() const { return ((outputWidth - 1) * strideWidth + kernelWidth) * channels; }
  int64_t paddedSize() const { return paddedHeight() * paddedRow(); }
  // Where the taps of an output begin.
  int64_t cornerOf(int64_t y, int64_t x) const { return y * strideHeight * paddedRow() + x * strideWidth * channels; }

  // The margins of `padded` are zeros already.
  void pad(const float* image, float* padded) const {
    for (int64_t y = 0; y < usedRows(); y++)
      std::copy_n(image + y * width * channels, usedRow(), padded + (y + top) * paddedRow() + left * channels);
  }
  // The reverse. The rest of `image` is zeros already.
  void crop(const float* padded, float* image) const {
    for (int64_t y = 0; y < usedRows(); y++)
      std::copy_n(padded + (y + top) * paddedRow() + left * channels, usedRow(), image + y * width * channels);
  }

 private:
  int64_t usedRows() const { return std::min(height, paddedHeight() - top); }
  int64_t usedRow() const { return std::min(width * channels, paddedRow() - left * channels); }

  static void placeAlong(const std::string& padding, int64_t size, int64_t kernel, int64_t stride, int64_t* outputs,
                         int64_t* before) {
    const bool isSame = padding == "SAME";
    *outputs = isSame ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
    *before = isSame ? std::max<int64_t>(0, (*outputs - 1) * stride + kernel - size) / 2 : 0;
  }
};

}  // namespace nightsweep
