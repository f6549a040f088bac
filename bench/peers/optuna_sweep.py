"""The sweep with Optuna's grid sampler, one worker process per core, the trials handed out over a journal file."""

import json
import os
import subprocess
import sys
import tempfile

import optuna
from keras_trial import LEARNING_RATES, SEEDS, train

EXAMPLES = int(os.environ.get("EXAMPLES", "60000"))


def open_study(path):
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(path))
    sampler = optuna.samplers.GridSampler({"learning_rate": LEARNING_RATES, "seed": SEEDS}, seed=0)
    return optuna.create_study(
        study_name="sweep", storage=storage, sampler=sampler, direction="maximize", load_if_exists=True
    )


def objective(trial):
    learning_rate = trial.suggest_categorical("learning_rate", LEARNING_RATES)
    return train(learning_rate, trial.suggest_categorical("seed", SEEDS), examples=EXAMPLES)


def main():
    path = os.path.join(tempfile.mkdtemp(), "journal")
    open_study(path)
    workers = [subprocess.Popen([sys.executable, __file__, path]) for _ in range(os.cpu_count())]
    codes = [worker.wait() for worker in workers]
    if any(codes):
        raise SystemExit(f"workers ended with {codes}")
    done = [trial for trial in open_study(path).trials if trial.value is not None]
    distinct = {tuple(sorted(trial.params.items())) for trial in done}
    print(json.dumps({"trials": len(done), "distinct": len(distinct), "best": max(trial.value for trial in done)}))


optuna.logging.set_verbosity(optuna.logging.WARNING)
if len(sys.argv) > 1:
    open_study(sys.argv[1]).optimize(objective)
else:
    main()
