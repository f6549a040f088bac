"""The Keras peer of `npm run bench -- step`: for each workload (JSON) on stdin, one line of milliseconds."""

import json
import os
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

LAYERS = {
    "conv2d": lambda p: keras.layers.Conv2D(
        p["filters"], p["kernelSize"], padding=p.get("padding", "valid"), activation=p.get("activation")
    ),
    "maxPooling2d": lambda p: keras.layers.MaxPooling2D(p.get("poolSize", 2)),
    "dense": lambda p: keras.layers.Dense(p["units"], activation=p.get("activation")),
    "flatten": lambda p: keras.layers.Flatten(),
}


def build(task):
    layers = [keras.layers.Input(task["inputShape"])]
    for entry in task["layers"]:
        name, parameters = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
        layers.append(LAYERS[name](parameters))
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def milliseconds(run):
    begin = time.perf_counter()
    run()
    return (time.perf_counter() - begin) * 1e3


models = {}
for line in sys.stdin:
    task = json.loads(line)
    name, size, steps = task["name"], task["batchSize"], task["steps"]
    if name not in models:
        count = size * steps
        images = np.random.default_rng(1).random((count, *task["inputShape"]), dtype="float32")
        models[name] = build(task), images, np.arange(count, dtype="int32") % task["classCount"]
    model, images, labels = models[name]
    cpu = time.process_time()
    if task["mode"] == "fit":
        times = [milliseconds(lambda: model.fit(images, labels, batch_size=size, verbose=0, shuffle=False)) / steps]
    else:
        batches = [(images[i * size : (i + 1) * size], labels[i * size : (i + 1) * size]) for i in range(steps)]
        times = [milliseconds(lambda batch=batch: model.train_on_batch(*batch)) for batch in batches]
    print(json.dumps({"times": times, "cpuMs": (time.process_time() - cpu) * 1e3 / steps}), flush=True)
