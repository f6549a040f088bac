"""The sweep with Ray Tune, one processor for each trial. NOOP=N: instead N trials that train nothing."""

import json
import os
import tempfile

import ray
from ray import tune

EXAMPLES = int(os.environ.get("EXAMPLES", "60000"))
NOOP = int(os.environ.get("NOOP", "0"))
if not NOOP:
    from keras_trial import LEARNING_RATES, SEEDS, train


def objective(config):
    if NOOP:
        return {"accuracy": 0.5}
    return {"accuracy": train(config["learning_rate"], config["seed"], examples=EXAMPLES)}


here = os.path.dirname(os.path.abspath(__file__))
variables = {"PYTHONPATH": here, "MNIST_DIR": os.environ.get("MNIST_DIR", ""), "NOOP": str(NOOP)}
ray.init(num_cpus=os.cpu_count(), include_dashboard=False, logging_level="ERROR", runtime_env={"env_vars": variables})
space = (
    {"learning_rate": tune.grid_search(list(range(NOOP))), "seed": 1}
    if NOOP
    else {"learning_rate": tune.grid_search(LEARNING_RATES), "seed": tune.grid_search(SEEDS)}
)
tuner = tune.Tuner(
    tune.with_resources(objective, {"cpu": 1}),
    param_space=space,
    tune_config=tune.TuneConfig(metric="accuracy", mode="max"),
    run_config=tune.RunConfig(storage_path=tempfile.mkdtemp(), verbose=0),
)
results = tuner.fit()
if results.num_errors:
    raise SystemExit(f"{results.num_errors} trials failed")
distinct = {(result.config["learning_rate"], result.config["seed"]) for result in results}
best = results.get_best_result().metrics["accuracy"]
print(json.dumps({"trials": len(results), "distinct": len(distinct), "best": best}))
