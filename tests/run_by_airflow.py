"""Parses or runs the DAG as Airflow does, and prints what came of it as JSON; runs where Airflow is installed.

python run_by_airflow.py parse|run [PARAMETERS AS JSON]
"""

import importlib.util
import json
import sys
import time
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

FOLDER = Path(__file__).parents[1] / "functions" / "conductor"


def parsed(bag, dag):
    crawl = dag.get_task("crawl")
    return {
        "errors": bag.import_errors,
        "edges": sorted([task.task_id, below] for task in dag.tasks for below in task.downstream_task_ids),
        "retries": [task.retries for task in dag.tasks],
        "retry_delay_s": crawl.retry_delay.total_seconds(),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "schedule": dag.schedule,
        "earshot_is_here": importlib.util.find_spec("earshot") is not None,
    }


def ran(dag, params):
    for task in dag.tasks:
        task.retries = 0  # failures are what some tests look for, and five minutes are long
    dag.get_task("load").poke_interval = 0.5
    run = dag.test(run_conf=params)
    tasks = {instance.task_id: instance for instance in run.get_task_instances()}
    return {
        "state": str(run.state),
        "tasks": {name: str(instance.state) for name, instance in tasks.items()},
        "classified": tasks["classify"].xcom_pull(task_ids="classify"),
    }


if __name__ == "__main__":
    started = time.monotonic()
    bag = DagBag(str(FOLDER))
    read_s = time.monotonic() - started
    dag = bag.dags["earshot_daily"]
    answer = parsed(bag, dag) if sys.argv[1] == "parse" else ran(dag, json.loads(sys.argv[2]))
    print("\n" + json.dumps(answer | {"read_s": round(read_s, 1), "all_s": round(time.monotonic() - started, 1)}))
