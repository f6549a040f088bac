"""One trial of bench/workloads/sweep.yaml as a Keras user would write it: small CNN, MNIST, Adam, batches of 64."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

LEARNING_RATES = [3e-4, 1e-3, 3e-3, 1e-2]
SEEDS = [1, 2]


def read_idx(name):
    """An array from one of MNIST's four files, which are in the folder MNIST_DIR."""
    import struct

    import numpy as np

    with open(os.path.join(os.environ["MNIST_DIR"], name), "rb") as file:
        raw = file.read()
    rank = raw[3]
    shape = struct.unpack(f">{rank}I", raw[4 : 4 + 4 * rank])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def images(name, count=None):
    return (read_idx(name)[:count, ..., None] / 255.0).astype("float32")


def build(learning_rate):
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def set_threads(threads):
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        pass  # this worker process has run a trial already


def train(learning_rate, seed, examples=60_000):
    """Returns the test accuracy after one epoch over the first `examples` training images."""
    import keras

    set_threads(1)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = build(learning_rate)
    labels = read_idx("train-labels-idx1-ubyte")[:examples]
    model.fit(images("train-images-idx3-ubyte", examples), labels, batch_size=64, epochs=1, verbose=0)
    test_labels = read_idx("t10k-labels-idx1-ubyte")
    return float(model.evaluate(images("t10k-images-idx3-ubyte"), test_labels, batch_size=500, verbose=0)[1])
