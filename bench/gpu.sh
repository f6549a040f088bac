#!/bin/sh
# Prints every figure of the native engine on an NVIDIA GPU that could not be measured without one. Run it once, in a clone, on a
# Linux machine with a GPU (driver 525 or newer), Node.js, Python 3.10 or newer with venv, and g++; 20 GB of disk, half an hour:
#     sh bench/gpu.sh | tee gpu.txt
set -eu
cd "$(dirname "$0")/.."
export NIGHTSWEEP_BENCH_PEERS="${NIGHTSWEEP_BENCH_PEERS:-$HOME/.cache/nightsweep/bench-peers-gpu}"
store="$(mktemp -d)"
trap 'rm -rf "$store"' EXIT

title() { printf '\n== %s\n' "$1"; }
nightsweep() { node bin/nightsweep.js "$@"; }
# GPU memory that processes have, every second; prints the most.
most_memory() {
  nvidia-smi --query-compute-apps=used_memory --format=csv,noheader,nounits -l 1 >"$store/memory" 2>/dev/null &
  watcher=$!
  "$@" || true
  kill "$watcher" 2>/dev/null || true
  printf 'most GPU memory of a process: %s MiB\n' "$(sort -n "$store/memory" | tail -n 1)"
}

title "machine"
nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv
node --version

title "the engine (a wrong device here makes all that follows worthless)"
npm run --silent build
nightsweep engine install --gpu
nightsweep engine doctor

title "a GPU is required, and used; what the record says about device and flags"
NIGHTSWEEP_DEVICE=gpu nightsweep run experiments/quickstart.yaml --engine tensorflow --workers 1 --store "$store/one" --output csv
cat "$store"/one/experiments/*/runs/*/trials/*/environment.json | head -n 40

title "deterministic: the same trials again give the same weights"
NIGHTSWEEP_DEVICE=gpu nightsweep run experiments/quickstart.yaml --engine tensorflow --workers 1 --store "$store/two" --output csv
for each in one two; do
  (cd "$store/$each" && find . -path '*/model/weights.bin' -o -name predictions.csv | sed 's/.*trials/trials/' | sort)
  (cd "$store/$each" && find . -path '*/model/weights.bin' | sort | xargs sha256sum | cut -c 1-64 | sort)
done

title "agreement: losses and gradients on the GPU against frozen figures of Keras"
NIGHTSWEEP_TEST_REQUIRE=native npx vitest run test/trainer/engine/tensorflow/keras-trajectories.test.ts \
  test/trainer/engine/tensorflow/layer-gradients.test.ts test/trainer/engine/tensorflow/tensorflow-contract.test.ts || true

title "Keras and TensorFlow with CUDA, to compare with"
npm run --silent bench -- install-peers --gpu

title "a step, deterministic, float32"
npm run --silent bench -- step --threads=1 --turns=20
title "a step, TF32 and whatever order of sums"
NVIDIA_TF32_OVERRIDE=1 TF_DETERMINISTIC_OPS=0 npm run --silent bench -- step --threads=1 --turns=20
title "an epoch with input pipeline and evaluation"
npm run --silent bench -- epoch --engines=tensorflow
title "training images kept on the GPU: steps per second with 1 and several steps a call"
npm run --silent bench -- steps-per-call 4,16,32
title "8 trials end to end: how many side by side pay on one GPU"
npm run --silent bench -- sweep --rounds=2

title "memory on the GPU: VGG-16 on 224x224, some steps"
most_memory nightsweep run experiments/reference/vgg16-mnist-224.yaml --engine tensorflow --workers 1 --store "$store/vgg"
