"""The Keras peer of `npm run bench -- epoch`: `fit` for one epoch with validation, and `evaluate`; data in memory."""

import json
import time

from keras_trial import build, images, read_idx, set_threads

set_threads(1)
import keras

keras.utils.set_random_seed(1)
begin = time.perf_counter()
train, labels = images("train-images-idx3-ubyte"), read_idx("train-labels-idx1-ubyte")
test, test_labels = images("t10k-images-idx3-ubyte"), read_idx("t10k-labels-idx1-ubyte")
model = build(1e-3)
held_out = (train[48_000:], labels[48_000:])
fit_begin = time.perf_counter()
model.fit(train[:48_000], labels[:48_000], batch_size=64, epochs=1, verbose=0, validation_data=held_out)
fit_ms = (time.perf_counter() - fit_begin) * 1e3
accuracy = float(model.evaluate(test, test_labels, batch_size=500, verbose=0)[1])
total_ms = (time.perf_counter() - begin) * 1e3
print(json.dumps({"totalMs": total_ms, "stepsMs": fit_ms, "steps": 750, "accuracy": accuracy}))
