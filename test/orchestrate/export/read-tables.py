"""Reads exported tables with DuckDB. Arguments: folder, format. Prints what the test compares, as JSON."""

import json
import sys

import duckdb

folder, kind = sys.argv[1:3]
reader = {"parquet": "read_parquet", "csv": "read_csv", "json": "read_json"}[kind]


def table(name):
    return f"{reader}('{folder}/{name}.{kind}')"


def rows(query):
    return duckdb.sql(query).fetchall()


print(
    json.dumps(
        {
            "types": {name: kind for name, kind, *_ in rows(f"describe select * from {table('trials')}")},
            "trials": rows(
                f"""select trial, seed, "training.optimizer.learningRate", state, testAccuracy, failureReason,
                epoch_ms(startedAt::timestamp) from {table('trials')}"""
            ),
            "curves": rows(f"select trial, epoch, step, loss, validationLoss, seconds from {table('curves')}"),
            "mistakes": rows(
                f"""select label, predicted, count(*), min(probability) from {table('predictions')}
                where not isRight group by all order by all"""
            ),
            # Of the other formats, a table without rows doesn't say its types.
            "steps": rows(f"select * from {table('steps')}") if kind == "parquet" else [],
        }
    )
)
