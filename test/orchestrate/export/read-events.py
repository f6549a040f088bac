"""Opens a log folder with TensorBoard's own EventAccumulator and HParams plugin. Prints what they see, as JSON."""

import json
import os
import sys

from tensorboard import context
from tensorboard.backend.event_processing import data_provider
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups

folder = sys.argv[1]


def value_of(value):
    return getattr(value, value.WhichOneof("kind"))


def curves(run):
    accumulator = EventAccumulator(os.path.join(folder, run))
    accumulator.Reload()
    tags = accumulator.Tags()["scalars"]
    return {tag: [[e.step, e.value, e.wall_time] for e in accumulator.Scalars(tag)] for tag in tags}


multiplexer = EventMultiplexer()
multiplexer.AddRunsFromDirectory(folder)
multiplexer.Reload()
provider = data_provider.MultiplexerDataProvider(multiplexer, folder)
hparams = backend_context.Context(base_plugin.TBContext(data_provider=provider, logdir=folder, multiplexer=multiplexer))
request_context = context.RequestContext()
experiment = get_experiment.Handler(request_context, hparams, "", api_pb2.GetExperimentRequest()).run()
request = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=1000, allowed_statuses=[0, 1, 2, 3])
groups = list_session_groups.Handler(
    request_context=request_context, backend_context=hparams, experiment_id="", request=request
).run()
print(
    json.dumps(
        {
            "runs": {run: curves(run) for run in sorted(os.listdir(folder)) if os.path.isdir(os.path.join(folder, run))},
            "hyperParameters": [
                [info.name, info.display_name, info.type, [value_of(v) for v in info.domain_discrete.values]]
                for info in experiment.hparam_infos
            ],
            "metrics": [info.name.tag for info in experiment.metric_infos],
            "groups": [
                {
                    "name": group.name,
                    "hyperParameters": {key: value_of(value) for key, value in group.hparams.items()},
                    "metrics": {metric.name.tag: metric.value for metric in group.metric_values},
                    "statuses": [session.status for session in group.sessions],
                }
                for group in groups.session_groups
            ],
        }
    )
)
