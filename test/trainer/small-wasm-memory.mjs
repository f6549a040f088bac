// Loaded before a trainer: the memory of WebAssembly ends at 64 MiB instead of 4 GiB.
// oxlint-disable-next-line typescript/unbound-method -- called with its memory below
const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength / 65_536 + pages > 1024) throw new RangeError("Maximum memory size exceeded");
  return grow.call(this, pages);
};
