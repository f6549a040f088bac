import { expect, test } from "vitest";
import { nativeFlags } from "../../../../trainer/engine/tensorflow/native-flags.ts";

test("whatever results depend on is said when TensorFlow starts, and the same on every machine", () => {
  expect(nativeFlags({ threads: 1, device: undefined, flavour: "cpu", variables: {} })).toEqual({
    TF_NUM_INTRAOP_THREADS: "1",
    TF_NUM_INTEROP_THREADS: "1",
    TF_ENABLE_ONEDNN_OPTS: "1",
    TF_CPP_MIN_LOG_LEVEL: "2",
  });
});

test("on a GPU memory grows with need, sums have one order, float32 is float32, and the first device is taken", () => {
  expect(nativeFlags({ threads: 1, device: undefined, flavour: "gpu", variables: {} })).toMatchObject({
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    TF_DETERMINISTIC_OPS: "1",
    NVIDIA_TF32_OVERRIDE: "0",
    CUDA_VISIBLE_DEVICES: "0",
  });
});

test("threads are those of the plan, whatever the environment says; other flags are a person's to set", () => {
  const variables = { TF_NUM_INTRAOP_THREADS: "8", TF_ENABLE_ONEDNN_OPTS: "0", CUDA_VISIBLE_DEVICES: "2" };

  const flags = nativeFlags({ threads: 2, device: undefined, flavour: "gpu", variables });

  expect(flags).toMatchObject({
    TF_NUM_INTRAOP_THREADS: "2",
    TF_ENABLE_ONEDNN_OPTS: "0",
    CUDA_VISIBLE_DEVICES: "2",
  });
});

test("who asks for the CPU gets it, though there is a GPU", () => {
  const flags = nativeFlags({ threads: 1, device: "cpu", flavour: "gpu", variables: { CUDA_VISIBLE_DEVICES: "0" } });

  expect(flags["CUDA_VISIBLE_DEVICES"]).toBe("-1");
});
